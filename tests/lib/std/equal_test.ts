import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { equal } from "@std/assert/equal";
import fc from "fast-check";

class Point {
  constructor(readonly x: number) {}
}

class Celsius {
  #degrees: number;
  constructor(degrees: number) {
    this.#degrees = degrees;
  }
  get degrees(): number {
    return this.#degrees;
  }
}

const bare = (entries: object): object => Object.assign(Object.create(null), entries);
const cycle = (length: number): object => {
  const first: { next?: object } = {};
  let last = first;
  for (let index = 1; index < length; index++) last = last.next = {};
  last.next = first;
  return first;
};
const symbol = Symbol("s");

const BYTES = new Uint8Array([7, 5, 7, 5]);
const view = ({ buffer }: Uint8Array<ArrayBuffer>, offset: number): DataView =>
  new DataView(buffer, offset, 1);

const EQUAL: [string, unknown, unknown][] = [
  ["NaN and NaN", NaN, NaN],
  ["0 and -0", 0, -0],
  ["0 and -0 inside an array", [0], [-0]],
  ["two literals whatever the order of keys", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ["an object without prototype and a literal", bare({ a: 1 }), { a: 1 }],
  ["two undefined values", { a: undefined }, { a: undefined }],
  ["two holes", [, 1], [, 1]],
  ["two symbol keys", { [symbol]: 1 }, { [symbol]: 1 }],
  ["two dates", new Date(5), new Date(5)],
  ["two invalid dates", new Date(NaN), new Date(NaN)],
  ["two patterns", /a/g, /a/g],
  ["two URLs", new URL("file:///a"), new URL("file:///b/../a")],
  ["two sets whatever the order", new Set([1, 2]), new Set([2, 1])],
  ["two sets of objects", new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }])],
  ["two maps whatever the order", new Map([[1, "a"], [2, "b"]]), new Map([[2, "b"], [1, "a"]])],
  ["two maps with object keys", new Map([[{ a: 1 }, [1]]]), new Map([[{ a: 1 }, [1]]])],
  ["two byte arrays", new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  ["two float arrays with NaN", new Float64Array([NaN]), new Float64Array([NaN])],
  ["0 and -0 in a float array", new Float64Array([0]), new Float64Array([-0])],
  ["two buffers", new Uint8Array([1]).buffer, new Uint8Array([1]).buffer],
  ["two views on different parts of a buffer", view(BYTES, 1), view(BYTES, 3)],
  ["two weak references to equal objects", new WeakRef(BYTES), new WeakRef(BYTES.slice())],
  ["two boxed numbers", Object(1), Object(1)],
  ["two instances of a class", new Point(1), new Point(1)],
  ["two instances with a getter", new Celsius(1), new Celsius(1)],
  [
    "two instants",
    Temporal.Instant.from("2026-01-01T00:00Z"),
    new Temporal.Instant(17672256n * 10n ** 11n),
  ],
  ["two plain dates", Temporal.PlainDate.from("2026-01-01"), new Temporal.PlainDate(2026, 1, 1)],
  ["two durations", Temporal.Duration.from("PT1H"), Temporal.Duration.from({ hours: 1 })],
  ["two cycles", cycle(2), cycle(2)],
  ["two cycles of different length that unroll alike", cycle(1), cycle(2)],
  ["a function and itself", Date.now, Date.now],
];

for (const [pair, a, b] of EQUAL) {
  Deno.test(`equal() accepts ${pair}`, () => {
    assert(equal(a, b));
    assert(equal(b, a));
    assert(equal({ deep: [a] }, { deep: [b] }));
  });
}

const DIFFERENT: [string, unknown, unknown][] = [
  ["a number and its text", 1, "1"],
  ["null and undefined", null, undefined],
  ["null and an object", null, {}],
  ["a number and a bigint", 1, 1n],
  ["an undefined value and a missing key", { a: undefined }, {}],
  ["two keys that are both undefined", { a: undefined }, { b: undefined }],
  ["a hole and undefined", [, 1], [undefined, 1]],
  ["arrays of different length", [1], [1, 2]],
  ["arrays that differ in trailing holes", [1], Object.assign([1], { length: 2 })],
  ["an array and an object with its keys", ["a"], { 0: "a" }],
  ["an instance of a class and a literal", new Point(1), { x: 1 }],
  ["two instances of a class", new Point(1), new Point(2)],
  ["two instances that differ behind a getter", new Celsius(1), new Celsius(2)],
  ["two symbol values", { [symbol]: 1 }, { [symbol]: 2 }],
  ["a symbol key and none", { [symbol]: 1 }, {}],
  ["two dates", new Date(5), new Date(6)],
  ["a date and its number", new Date(5), 5],
  ["patterns with different flags", /a/g, /a/],
  ["two URLs", new URL("file:///a"), new URL("file:///a#b")],
  ["two sets", new Set([1]), new Set([2])],
  ["sets of different size", new Set([1]), new Set([1, 2])],
  [
    "a set with one object twice and one with two",
    new Set([{ a: 1 }, { a: 1 }]),
    new Set([{ a: 1 }, { a: 2 }]),
  ],
  ["two map values", new Map([[1, "a"]]), new Map([[1, "b"]])],
  ["an undefined map value and another key", new Map([[1, undefined]]), new Map([[2, undefined]])],
  ["a map and a set", new Map(), new Set()],
  ["two byte arrays", new Uint8Array([1]), new Uint8Array([2])],
  ["byte arrays of different type", new Uint8Array([1]), new Int8Array([1])],
  ["two buffers", new Uint8Array([1]).buffer, new Uint8Array([2]).buffer],
  ["byte arrays of different length", new Uint8Array([1]), new Uint8Array([1, 2])],
  ["two views on different parts of a buffer", view(BYTES, 0), view(BYTES, 1)],
  ["maps of different size", new Map([[1, 1]]), new Map([[1, 1], [2, 2]])],
  ["two map keys that are objects", new Map([[{ a: 1 }, 1]]), new Map([[{ a: 2 }, 1]])],
  ["two boxed numbers", Object(1), Object(2)],
  ["a boxed number and a number", Object(1), 1],
  ["two errors made in different places", new Error("same"), new Error("same")],
  [
    "two instants",
    Temporal.Instant.from("2026-01-01T00:00Z"),
    Temporal.Instant.from("2026-01-02T00:00Z"),
  ],
  ["two plain dates", Temporal.PlainDate.from("2026-01-01"), Temporal.PlainDate.from("2026-01-02")],
  ["two durations", Temporal.Duration.from("PT1H"), Temporal.Duration.from("PT2H")],
  [
    "one moment in two zones",
    Temporal.ZonedDateTime.from("2026-01-01T00:00Z[UTC]"),
    Temporal.ZonedDateTime.from("2026-01-01T01:00+01:00[Europe/Madrid]"),
  ],
  ["two functions of the same text", () => 1, () => 1],
];

for (const [pair, a, b] of DIFFERENT) {
  Deno.test(`equal() tells apart ${pair}`, () => {
    assertFalse(equal(a, b));
    assertFalse(equal(b, a));
    assertFalse(equal({ deep: [a] }, { deep: [b] }));
  });
}

Deno.test("equal() finds an error equal to itself", () => {
  const error = new Error("same");
  assert(equal([error], [error]));
});

Deno.test("equal() forgets a pair that did not match while it paired up a set", () => {
  const [one, two] = [{ n: 1 }, { n: 2 }];
  const [otherOne, otherTwo] = [{ n: 1 }, { n: 2 }];
  const left = { set: new Set([one, two]), item: one };
  assert(equal(left, { set: new Set([otherTwo, otherOne]), item: otherOne }));
  assertFalse(equal(left, { set: new Set([otherTwo, otherOne]), item: otherTwo }));
});

Deno.test("equal() refuses to compare weak collections", () => {
  assertThrows(() => equal(new WeakMap(), new WeakMap()), TypeError);
  assertThrows(() => equal(new WeakSet(), new WeakSet()), TypeError);
});

Deno.test("equal() accepts every value's structured clone", () => {
  fc.assert(fc.property(fc.anything({ withMap: true, withSet: true, withDate: true }), (value) => {
    assertEquals(structuredClone(value), value);
  }));
});

Deno.test("equal() on JSON values agrees with their text, key order aside", () => {
  const small = fc.jsonValue({ maxDepth: 2, noUnicodeString: true }).map((value) =>
    JSON.stringify(value)
  );
  fc.assert(fc.property(small, small, (a, b) => {
    const sorted = (text: string): string =>
      Deno.inspect(JSON.parse(text), { sorted: true, depth: 9 });
    const same = equal(JSON.parse(a), JSON.parse(b));
    assertEquals(same, sorted(a) === sorted(b));
  }));
});
