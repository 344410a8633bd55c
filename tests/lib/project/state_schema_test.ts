import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  readStateSchema,
  stateSchemaIn,
  type StateSchemaSource,
} from "../../../lib/project/state_schema.ts";
import { TempRepository } from "../../support/temp_repository.ts";

const PATTERN = 'STATE_SCHEMA\\s*=\\s*"(.+?)"';

const CASES: [
  what: string,
  source: Partial<StateSchemaSource>,
  text: string,
  expected: string,
][] = [
  ["a constant", { pattern: PATTERN }, 'export const STATE_SCHEMA = "5.2";', "5.2"],
  [
    "a constant below older ones that are comments",
    { pattern: PATTERN },
    '// STATE_SCHEMA = "1.0"\n# STATE_SCHEMA = "1.1"\n * STATE_SCHEMA = "1.2"\n' +
    '/* STATE_SCHEMA = "1.3" */\n-- STATE_SCHEMA = "1.4"\nSTATE_SCHEMA = "5.2"',
    "5.2",
  ],
  ["a macro of C", { pattern: 'STATE_SCHEMA\\s+"(.+?)"' }, '# define STATE_SCHEMA "5.2"', "5.2"],
  ["a pointer", { pointer: "/state/schema" }, '{"state":{"schema":"5.2"}}', "5.2"],
  ["a pointer with an escape", { pointer: "/a~1b" }, '{"a/b":"5.2"}', "5.2"],
  ["a pointer to a number", { pointer: "/v" }, '{"v":5.2}', "no_version"],
  ["a pointer to nothing", { pointer: "/v" }, "{}", "no_version"],
  ["a pointer into what is not JSON", { pointer: "/v" }, "{", "malformed"],
  ["a pattern that matches nothing", { pattern: PATTERN }, "x = 1", "no_version"],
  ["a pattern over two lines", { pattern: "a\\n(b)" }, "a\nb", "no_version"],
  ["a pattern that is none", { pattern: "(" }, "x", "malformed"],
  ["a pattern with a look-ahead, which RE2 has not", { pattern: "(?=(x))" }, "x", "malformed"],
  ["a pattern with a back-reference, which RE2 has not", { pattern: "(x)\\1" }, "x", "malformed"],
  ["a pattern without a group", { pattern: "x" }, "x", "malformed"],
  ["a pattern with two groups", { pattern: "(x)(y)" }, "xy", "malformed"],
  ["an empty pattern", { pattern: "" }, "x", "malformed"],
];

for (const [what, source, text, expected] of CASES) {
  Deno.test(`stateSchemaIn() answers ${expected} for ${what}`, async () => {
    const answer = await stateSchemaIn({ path: "src/state.ts", ...source }, text);
    assertEquals(answer.state === "ok" ? answer.version : answer.state, expected);
  });
}

const HOSTILE = ["(a+)+$", "(?:a|a)*(b)", "(?:.*a){12}(b)", "((?:a{0,50}){20})b"];

for (const pattern of HOSTILE) {
  Deno.test(`stateSchemaIn() takes linear time for ${pattern}`, async () => {
    const answer = await stateSchemaIn({ path: "x", pattern }, `${"a".repeat(3_000)}!`);
    assert(["no_version", "ok", "malformed"].includes(answer.state));
  });
}

Deno.test("readStateSchema() says where it found the version, and why it found none", async () => {
  await using repository = await TempRepository.make({ "s.ts": '\n\nSTATE_SCHEMA = "5.2"' });
  assertEquals(await readStateSchema(repository.root, { path: "s.ts", pattern: PATTERN }), {
    state: "ok",
    version: "5.2",
    line: 3,
  });
  const missing = await readStateSchema(repository.root, { path: "none.ts", pattern: PATTERN });
  assert(missing.state === "missing");
  assertStringIncludes(missing.message, "none.ts no such file");
});
