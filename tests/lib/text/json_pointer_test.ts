import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { brief, keysOf, pointerOf, valueAt } from "../../../lib/text/json_pointer.ts";

// The example document and all pointers of RFC 6901, section 5.
const EXAMPLE = {
  "foo": ["bar", "baz"],
  "": 0,
  "a/b": 1,
  "c%d": 2,
  "e^f": 3,
  "g|h": 4,
  "i\\j": 5,
  'k"l': 6,
  " ": 7,
  "m~n": 8,
};
const RFC_6901: [pointer: string, value: unknown][] = [
  ["", EXAMPLE],
  ["/foo", ["bar", "baz"]],
  ["/foo/0", "bar"],
  ["/", 0],
  ["/a~1b", 1],
  ["/c%d", 2],
  ["/e^f", 3],
  ["/g|h", 4],
  ["/i\\j", 5],
  ['/k"l', 6],
  ["/ ", 7],
  ["/m~0n", 8],
];

for (const [pointer, value] of RFC_6901) {
  Deno.test(`valueAt() finds what RFC 6901 says is at "${pointer}"`, () => {
    assertEquals(valueAt(EXAMPLE, pointer), value);
  });
}

Deno.test("valueAt() finds nothing that an object merely inherits", () => {
  assertEquals(valueAt({}, "/constructor"), undefined);
  assertEquals(valueAt({}, "/__proto__/toString"), undefined);
  assertEquals(valueAt("text", "/length"), undefined);
  assertEquals(valueAt(null, "/a"), undefined);
});

Deno.test("pointerOf() and keysOf() undo each other for any keys", () => {
  fc.assert(fc.property(fc.array(fc.string()), (keys) => {
    assertEquals(keysOf(pointerOf(keys)), keys);
  }));
});

Deno.test("brief() is at most 60 characters, whatever it is given", () => {
  fc.assert(fc.property(fc.anything(), (value) => brief(value).length <= 60));
  assertEquals(brief(undefined), "missing");
  assertEquals(brief("x".repeat(100)).length, 60);
});
