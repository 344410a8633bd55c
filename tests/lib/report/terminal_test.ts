import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { type Check, notApplicable } from "../../../lib/report/check.ts";
import {
  duration,
  plain,
  renderReport,
  valueInWords,
  verdict,
} from "../../../lib/report/terminal.ts";
import { sampleReport } from "../../support/sample_report.ts";

// deno-lint-ignore no-control-regex
const STEERS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

const check = (changes: Partial<Check> = {}): Check => ({
  id: "limit_kept",
  ok: false,
  mode: "enforce",
  value: 4,
  expect: "<= 3 s",
  hint: "raise the limit",
  ...changes,
});

/** Text as a hostile repository writes it into its files. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom("\x1b[2J", "\x1b]0;x\x07", "\u202e", "\u2066", "\u061c", "\r", "\n", "\x9b"),
  ),
});

Deno.test("renderReport() lets no text of a governed file steer the terminal", () => {
  const findings = hostile.map((text) => [{
    rule: text,
    level: "error" as const,
    message: text,
    location: { file: text, line: 1 },
    suggestion: text,
  }]);
  fc.assert(fc.property(hostile, hostile, findings, (a, b, findings) => {
    const report = sampleReport([
      check({ id: a, value: b, expect: a, hint: b, location: { file: a, line: 2, column: 3 } }),
      check({ mode: "warn", value: { [a]: b, faults: [a, b] } }),
      notApplicable(a, b, a),
    ], { headline: a, findings, report_path: b });
    for (const line of renderReport(report, { color: false })) assertFalse(STEERS.test(line), line);
  }));
});

Deno.test("renderReport() has no escape byte without colour, and the same words with it", () => {
  const report = sampleReport([check(), check({ id: "other", mode: "warn" })]);
  const bare = renderReport(report, { color: false });
  const colored = renderReport(report, { color: true });
  assertFalse(bare.join("").includes("\x1b"));
  assert(colored.join("").includes("\x1b["));
  // deno-lint-ignore no-control-regex
  assertEquals(colored.map((line) => line.replaceAll(/\x1b\[\d+m/g, "")), bare);
});

Deno.test("renderReport() shows what is enforced before warnings, each with its hint", () => {
  const report = sampleReport([
    check({ id: "warned", mode: "warn" }),
    check({ id: "enforced", location: { file: "a.json", line: 2, column: 5 } }),
    check({ id: "passed", ok: true }),
    notApplicable("skipped", "x", "there is none"),
  ], { report_path: ".data/out/x.json" });
  assertEquals(renderReport(report, { color: false }), [
    "✗ sample_gate failed: a sample  1 of 4 checks, 1.0 s",
    "  ✗ enforced  a.json:2:5  found 4, expected <= 3 s",
    "      hint: raise the limit",
    "  ! warned (warning)  found 4, expected <= 3 s",
    "      hint: raise the limit",
    "  – skipped  not applicable: there is none",
    "  report: .data/out/x.json",
  ]);
});

Deno.test("renderReport() shows twelve findings and counts the rest", () => {
  const finding = (i: number): object => ({
    rule: "r",
    level: "error",
    message: `m${i}`,
    location: { file: "f" },
  });
  const report = sampleReport([check()], {
    findings: Array.from({ length: 13 }, (_, i) => finding(i)),
  });
  const lines = renderReport(report, { color: false });
  assertEquals(lines.filter((line) => line.includes("  f  m")).length, 12);
  assertEquals(lines.at(-1), "    and 1 more, all in the report");
});

Deno.test("verdict() has a word of its own for a run with nothing to judge", () => {
  const none = notApplicable("x", "y", "z");
  assertEquals(verdict(sampleReport([none])), "not applicable");
  assertEquals(verdict(sampleReport([none, check({ ok: true })])), "passed");
  assertEquals(verdict(sampleReport([check({ mode: "warn" })])), "warned");
  assertEquals(verdict(sampleReport([check()])), "failed");
});

Deno.test("plain() makes a control character visible by its number", () => {
  assertEquals(plain("a\x1b[31mb\u202ec\nd"), "a\\u001b[31mb\\u202ec d");
  assertEquals(plain("Grüße, 世界 🎉\t|"), "Grüße, 世界 🎉\t|");
});

Deno.test("valueInWords() is short for any value", () => {
  fc.assert(fc.property(fc.anything({ withBigInt: false }), (value) => {
    assert(valueInWords(value).length <= 160);
  }));
  assertEquals(valueInWords(null), "nothing");
  assertStringIncludes(valueInWords({ a: "b" }), '{"a":"b"}');
});

Deno.test("duration() is in milliseconds below a second", () => {
  assertEquals([duration(0.0414), duration(1), duration(61.25)], ["41 ms", "1.0 s", "61.3 s"]);
});
