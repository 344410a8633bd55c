import { assertEquals } from "@std/assert";
import { asPointer, lossyNumbers, pointersOf } from "../../../lib/compat/document.ts";

Deno.test("lossyNumbers() finds integers and magnitudes that a double cannot hold", () => {
  assertEquals(
    lossyNumbers('{"id":9007199254740993,"big":1e400,"deep":[{"n":-9007199254740993}]}'),
    ["9007199254740993", "1e400", "-9007199254740993"],
  );
});

Deno.test("lossyNumbers() lets exact integers, fractions and text pass", () => {
  assertEquals(
    lossyNumbers('{"a":9007199254740992,"b":0.1,"c":"9007199254740993","d":-0,"e":1e3}'),
    [],
  );
});

Deno.test("pointersOf() names every member and item, escaped", () => {
  assertEquals(pointersOf({ a: [{ "x/y": 1 }], "~": null }), ["/a", "/a/0", "/a/0/x~1y", "/~0"]);
});

Deno.test("asPointer() takes keys and pointers", () => {
  assertEquals([asPointer("a~b"), asPointer("/a/b")], ["/a~0b", "/a/b"]);
});
