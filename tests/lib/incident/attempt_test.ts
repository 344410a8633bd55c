import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isTransient, parseRetryAfter, retryDelayS } from "../../../lib/incident/attempt.ts";
import { judgeAnswer } from "../../../lib/incident/send_http.ts";

const RULES = { retries: 5, backoffS: 1, capS: 30 };

Deno.test("the wait is anything up to a bound that doubles and is capped, never less than asked for", () => {
  assertEquals([1, 2, 3, 9].map((tried) => retryDelayS(RULES, tried, undefined, 1)), [1, 2, 4, 30]);
  assertEquals(retryDelayS(RULES, 3, undefined, 0), 0);
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 40 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.option(fc.integer({ min: 0, max: 600 }), { nil: undefined }),
    (tried, random, asked) => {
      const delay = retryDelayS(RULES, tried, asked, random);
      assert(delay >= (asked ?? 0) && delay <= Math.max(30, asked ?? 0));
    },
  ));
});

const NOW = Date.parse("2026-11-26T12:00:00Z");
const AFTER: [text: string, seconds: number | undefined][] = [
  ["2", 2],
  ["0", 0],
  ["Thu, 26 Nov 2026 12:00:30 GMT", 30],
  ["Thu, 26 Nov 2026 11:00:00 GMT", 0],
  ["soon", undefined],
  ["", undefined],
];

for (const [text, seconds] of AFTER) {
  Deno.test(`parseRetryAfter() of "${text}"`, () => {
    assertEquals(parseRetryAfter(text, NOW), seconds);
  });
}

Deno.test("only what may answer otherwise later is tried again", () => {
  const codes = [200, 301, 400, 401, 403, 404, 408, 410, 425, 429, 500, 502, 503, 504];
  assertEquals(codes.filter(isTransient), [408, 425, 429, 500, 502, 503, 504]);
});

const ANSWERS: [
  channel: "webhook" | "slack" | "feishu",
  status: number,
  body: string,
  expected: [ok: boolean, status: string, retryable: boolean],
][] = [
  ["webhook", 204, "", [true, "http_204", false]],
  ["webhook", 302, "", [false, "http_302", false]],
  ["webhook", 429, "", [false, "http_429", true]],
  ["slack", 200, "ok", [true, "http_200", false]],
  ["slack", 200, "invalid_token", [false, "slack_not_ok", false]],
  ["slack", 201, "ok", [false, "slack_not_ok", false]],
  ["feishu", 200, '{"code":0}', [true, "http_200", false]],
  ["feishu", 200, '{"StatusCode":0}', [true, "http_200", false]],
  ["feishu", 200, '{"code":19021}', [false, "feishu_code_19021", false]],
  ["feishu", 200, '{"code":11232}', [false, "feishu_code_11232", true]],
  ["feishu", 200, "null", [false, "feishu_code_unknown", false]],
  ["feishu", 200, "<html>", [false, "feishu_code_unknown", false]],
];

for (const [channel, status, body, expected] of ANSWERS) {
  Deno.test(`judgeAnswer() of ${channel} ${status} ${body}`, () => {
    const answer = judgeAnswer(channel, { status, body, retryAfter: undefined }, NOW);
    assertEquals([answer.ok, answer.status, answer.retryable], expected);
  });
}

Deno.test("judgeAnswer() hands on how long the receiver wants to be left alone", () => {
  const answer = judgeAnswer("webhook", { status: 503, body: "", retryAfter: "7" }, NOW);
  assertEquals(answer.retryAfterS, 7);
});
