import { assertEquals } from "@std/assert/equals";
import fc from "fast-check";
import { hasDoubtfulKeys } from "../../../lib/policy/doubtful_keys.ts";

const doubtful = (text: string): boolean => hasDoubtfulKeys(text, JSON.parse(text));

const CASES: [text: string, doubtful: boolean][] = [
  ['{"a":1,"a":2}', true],
  ['{"a":1,"\\u0061":2}', true],
  ['{"x":[{"b":1},{"c":{"d":0,"d":0}}]}', true],
  ['{"":1,"":2}', true],
  ['{"__proto__":1}', true],
  ['{"a":{"a":1},"b":["a","a"],"c":"a"}', false],
  ['{"a":"{\\"b\\":1,\\"b\\":2}","b\\\\":"}","b":1}', false],
  ['[{"a":1},{"a":1}]', false],
  ['["a","a"]', false],
  ['"a"', false],
];

for (const [text, expected] of CASES) {
  Deno.test(`hasDoubtfulKeys() ${expected ? "doubts" : "trusts"} ${text}`, () => {
    assertEquals(doubtful(text), expected);
  });
}

Deno.test("hasDoubtfulKeys() trusts what was written from a value, and doubts it once a key is repeated", () => {
  const key = fc.string().filter((name) => name !== "__proto__");
  fc.assert(fc.property(fc.dictionary(key, fc.jsonValue(), { minKeys: 1 }), (value) => {
    const text = JSON.stringify(value, null, 1);
    fc.pre(!text.includes("__proto__"));
    assertEquals(doubtful(text), false);
    const [name = ""] = Object.keys(value);
    assertEquals(doubtful(`{${JSON.stringify(name)}:0,${JSON.stringify(value).slice(1)}`), true);
  }));
});

Deno.test("hasDoubtfulKeys() reads a text of many megabytes, which would overflow a pattern's stack", () => {
  const text = JSON.stringify({ a: "\n".repeat(10_000_000), b: 1 });
  assertEquals([doubtful(text), doubtful(`{"b":0,${text.slice(1)}`)], [false, true]);
});
