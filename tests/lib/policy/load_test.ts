import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { z } from "zod";
import type { Fault } from "../../../lib/policy/fault.ts";
import { describeFault, type Loaded, loadJson } from "../../../lib/policy/load.ts";
import { sha256Hex } from "../../../lib/store/digest.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const Stage = z.strictObject({ percent: z.int().min(1).max(100), hold_s: z.number().min(0) });
const Policy = z.strictObject({
  version: z.literal(1),
  max_age_s: z.int().positive().optional(),
  stages: z.array(Stage).optional(),
  limits: z.record(z.string().regex(/^[a-z_]+$/), Stage).optional(),
  target: z.union([
    z.strictObject({ kind: z.literal("file"), path: z.string() }),
    z.strictObject({ kind: z.literal("url"), url: z.string(), timeout_s: z.number() }),
  ]).optional(),
  owner: z.union([z.string(), z.array(z.string())]).optional(),
}).refine(({ max_age_s = 1, stages = [] }) => stages.length <= max_age_s, {
  path: ["stages"],
  error: "must not be more than max_age_s",
});

async function load(content: string | Uint8Array): Promise<Loaded<unknown>> {
  using folder = new TempFolder();
  const path = folder.file("policy.json");
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else await Deno.writeFile(path, content);
  return await loadJson<unknown>(path, Policy, { shown: "security/policy.json" });
}

async function faults(content: string): Promise<string[]> {
  const loaded = await load(content);
  assert(loaded.state !== "ok");
  return loaded.faults.map((fault) => `${loaded.state}: ${describeFault("p", fault)}`);
}

const FAULTS: [what: string, content: string, expected: string[]][] = [
  ["an empty file", "", ["malformed: p:1:1 is not JSON: the text ends too early"]],
  ["a text cut off", '{\n"version": [', ["malformed: p:2:13 is not JSON: the text ends too early"]],
  ["a missing colon", '{\n"a" 1}', [
    "malformed: p:2:5 is not JSON: Expected ':' after property name",
  ]],
  ["a word that is none", '{"a":\n nul}', [
    "malformed: p:2:2 is not JSON: Unexpected identifier 'nul' found",
  ]],
  [
    "a comma too many",
    '{\n  "version": 1,\n}',
    ["malformed: p:3:1 is not JSON: Expected double-quoted property name"],
  ],
  ["a list instead of an object", "[]", ["wrong_type: p:1:1 is [], expected object"]],
  ["null", "null", ["wrong_type: p:1:1 is null, expected object"]],
  ["a missing key", "\n {}", ["wrong_type: p:2:2 /version is missing, expected 1"]],
  [
    "a number out of range, in an element",
    '{"version": 1, "max_age_s": 9,\n "stages": [\n  {"percent": 5, "hold_s": 0},\n  {"percent": 101, "hold_s": 0}]}',
    ["wrong_type: p:4:4 /stages/1/percent is 101, expected number to be <=100"],
  ],
  [
    "two faults at once",
    '{"version": 2,\n"max_age_s": "1"}',
    [
      "wrong_type: p:1:2 /version is 2, expected 1",
      'wrong_type: p:2:1 /max_age_s is "1", expected number',
    ],
  ],
  [
    "a mistyped key",
    '{"version": 1,\n  "max_agee_s": 4}',
    ['wrong_type: p:2:3 /max_agee_s "max_agee_s" is not a known key (did you mean "max_age_s"?)'],
  ],
  [
    "a mistyped key within an element",
    '{"version": 1, "max_age_s": 9, "stages": [\n{"percent": 5, "hold_s": 0, "holds": 1}]}',
    ['wrong_type: p:2:29 /stages/0/holds "holds" is not a known key (did you mean "hold_s"?)'],
  ],
  [
    "a key nobody could have meant",
    '{"version": 1, "zzzzzzzz": 1}',
    ['wrong_type: p:1:16 /zzzzzzzz "zzzzzzzz" is not a known key'],
  ],
  [
    "a value of a record",
    '{"version": 1, "limits": {"a": {"percent": 0, "hold_s": 1}}}',
    ["wrong_type: p:1:33 /limits/a/percent is 0, expected number to be >=1"],
  ],
  [
    "a mistyped key in a record",
    '{"version": 1, "limits": {"a": {"percent": 1, "hold_s": 1, "hold": 1}}}',
    ['wrong_type: p:1:60 /limits/a/hold "hold" is not a known key (did you mean "hold_s"?)'],
  ],
  [
    "a key of a record that breaks its pattern",
    '{"version": 1, "limits": {"A/~": {"percent": 1, "hold_s": 1}}}',
    [
      'wrong_type: p:1:27 /limits/A~1~0 is {"percent":1,"hold_s":1}, its key: must match pattern /^[a-z_]+$/',
    ],
  ],
  [
    "the branch of a union it comes nearest to",
    '{"version": 1, "target": {"kind": "url", "url": "x", "timeout_s": "4"}}',
    ['wrong_type: p:1:54 /target/timeout_s is "4", expected number'],
  ],
  [
    "none of the types of a union",
    '{"version": 1, "owner": 4}',
    ["wrong_type: p:1:16 /owner is 4, expected string or expected array"],
  ],
  [
    "what a refinement of the whole says",
    '{"version": 1,\n "max_age_s": 1,\n "stages": [{"percent": 1, "hold_s": 0}, {"percent": 2, "hold_s": 0}]}',
    [
      'wrong_type: p:3:2 /stages is [{"percent":1,"hold_s":0},{"percent":2,"hold_s":0}], must not be more than max_age_s',
    ],
  ],
  [
    "a key that is written twice, once",
    '{"version": 1, "stages": [{"percent": 1, "hold_s": 0}],\n "stages": [{"percent": 2, "hold_s": 0}]}',
    ['malformed: p:2:2 /stages "stages" is written twice'],
  ],
  [
    "a key that is written twice with another spelling",
    '{"version": 1, "\\u0076ersion": 1}',
    ['malformed: p:1:16 /version "version" is written twice'],
  ],
  [
    "a __proto__ key anywhere",
    '{"version": 1, "limits": {"__proto__": {"percent": 1, "hold_s": 0}}}',
    ['malformed: p:1:27 /limits/__proto__ "__proto__" must not be a key'],
  ],
];

for (const [what, content, expected] of FAULTS) {
  Deno.test(`loadJson() places ${what}`, async () => {
    assertEquals(await faults(content), expected);
  });
}

Deno.test("loadJson() takes a text with quotes, colons and backslashes for what it is", async () => {
  const owner = '"a": \\ "b" :\\\\';
  const loaded = await load(JSON.stringify({ version: 1, owner }));
  assert(loaded.state === "ok");
  assertEquals(loaded.value, { version: 1, owner });
});

Deno.test("loadJson() takes a byte-order mark off, says so, and hashes the file as it is", async () => {
  const loaded = await load('\uFEFF{"version":1}');
  assert(loaded.state === "ok");
  assert(loaded.bom);
  assertEquals(loaded.sha256, await sha256Hex('\uFEFF{"version":1}'));
});

Deno.test("loadJson() tells missing from unreadable and not UTF-8", async () => {
  using folder = new TempFolder();
  const states = [
    (await loadJson(folder.file("none"), Policy)).state,
    (await loadJson(folder.path, Policy)).state,
    (await load(Uint8Array.of(0x7b, 0xff, 0x7d))).state,
    (await loadJson(folder.path, Policy, { limit: 1 })).state,
  ];
  assertEquals(states, ["missing", "unreadable", "malformed", "unreadable"]);
});

const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const many = (item: (i: number) => string, count: number): string =>
  Array.from({ length: count }, (_, i) => item(i)).join();

const HOSTILE: [what: string, content: () => string, state: string][] = [
  ["a value nested 100 000 deep", () => `{"version":1,"owner":${deep(100_000)}}`, "wrong_type"],
  ["an unknown key nested 100 000 deep", () => `{"version":1,"x":${deep(100_000)}}`, "wrong_type"],
  ["brackets that never close", () => "[".repeat(100_000), "malformed"],
  ["a text of 10 MB", () => `{"version":1,"owner":"${"x".repeat(10 << 20)}"}`, "ok"],
  ["a text of 5 million escapes", () => `{"version":1,"owner":"${"\\n".repeat(5_000_000)}"}`, "ok"],
  ["a key of 10 MB", () => `{"version":1,"${"k".repeat(10 << 20)}":1}`, "wrong_type"],
  [
    "a record's key of 10 MB",
    () => `{"version":1,"limits":{"${"k_".repeat(5 << 20)}":{"percent":1,"hold_s":0}}}`,
    "ok",
  ],
  ["50 000 unknown keys", () => `{"version":1,${many((i) => `"k${i}":1`, 50_000)}}`, "wrong_type"],
  [
    "50 000 wrong elements",
    () => `{"version":1,"stages":[${many(() => "1", 50_000)}]}`,
    "wrong_type",
  ],
  ["a key written 50 000 times", () => `{"version":1,${many(() => '"a":1', 50_000)}}`, "malformed"],
  ["10 MB of spaces", () => `{"version"${" ".repeat(10 << 20)}:1}`, "ok"],
];

for (const [what, content, state] of HOSTILE) {
  Deno.test(`loadJson() answers ${what} with ${state}, and not more than it can show`, async () => {
    const loaded = await load(content());
    assertEquals(loaded.state, state);
    if (loaded.state === "ok") return;
    assert(loaded.faults.length >= 1 && loaded.faults.length <= 100);
    for (const fault of loaded.faults) assert(describeFault("p", fault).length < 500);
  });
}

Deno.test("loadJson() takes a file back exactly as JSON.stringify wrote it", async () => {
  using folder = new TempFolder();
  const any = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__"));
  await fc.assert(
    fc.asyncProperty(any, fc.constantFrom(0, 2), async (value, indent) => {
      await Deno.writeTextFile(folder.file("x"), JSON.stringify(value, null, indent));
      const loaded = await loadJson(folder.file("x"), z.unknown());
      assert(loaded.state === "ok");
      assertEquals(loaded.value, JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 50 },
  );
});

Deno.test("loadJson() finds a key written twice wherever it stands", async () => {
  using folder = new TempFolder();
  const key = fc.string().filter((key) => key !== "__proto__");
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), key, async (value, key) => {
      const twice = `{${JSON.stringify(key)}: 1, "other key": 2, ${JSON.stringify(key)}: 1}`;
      const text = JSON.stringify([value, "mark"]).replace('"mark"', () => twice);
      await Deno.writeTextFile(folder.file("x"), text);
      const loaded = await loadJson(folder.file("x"), z.unknown());
      assertEquals(loaded.state, "malformed");
    }),
    { numRuns: 50 },
  );
});

Deno.test("describeFault() reads as file, place, pointer, fault and suggestion", () => {
  const fault: Fault = { pointer: "/a", line: 3, column: 7, message: "is -5", suggestion: "try 5" };
  assertEquals(describeFault("x.json", fault), "x.json:3:7 /a is -5 (try 5)");
  assertEquals(
    describeFault("x.json", { pointer: "", message: "no such file" }),
    "x.json no such file",
  );
  assertStringIncludes(
    describeFault("x", { pointer: `/${"k".repeat(1_000)}`, message: "m" }),
    "...",
  );
  assertMatch(describeFault("x", { pointer: "/k", line: 2, message: "m" }), /^x:2:1 /);
});
