import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failedIds, runScript, spawnScript } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";
import {
  type Case,
  case_,
  changed,
  failedOf,
  FILES,
  type Json,
  matrix,
  MIGRATIONS,
  rowOf,
  run,
  SIX,
  withMatrix,
} from "./compat_sample.ts";

Deno.test("a field that only defaults supply is no evidence", async () => {
  const reader = { kind: "defaults", document: { schema_version: "2.1", id: "none", title: "" } };
  const cases = changed("up-2.1-2.1", { reader, state_fixture: "fixtures/bare.json" });
  const end = await run({
    "security/release_compat_matrix.json": matrix({ cases }),
    "fixtures/bare.json": { title: "x" },
  });
  assertEquals(end.code, 2);
  assertEquals(failedOf(end, "up-2.1-2.1"), ["required_fields_present_in_fixture"]);
});

Deno.test("lost fields fail unless the case or a declared migration says so", async () => {
  const drop = { op: "drop", path: "/note" };
  const migrations = structuredClone(MIGRATIONS);
  migrations.steps[1]!.up.push(drop as never);
  const reader = { kind: "command", command: readerCommand("delete state.note;") };
  const withNote = (cases: Case[], more: Json = {}) =>
    run({
      "fixtures/2.1.json": { schema_version: "2.1", id: "a", title: "x", note: "y" },
      "security/release_compat_matrix.json": matrix({ cases, ...more }),
    });
  const lost = await withNote(changed("up-2.1-2.1", { reader }));
  assertEquals([lost.code, failedOf(lost, "up-2.1-2.1")], [2, ["no_unexpected_field_loss"]]);
  const allowed = await withNote(changed("up-2.1-2.1", { reader, may_lose: ["/note"] }));
  assertEquals(allowed.code, 0);
  assertEquals((await withNote(SIX, { reader: migrations })).code, 0);
});

/** A reader command in another process: reads the file it is given and prints what it made of it. */
function readerCommand(change: string): string[] {
  const program = `const [file, from, to] = Deno.args;
const state = JSON.parse(Deno.readTextFileSync(file));
state.schema_version = to; ${change}
console.log(JSON.stringify(state));`;
  return ["deno", "eval", "--no-config", program, "{fixture}", "{from_schema}", "{to_schema}"];
}

const BROKEN_READERS: [title: string, command: string[], failed: string, words: string][] = [
  ["that cannot be started", ["no-such-reader", "{fixture}"], "reader_succeeded", "could not be"],
  ["that fails", ["cat", "{fixture}", "absent"], "reader_succeeded", "ended with exit code 1"],
  ["that prints no JSON", ["echo", "{fixture}"], "reader_succeeded", "did not print JSON"],
  ["that prints a list", ["echo", "[]", "#{fixture}"], "reader_succeeded", "did not print JSON"],
  ["that does not end", ["sleep", "600", "{fixture}"], "reader_succeeded", "sleep"],
  [
    "that does not bring the state to its schema",
    ["cat", "{fixture}"],
    "normalized_schema_matches_target",
    "is of schema 2.0 after reading, not 2.1",
  ],
  [
    "that changes what must be kept",
    readerCommand("state.id = 'b';"),
    "roundtrip_up_down_preserves",
    "changes when it is read",
  ],
  [
    "that loses a required field",
    readerCommand("delete state.id;"),
    "normalized_required_fields_present",
    "is missing after reading",
  ],
];

for (const [title, command, failed, words] of BROKEN_READERS) {
  Deno.test(`a reader command ${title} fails its case`, async () => {
    const reader = { kind: "command", command, timeout_s: 20 };
    if (command[0] === "sleep") reader.timeout_s = 0.3;
    const end = await withMatrix({ cases: changed("up-2.0-2.1", { reader }) });
    assertEquals(end.code, 2);
    assert(failedOf(end, "up-2.0-2.1").includes(failed), failedOf(end, "up-2.0-2.1").join());
    assertStringIncludes(JSON.stringify(rowOf(end, "up-2.0-2.1")), words);
  });
}

Deno.test("a reader command reads in a process of its own, without the gate's environment", async () => {
  const command = readerCommand("state.seen = Deno.env.toObject().WA_RELEASE_SECRET ?? 'nothing';");
  await using repository = await TempRepository.make({
    ...FILES,
    "security/release_compat_matrix.json": matrix({ reader: { kind: "command", command } }),
  });
  const end = await runScript("release_compat_matrix", ["--json", "--strict"], {
    root: repository.root,
    env: { WA_RELEASE_SECRET: "hidden" },
  });
  assertEquals([end.code, failedIds(end.report)], [0, []]);
  assert(!JSON.stringify(end.report.cases).includes("hidden"));
  assertEquals(await repository.list(".data/tmp"), [], "no scratch file is left");
});

Deno.test("a number that JSON cannot carry fails the round trip", async () => {
  const end = await run({
    "fixtures/2.1.json": '{"schema_version":"2.1","id":"a","n":9007199254740993}',
  });
  assertEquals(failedOf(end, "up-2.1-2.1"), ["normalized_payload_json_roundtrip"]);
});

const HOSTILE: [title: string, content: Content][] = [
  ["is nested a hundred thousand levels deep", `{"a":${"[".repeat(1e5)}${"]".repeat(1e5)}}`],
  ["is not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d])],
  ["is cut off", '{"schema_version":"2.1","id":'],
  ["is a number", "1"],
];

for (const [title, content] of HOSTILE) {
  Deno.test(`a fixture that ${title} fails its case, with a report`, async () => {
    const end = await run({ "fixtures/2.0.json": content });
    assertEquals([end.code, failedOf(end, "up-2.0-2.1")], [2, ["fixture_loaded"]]);
  });
}

const SCHEMA = {
  type: "object",
  required: ["schema_version", "id", "title"],
  properties: {
    schema_version: { const: "2.1" },
    id: { type: "string", minLength: 1 },
    at: { type: "string", format: "date-time" },
    title: { type: "string", minLength: 1 },
    count: { type: "integer", minimum: 0 },
  },
};

Deno.test("without a fixture, documents are generated from the schema, least and full", async () => {
  const end = await run({
    "schemas/2.1.json": SCHEMA,
    "security/release_compat_matrix.json": matrix({
      schemas: { "2.1": "schemas/2.1.json" },
      cases: [...SIX, case_("up-generated", "2.1", "2.2", { state_fixture: undefined })],
    }),
  }, "--strict");
  assertEquals([end.code, failedIds(end.report)], [0, []]);
  const { fixture } = rowOf(end, "up-generated");
  assertEquals([fixture.source, fixture.documents], ["generated", 2]);
});

Deno.test("a schema that cannot be used, or made documents of, fails", async () => {
  const withSchema = (schema: Content) =>
    run({
      "schemas/2.1.json": schema,
      "security/release_compat_matrix.json": matrix({
        schemas: { "2.1": "schemas/2.1.json" },
        cases: [...SIX, case_("up-generated", "2.1", "2.2", { state_fixture: undefined })],
      }),
    });
  const broken = await withSchema({ type: "nothing" });
  assert(failedIds(broken.report).includes("state_schemas_usable"));
  const impossible = await withSchema({
    type: "object",
    required: ["a"],
    properties: { a: { type: "string", minLength: 3, maxLength: 1 } },
  });
  assertEquals(failedOf(impossible, "up-generated"), ["fixture_loaded"]);
  assertEquals(impossible.code, 2);
});

Deno.test("a fixture that breaks the declared schema fails", async () => {
  const end = await run({
    "schemas/2.1.json": SCHEMA,
    "fixtures/2.1.json": { schema_version: "2.1", id: "a", title: "x", at: "yesterday" },
    "security/release_compat_matrix.json": matrix({ schemas: { "2.1": "schemas/2.1.json" } }),
  });
  assertEquals(end.code, 2);
  assert(failedOf(end, "up-2.1-2.1").includes("fixture_schema_matches_from"));
});

/** Whether a process runs; one that is only not yet buried does not. */
async function runs(pid: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid] }).output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

Deno.test("a gate that is killed leaves no reader behind", async () => {
  const command = ["sh", "-c", "echo $$ > pid; exec sleep 600", "{fixture}"];
  await using repository = await TempRepository.make({
    ...FILES,
    "security/release_compat_matrix.json": matrix({ reader: { kind: "command", command } }),
  });
  const gate = await spawnScript("release_compat_matrix", ["--case", "up-2.1-2.1"], {
    root: repository.root,
  });
  const { promise: started, resolve } = Promise.withResolvers<string>();
  const look = setInterval(async () => {
    const text = await repository.read("pid").catch(() => "");
    if (text.endsWith("\n")) resolve(text.trim());
  }, 10);
  const pid = await started;
  clearInterval(look);
  assert(await runs(pid));
  gate.kill("SIGKILL");
  await gate.output();
  while (await runs(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
});
