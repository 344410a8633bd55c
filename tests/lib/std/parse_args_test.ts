import { assertEquals, assertThrows } from "@std/assert";
import { type Args, parseArgs, type ParseOptions } from "@std/cli/parse-args";
import fc from "fast-check";

function check(line: string, options: ParseOptions, expected: Record<string, unknown>): void {
  assertEquals<unknown>(parseArgs(line.split(" ").filter(Boolean), options), expected, line);
}

Deno.test("parseArgs() reads long and short flags in every spelling", () => {
  check("--a 1 --b=two -c 3 -d4 -e=five -f", {}, {
    a: 1,
    b: "two",
    c: 3,
    d: 4,
    e: "five",
    f: true,
    _: [],
  });
  check("-x -", {}, { x: "-", _: [] });
  check("-xyz", {}, { x: true, y: true, z: true, _: [] });
  check("-xy value", {}, { x: true, y: "value", _: [] });
  check("-I/usr/lib", {}, { I: "/usr/lib", _: [] });
  check("-ab-", {}, { a: true, b: "-", _: [] });
  check("--a=b=c --d=", {}, { a: "b=c", d: "", _: [] });
});

Deno.test("parseArgs() turns a positional number into a number unless _ is a string", () => {
  check("7 007 1e3 0x1F a7 -", {}, { _: [7, 7, 1000, 31, "a7", "-"] });
  check("7 007", { string: ["_"] }, { _: ["7", "007"] });
});

Deno.test("parseArgs() keeps the value of a string flag as text", () => {
  check("--a 007 --b 007", { string: ["a"] }, { a: "007", b: 7, _: [] });
});

Deno.test("parseArgs() gives an empty text to a string flag without a value", () => {
  check("--a", { string: "a" }, { a: "", _: [] });
  check("--a --b", { string: "a" }, { a: "", b: true, _: [] });
  check("-a", { string: "a" }, { a: "", _: [] });
});

Deno.test("parseArgs() gives false to a boolean that was not given", () => {
  check("", { boolean: ["a", "b"], default: { b: true } }, { a: false, b: true, _: [] });
});

Deno.test("parseArgs() leaves a string that was not given out", () => {
  check("", { string: ["a"] }, { _: [] });
});

Deno.test("parseArgs() reads any value of a boolean but false as true", () => {
  check("--strict=maybe", { boolean: ["strict"] }, { strict: true, _: [] });
  check("--strict=false", { boolean: ["strict"] }, { strict: false, _: [] });
  check("--strict false x", { boolean: ["strict"] }, { strict: false, _: ["x"] });
  check("--strict x", { boolean: ["strict"] }, { strict: true, _: ["x"] });
});

Deno.test("parseArgs() reads every long flag without = as a boolean when boolean is true", () => {
  check("--a b --c=d", { boolean: true }, { a: true, c: "d", _: ["b"] });
});

Deno.test("parseArgs() negates only flags declared negatable", () => {
  check("--no-a --no-b", { boolean: ["a"], negatable: ["a"] }, { a: false, "no-b": true, _: [] });
  check("--no-a", { boolean: ["a"], negatable: ["a"], default: { a: true } }, { a: false, _: [] });
});

Deno.test("parseArgs() lets the last of repeated flags win unless collected", () => {
  check("--a 1 --a 2 --b x --b y", { collect: ["b"] }, { a: 2, b: ["x", "y"], _: [] });
  check("", { string: ["a"], boolean: ["b"], collect: ["a", "b"] }, { a: [], b: [], _: [] });
  check("--a 1", { string: ["a"], collect: ["a"] }, { a: ["1"], _: [] });
});

Deno.test("parseArgs() fills in defaults, for aliases too, without reading numbers", () => {
  const options: ParseOptions = { string: ["a"], alias: { a: "x" }, default: { a: "1", c: null } };
  check("", options, { a: "1", x: "1", c: null, _: [] });
  check("-x 2", options, { a: "2", x: "2", c: null, _: [] });
});

Deno.test("parseArgs() gives a flag and its aliases the same kind and value", () => {
  const options: ParseOptions = { boolean: ["help"], alias: { help: ["h", "?"] } };
  check("-h file", options, { help: true, h: true, "?": true, _: ["file"] });
  check("--n 007", { string: ["number"], alias: { n: "number" } }, {
    n: "007",
    number: "007",
    _: [],
  });
});

Deno.test("parseArgs() nests dotted names", () => {
  check("--a.b 1 --a.c.d=x", {}, { a: { b: 1, c: { d: "x" } }, _: [] });
  check("", { boolean: ["a.b"] }, { a: { b: false }, _: [] });
});

Deno.test("parseArgs() refuses a flag that is both a value and a parent", () => {
  assertThrows(() => parseArgs(["--a=1", "--a.b=2"]), TypeError);
});

Deno.test("parseArgs() reaches no prototype through a dotted name", () => {
  parseArgs(["--__proto__.x", "1", "--constructor.prototype.x", "1"]);
  assertEquals(Reflect.get({}, "x"), undefined);
});

Deno.test("parseArgs() puts what follows -- into _ or, if asked, into its own list", () => {
  check("a --b -- --c 7", { boolean: ["b"] }, { b: true, _: ["a", "--c", "7"] });
  check("a -- --c 7", { "--": true }, { _: ["a"], "--": ["--c", "7"] });
  check("a", { "--": true }, { _: ["a"], "--": [] });
});

Deno.test("parseArgs() stops at the first positional argument when told to", () => {
  check("--a 1 run --b 2", { stopEarly: true }, { a: 1, _: ["run", "--b", "2"] });
});

Deno.test("parseArgs() drops arguments for which unknown returns false, silently", () => {
  const seen: unknown[][] = [];
  const options: ParseOptions = {
    boolean: ["known"],
    string: ["text"],
    alias: { other: "o" },
    unknown: (...args) => {
      seen.push(args);
      return false;
    },
  };
  check("--known --text t -o 1 --bad 5 file", options, {
    known: true,
    text: "t",
    o: 1,
    other: 1,
    _: [],
  });
  assertEquals(seen, [["--bad", "bad", "5"], ["file"]]);
});

Deno.test("parseArgs() keeps arguments for which unknown returns anything else", () => {
  check("--bad 5 file", { unknown: () => undefined }, { bad: 5, _: ["file"] });
});

Deno.test("parseArgs() does not change its arguments", () => {
  const args = ["--a", "1", "--", "b"];
  parseArgs(args, { string: ["a"] });
  assertEquals(args, ["--a", "1", "--", "b"]);
});

Deno.test("parseArgs() returns any declared text unchanged when it is written with =", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assertEquals(parseArgs([`--a=${text}`], { string: ["a"] }), { a: text, _: [] });
  }));
});

Deno.test("parseArgs() types flags that are declared literally, and no others", () => {
  const parsed = parseArgs(["--quick", "--name", "a"], {
    boolean: ["quick"],
    string: ["name", "tag"],
    collect: ["tag"],
  });
  const quick: boolean = parsed.quick;
  const name: string | undefined = parsed.name;
  const tag: string[] = parsed.tag;
  assertEquals([quick, name, tag], [true, "a", []]);
  // @ts-expect-error a flag that was not declared cannot be read
  assertEquals(parsed.other, undefined);
});

Deno.test("parseArgs() accepts names that are known only at run time", () => {
  const names: string[] = ["a"];
  const parsed: Args = parseArgs(["--a", "7", "b"], { string: [...names, "_"], collect: names });
  assertEquals<unknown>(parsed.a, ["7"]);
  assertEquals(parsed._, ["b"]);
});
