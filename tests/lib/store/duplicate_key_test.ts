import { assertEquals } from "@std/assert/equals";
import fc from "fast-check";
import { duplicateKey } from "../../../lib/store/duplicate_key.ts";

const CASES: [text: string, key: string | undefined][] = [
  ['{"a":1,"a":2}', "a"],
  ['{"a":1,"\\u0061":2}', "a"],
  ['{"x":[{"b":1},{"c":{"d":0,"d":0}}]}', "d"],
  ['{"":1,"":2}', ""],
  ['{"__proto__":1,"__proto__":1}', "__proto__"],
  ['{"a":{"a":1},"b":["a","a"],"c":"a"}', undefined],
  ['{"a":"{\\"b\\":1,\\"b\\":2}","b\\\\":"}","b":1}', undefined],
  ['[{"a":1},{"a":1}]', undefined],
  ['["a","a"]', undefined],
  ['"a"', undefined],
];

for (const [text, key] of CASES) {
  Deno.test(`duplicateKey() finds ${JSON.stringify(key) ?? "none"} in ${text}`, () => {
    assertEquals(duplicateKey(text), key);
  });
}

Deno.test("duplicateKey() finds none in what was written from a value, and one once it is repeated", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
    const text = JSON.stringify(value, null, 1);
    assertEquals(duplicateKey(text), undefined);
    const [key = ""] = Object.keys(value);
    assertEquals(duplicateKey(`{${JSON.stringify(key)}:0,${JSON.stringify(value).slice(1)}`), key);
  }));
});
