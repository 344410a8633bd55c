import { assert, assertEquals } from "@std/assert";
import { changeSince, judgeSameChange, judgeTags } from "../../../lib/governance/change.ts";
import { stateSchemaIn } from "../../../lib/project/state_schema.ts";
import { versionIn } from "../../../lib/project/version_source.ts";
import { type Content, TempRepository } from "../../support/temp_repository.ts";

const SOURCES = {
  version: { kind: "deno" as const, path: "deno.json" },
  stateSchema: { path: "state.ts", pattern: 'SCHEMA = "(.+?)"' },
};
const FILES = {
  "deno.json": { version: "1.0.0" },
  "state.ts": 'SCHEMA = "1.0"\n',
  "policy.json": {},
  "CHANGES.md": "",
};
const NEW_VERSION = { "deno.json": { version: "1.1.0" } };
const NEW_SCHEMA = { "state.ts": 'SCHEMA = "1.1"\n' };
const BOTH = { "policy.json": { new: 1 }, "CHANGES.md": "new" };

const CASES: [
  what: string,
  files: Record<string, Content>,
  verdict: "ok" | "not applicable" | string[],
][] = [
  ["a version alone", NEW_VERSION, ["policy.json", "CHANGES.md"]],
  ["a version and the policy", { ...NEW_VERSION, "policy.json": { new: 1 } }, ["CHANGES.md"]],
  ["a version, the policy and the changelog", { ...NEW_VERSION, ...BOTH }, "ok"],
  ["a schema alone", NEW_SCHEMA, ["policy.json", "CHANGES.md"]],
  ["a schema, the policy and the changelog", { ...NEW_SCHEMA, ...BOTH }, "ok"],
  [
    "other keys of the version's file",
    { "deno.json": { version: "1.0.0", x: 1 } },
    "not applicable",
  ],
  ["other lines of the schema's file", { "state.ts": 'SCHEMA = "1.0"\nx\n' }, "not applicable"],
  ["the policy alone", BOTH, "not applicable"],
];

for (const place of ["", "apps/one/"]) {
  const where = place === "" ? "" : ", below the top of the repository";
  for (const [what, files, verdict] of CASES) {
    Deno.test(`judgeSameChange() of ${what}${where}`, async () => {
      const at = (files: Record<string, Content>): Record<string, Content> =>
        Object.fromEntries(Object.entries(files).map(([path, content]) => [place + path, content]));
      await using repository = await TempRepository.make(at(FILES), { git: true });
      await repository.git("checkout", "-q", "-b", "topic");
      for (const [path, content] of Object.entries(at(files))) {
        await repository.write(path, content);
      }
      const root = repository.path(place);
      const change = await changeSince(root, "main", SOURCES);
      assert(change.known);
      const version = await versionIn(SOURCES.version, await repository.read(`${place}deno.json`));
      const state = await stateSchemaIn(
        SOURCES.stateSchema,
        await repository.read(`${place}state.ts`),
      );
      assert(version.state === "ok" && state.state === "ok");
      const now = {
        appVersion: version.version,
        stateSchema: state.version,
        policyFile: "policy.json",
        changesFile: "CHANGES.md",
      };
      const check = judgeSameChange(change, now, "enforce");
      const missing = (check.value as { not_changed?: string[] } | null)?.not_changed;
      const found = check.not_applicable !== undefined
        ? "not applicable"
        : check.ok
        ? "ok"
        : missing;
      assertEquals(found, verdict);
    });
  }
}

Deno.test("changeSince() sees committed, staged, new and renamed files alike", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  await repository.git("checkout", "-q", "-b", "topic");
  await repository.write("state.ts", 'SCHEMA = "2.0"\n');
  await repository.commit("second");
  await repository.git("mv", "CHANGES.md", "NEWS.md");
  await repository.write("new.txt", "");
  const change = await changeSince(repository.root, "main", SOURCES);
  assert(change.known);
  assertEquals([...change.files].sort(), ["CHANGES.md", "NEWS.md", "new.txt", "state.ts"]);
  assertEquals([change.versionBefore, change.stateSchemaBefore], ["1.0.0", "1.0"]);
});

Deno.test("changeSince() compares with where the branch began, not with what main is now", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  await repository.git("checkout", "-q", "-b", "topic");
  await repository.git("checkout", "-q", "main");
  await repository.write("deno.json", { version: "9.0.0" });
  await repository.commit("elsewhere");
  await repository.git("checkout", "-q", "topic");
  const change = await changeSince(repository.root, "main", SOURCES);
  assert(change.known);
  assertEquals([change.files.size, change.versionBefore], [0, "1.0.0"]);
});

for (const ref of [undefined, "no-such-branch", "--output=stolen", "--all"]) {
  Deno.test(`changeSince() knows nothing, and says why, with the base "${ref}"`, async () => {
    await using repository = await TempRepository.make(FILES, { git: true });
    const change = await changeSince(repository.root, ref, SOURCES);
    assert(!change.known && change.reason !== "");
    assertEquals((await repository.list(".")).includes("stolen"), false);
  });
}

const TAGS: [what: string, tags: string[], refTag: string | undefined, failed: string[]][] = [
  ["no tag", [], undefined, []],
  ["a lower tag", ["v1.1.0", "1.1.9"], undefined, []],
  ["the same tag", ["v1.2.0"], "v1.2.0", []],
  ["a prerelease of it", ["v1.2.0-rc.10"], undefined, []],
  ["a higher tag", ["v1.10.0"], undefined, ["version_not_behind_last_tag"]],
  ["tags that are no versions", ["v2", "release-9.9.9"], undefined, []],
  ["a tag of another version", [], "v1.3.0", ["tag_matches_version"]],
];

for (const [what, tags, refTag, failed] of TAGS) {
  Deno.test(`judgeTags() fails [${failed}] for version 1.2.0 with ${what}`, async () => {
    await using repository = await TempRepository.make(FILES, { git: true });
    for (const tag of tags) await repository.git("tag", tag);
    const checks = await judgeTags(repository.root, "1.2.0", refTag, "warn");
    assertEquals(checks.filter(({ ok }) => !ok).map(({ id }) => id), failed);
    assertEquals(checks.length, 2);
  });
}

Deno.test("judgeTags() does not hold a maintenance branch against the tags of main", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  await repository.git("tag", "v1.1.0");
  await repository.git("checkout", "-q", "-b", "ahead");
  await repository.commit("second");
  await repository.git("tag", "v2.0.0");
  await repository.git("checkout", "-q", "main");
  const [order] = await judgeTags(repository.root, "1.2.0", undefined, "enforce");
  assertEquals([order?.ok, order?.value], [true, { version: "1.2.0", last_tag: "v1.1.0" }]);
});
