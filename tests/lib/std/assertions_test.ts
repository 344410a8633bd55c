import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertObjectMatch,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
  unreachable,
} from "@std/assert";

/** Message of the assertion that `run` fails with, without colour. */
function messageOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AssertionError) return plain(error.message);
    throw error;
  }
  throw new Error("The assertion holds");
}

function plain(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}

Deno.test("AssertionError carries its name and cause", () => {
  const cause = new Error("inner");
  const error = new AssertionError("outer", { cause });
  assertEquals([error.name, error.message], ["AssertionError", "outer"]);
  assertStrictEquals(error.cause, cause);
});

Deno.test("assert() and assertFalse() fail with the caller's message", () => {
  assert(1);
  assertFalse("");
  assertEquals(messageOf(() => assert(0, "zero")), "zero");
  assertEquals(messageOf(() => assert("")), "");
  assertEquals(messageOf(() => assertFalse(1, "one")), "one");
});

Deno.test("assertEquals() shows both values line by line", () => {
  const message = messageOf(() => assertEquals<unknown>({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }));
  assertStringIncludes(message, "Values are not equal.\n");
  assertStringIncludes(message, "[Diff] Actual / Expected\n");
  assertMatch(message, /^ {6}a: 1,$/m);
  assertMatch(message, /^- {3} +2,\n\+ {3} +3,$/m);
});

Deno.test("assertEquals() shows a single changed line of a long text", () => {
  const message = messageOf(() => assertEquals("one\ntwo\nthree", "one\n2\nthree"));
  assertEquals(message.split("\n").filter((line) => /^[-+]/.test(line)).length, 2);
  assertMatch(message, /^- {3}two/m);
  assertMatch(message, /^\+ {3}2/m);
});

Deno.test("assertEquals() shows no more changed lines than necessary", () => {
  const changed = (actual: string, expected: string): string =>
    messageOf(() => assertEquals(actual.split(""), expected.split("")))
      .split("\n").filter((line) => /^[-+]/.test(line)).map((line) => line.replace(/[^-+a-z]/g, ""))
      .join(" ");
  assertEquals(changed("abcd", "bcde"), "-a +e");
  assertEquals(changed("abcxyz", "abcqxyz"), "+q");
  assertEquals(changed("axbyc", "xpyq"), "-a -b +p -c +q");
});

Deno.test("assertEquals() makes white space and empty text visible", () => {
  assertStringIncludes(messageOf(() => assertEquals("a\tb", "")), '-   a\\tb\n+   ""\n');
});

Deno.test("assertEquals() puts the caller's message first", () => {
  assertMatch(messageOf(() => assertEquals(1, 2, "why")), /^Values are not equal: why\n/);
});

Deno.test("assertEquals() copes with values of ten thousand lines", () => {
  const actual = Array.from({ length: 10_000 }, (_, index) => index);
  const expected = actual.map((item) => item + 0.5);
  assertMatch(messageOf(() => assertEquals(actual, expected)), /^- {3} +9999,$/m);
});

Deno.test("assertNotEquals() fails for equal structures", () => {
  assertNotEquals([1], [2]);
  assertEquals(
    messageOf(() => assertNotEquals("a", "a", "why")),
    'Expected actual: "a" not to be: "a": why',
  );
});

Deno.test("assertStrictEquals() tells a lookalike from a difference", () => {
  assertStrictEquals(NaN, NaN);
  assertMatch(messageOf(() => assertStrictEquals(1, 2)), /^Values are not strictly equal\.\n/);
  assertMatch(messageOf(() => assertStrictEquals(0, -0)), /^Values are not strictly equal\.\n/);
  assertMatch(
    messageOf(() => assertStrictEquals({ a: 1 }, { a: 1 })),
    /^Values have the same structure but are not reference-equal\.\n\n {4}\{/,
  );
});

Deno.test("assertExists() accepts every value but null and undefined", () => {
  for (const value of [0, "", false, NaN]) assertExists(value);
  assertEquals(
    messageOf(() => assertExists(null)),
    'Expected actual: "null" to not be null or undefined.',
  );
  assertEquals(
    messageOf(() => assertExists(undefined, "why")),
    'Expected actual: "undefined" to not be null or undefined: why',
  );
});

Deno.test("assertStringIncludes(), assertMatch() and assertNotMatch() quote the text", () => {
  assertStringIncludes("abc", "b");
  assertMatch("abc", /b/);
  assertNotMatch("abc", /d/);
  assertEquals(
    messageOf(() => assertStringIncludes("abc", "d")),
    'Expected actual: "abc" to contain: "d".',
  );
  assertEquals(
    messageOf(() => assertMatch("abc", /d/, "why")),
    'Expected actual: "abc" to match: "/d/": why',
  );
  assertEquals(
    messageOf(() => assertNotMatch("abc", /b/)),
    'Expected actual: "abc" to not match: "/b/".',
  );
});

Deno.test("assertArrayIncludes() compares items deeply and lists the missing ones", () => {
  assertArrayIncludes([{ a: 1 }, { a: 2 }], [{ a: 2 }]);
  assertArrayIncludes(new Uint8Array([1, 2]), [2]);
  const message = messageOf(() => assertArrayIncludes([1, 2], [2, 3]));
  assertMatch(message, /^Expected actual: "\[\n {2}1,\n {2}2,\n\]" to include: /);
  assertMatch(message, /\nmissing: \[\n {2}3,\n\]$/);
});

Deno.test("assertObjectMatch() ignores what the expected value does not mention", () => {
  assertObjectMatch({ a: 1, b: { c: 2, d: [1, 2] } }, { b: { c: 2 } });
  assertObjectMatch({ a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] });
  assertObjectMatch({ at: new Date(5), re: /a/ }, { at: new Date(5), re: /a/ });
  assertObjectMatch(new Error("text"), { message: "text" });
});

Deno.test("assertObjectMatch() fails for a missing, different or undefined property", () => {
  const failing: [Record<string, unknown>, Record<string, unknown>][] = [
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{}, { a: undefined }],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [{ a: [1] }, { a: [1, 2] }],
    [{ a: { 0: 1 } }, { a: [1] }],
    [{ a: null }, { a: {} }],
    [{ a: new Map([[1, 2]]) }, { a: new Map([[1, 3]]) }],
  ];
  for (const [actual, expected] of failing) {
    assertThrows(() => assertObjectMatch(actual, expected), AssertionError, "Values are not equal");
  }
});

Deno.test("assertObjectMatch() survives cycles", () => {
  const actual: Record<string, unknown> = { a: 1, b: 2 };
  const expected: Record<string, unknown> = { a: 1 };
  actual.self = actual;
  expected.self = expected;
  assertObjectMatch(actual, expected);
  expected.a = 2;
  assertThrows(() => assertObjectMatch(actual, expected), AssertionError);
});

Deno.test("assertInstanceOf() names the class that was found", () => {
  assertInstanceOf(new RangeError(), Error);
  const cases: [unknown, string][] = [
    [5, 'Expected object to be an instance of "Date" but was "number".'],
    [null, 'Expected object to be an instance of "Date" but was "null".'],
    [/a/, 'Expected object to be an instance of "Date" but was "RegExp".'],
    [{}, 'Expected object to be an instance of "Date" but was "Object".'],
    [Object.create(null), 'Expected object to be an instance of "Date" but was "Object".'],
    [{ constructor: Date }, 'Expected object to be an instance of "Date".'],
    [Date, 'Expected object to be an instance of "Date" but was not an instanced object.'],
  ];
  for (const [value, message] of cases) {
    assertEquals(messageOf(() => assertInstanceOf(value, Date)), message);
  }
});

Deno.test("assertAlmostEquals() allows 1e-7 of the expected value by default", () => {
  assertAlmostEquals(0.1 + 0.2, 0.3);
  assertAlmostEquals(10_000_000.9, 10_000_000);
  assertAlmostEquals(NaN, NaN);
  assertAlmostEquals(Infinity, Infinity);
  assertAlmostEquals(1, 1.5, 0.5);
  assertThrows(() => assertAlmostEquals(10_000_001.1, 10_000_000), AssertionError);
  assertThrows(() => assertAlmostEquals(1, NaN), AssertionError);
  assertEquals(
    messageOf(() => assertAlmostEquals(1, 3, 1)),
    'Expected actual: "1" to be close to "3": delta "2" is greater than "1".',
  );
});

Deno.test("assertGreater(), assertLess() and their kin respect equality", () => {
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess(1, 2);
  assertLessOrEqual(2, 2);
  assertEquals(messageOf(() => assertGreater(1, 1)), "Expect 1 > 1");
  assertEquals(messageOf(() => assertGreaterOrEqual(1, 2)), "Expect 1 >= 2");
  assertEquals(messageOf(() => assertLess(1, 1)), "Expect 1 < 1");
  assertEquals(messageOf(() => assertLessOrEqual(2, 1, "why")), "why");
  assertThrows(() => assertGreater(NaN, 1), AssertionError);
});

Deno.test("fail() and unreachable() always throw", () => {
  assertEquals(messageOf(() => fail()), "Failed assertion.");
  assertEquals(messageOf(() => fail("why")), "Failed assertion: why");
  assertEquals(messageOf(() => unreachable()), "Unreachable.");
  assertEquals(messageOf(() => unreachable("why")), "Unreachable: why");
});
