import { assertEquals } from "@std/assert";
import { findArtifacts, timeInName } from "../../../lib/catalogue/find_artifacts.ts";
import { selectFiles } from "../../../lib/catalogue/select_files.ts";
import { ArtifactSchemaCatalogPolicy } from "../../../lib/policy/artifact_schema_catalog_policy.ts";
import { TempRepository } from "../../support/temp_repository.ts";

function entriesFor(globs: Record<string, string>) {
  return ArtifactSchemaCatalogPolicy.parse({
    version: 2,
    entries: Object.entries(globs).map(([id, artifact_glob]) => ({ id, artifact_glob })),
  }).entries;
}

const OVERLAPPING = entriesFor({
  incident_notify: ".data/out/incident_notify_*.json",
  incident_notify_drill: ".data/out/incident_notify_drill_*.json",
  incident_notify_drill_notify: ".data/out/incident_notify_drill_notify_*.json",
});

Deno.test("findArtifacts() gives a file to the entry of the kind inside it", async () => {
  await using repository = await TempRepository.make({
    ".data/out/incident_notify_1767225600.json": { kind: "incident_notify" },
    ".data/out/incident_notify_drill_1767225600.json": { kind: "incident_notify_drill" },
    // a drill's file under the plain name is still the drill's
    ".data/out/incident_notify_1767225601.json": {},
    ".data/out/incident_notify_drill_notify_20260101T000000Z.json": {
      kind: "incident_notify_drill_notify",
    },
    ".data/out/incident_notify_drill_20260101T000001Z.json": { kind: "something_else" },
    ".data/out/unknown_20260101T000001Z.json": {},
  });
  const found = await findArtifacts(repository.root, OVERLAPPING);
  const names = (id: string) => found.files.get(id)!.map(({ path }) => path.slice(10));
  assertEquals(names("incident_notify"), [
    "incident_notify_1767225601.json",
    "incident_notify_1767225600.json",
  ]);
  assertEquals(names("incident_notify_drill"), ["incident_notify_drill_1767225600.json"]);
  assertEquals(names("incident_notify_drill_notify").length, 1);
  assertEquals(found.uncatalogued.map((path) => path.slice(10)), [
    "incident_notify_drill_20260101T000001Z.json",
    "unknown_20260101T000001Z.json",
  ]);
});

Deno.test("findArtifacts() gives a file without a kind by the time in its name, then to the narrowest glob", async () => {
  await using repository = await TempRepository.make({
    ".data/out/incident_notify_drill_1767225600.json": "{",
    ".data/out/a_1_x.json": {},
  });
  const found = await findArtifacts(repository.root, [
    ...OVERLAPPING,
    ...entriesFor({ one: ".data/out/a_*.json", two: ".data/out/*_x.json" }),
  ]);
  assertEquals(found.files.get("incident_notify_drill")!.length, 1);
  assertEquals(found.ambiguous, []);
  const tied = await findArtifacts(
    repository.root,
    entriesFor({ one: ".data/out/a_1_*.json", two: ".data/out/a_*_x.json" }),
  );
  assertEquals(
    tied.ambiguous.length + tied.files.get("two")!.length + tied.files.get("one")!.length,
    1,
  );
});

Deno.test("timeInName() reads both forms of a time", () => {
  assertEquals(timeInName("x_20260101T000000Z_1.json"), 1_767_225_600);
  assertEquals(timeInName("x_1767225600.json"), 1_767_225_600);
  assertEquals(timeInName("x.json"), 0);
});

Deno.test("selectFiles() takes the newest always, others by age and candidate", () => {
  const file = (path: string, timeS: number, candidate = "") => ({
    path,
    timeS,
    faults: [],
    value: { correlation: { release_candidate_id: candidate } },
  });
  const files = [
    file("newest", 10, "rc-b"),
    file("a", 9, "rc-a"),
    file("b", 8),
    file("c", 7, "rc-b"),
  ];
  const names = (maxAgeS: number, candidate: string) =>
    selectFiles(files, { nowS: 100, maxAgeS, candidate }).map(({ path }) => path);
  assertEquals(names(0, ""), ["newest"]);
  assertEquals(names(92, ""), ["newest", "a", "b"]);
  assertEquals(names(1_000, "rc-b"), ["newest", "b", "c"]);
});
