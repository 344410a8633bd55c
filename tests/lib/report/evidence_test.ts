import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { z } from "zod";
import {
  type Evidence,
  type EvidenceQuery,
  type EvidenceState,
  newestEvidence,
  recentEvidence,
} from "../../../lib/report/evidence.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const NOW = 1_767_225_600;
const SOUND = {
  kind: "soak",
  ok: true,
  clean: true,
  ended_at: NOW - 60,
  git: { commit: "abc" },
  correlation: { release_candidate_id: "rc-1", run_id: "run-1" },
};

type Files = Record<string, unknown>;

/** Writes evidence files and looks the newest one up. */
async function look(
  files: Files,
  query: Partial<EvidenceQuery<unknown>> = {},
): Promise<Evidence<unknown>> {
  using folder = new TempFolder();
  write(folder, files);
  return await newestEvidence(folder.path, { kind: "soak", nowS: NOW, ...query });
}

function write(folder: TempFolder, files: Files): void {
  Deno.mkdirSync(folder.file(".data/out"), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    Deno.writeTextFileSync(folder.file(`.data/out/${name}.json`), text);
  }
}

const without = (key: keyof typeof SOUND): object => {
  const { [key]: _, ...rest } = SOUND;
  return rest;
};

const STATES: [
  what: string,
  content: unknown,
  query: Partial<EvidenceQuery<unknown>>,
  state: EvidenceState,
][] = [
  ["sound evidence", SOUND, { maxAgeS: 60, commit: "abc", releaseCandidateId: "rc-1" }, "valid"],
  ["evidence exactly at its age limit", SOUND, { maxAgeS: 60 }, "valid"],
  ["evidence a second too old", SOUND, { maxAgeS: 59 }, "stale"],
  ["evidence 5 s ahead, as clocks are", { ...SOUND, ended_at: NOW + 5 }, {}, "valid"],
  ["evidence 6 s ahead", { ...SOUND, ended_at: NOW + 6 }, {}, "future"],
  ["a negative verdict", { ...SOUND, ok: false, clean: false }, {}, "failed"],
  ["a verdict with warnings", { ...SOUND, clean: false }, {}, "valid"],
  ["a verdict with warnings where it must be clean", { ...SOUND, clean: false }, {
    demandClean: true,
  }, "failed"],
  ["another commit", SOUND, { commit: "def" }, "foreign"],
  ["no commit where one is asked for", without("git"), { commit: "abc" }, "foreign"],
  ["another candidate", SOUND, { releaseCandidateId: "rc-2" }, "foreign"],
  ["another run", SOUND, { runId: "run-2" }, "foreign"],
  ["empty wishes", SOUND, { commit: "", runId: "", releaseCandidateId: "" }, "valid"],
  ["text that is cut off", '{"ok":true', {}, "malformed"],
  ["an empty file", "", {}, "malformed"],
  ["a list", [], {}, "malformed"],
  ["a verdict in words", { ...SOUND, ok: "true" }, {}, "malformed"],
  ["a time in words", { ...SOUND, ended_at: "yesterday" }, {}, "malformed"],
  ["a time beyond numbers", '{"ok":true,"kind":"soak","ended_at":1e999}', {}, "malformed"],
  ["no time at all", without("ended_at"), {}, "malformed"],
  ["a verdict written twice", '{"kind":"soak","ok":false,"ok":true,"ended_at":1}', {}, "malformed"],
  ["what its schema refuses", SOUND, { schema: z.object({ samples: z.number() }) }, "malformed"],
  ["an older form without kind, with generated_at", { ok: true, generated_at: NOW }, {}, "valid"],
  ["an older form with ts", { ok: true, ts: NOW }, {}, "valid"],
  ["evidence of another kind under this name", { ...SOUND, kind: "soak_2nd" }, {}, "missing"],
];

for (const [what, content, query, state] of STATES) {
  Deno.test(`newestEvidence() answers ${state} for ${what}`, async () => {
    const evidence = await look({ soak_20260101T000000Z: content }, query);
    assertEquals(evidence.state, state);
    assertEquals(evidence.reasons.length > 0, state !== "valid");
    assertEquals(evidence.examined, state === "missing" ? 0 : 1);
  });
}

Deno.test("newestEvidence() says what it looked for where there is no folder", async () => {
  using folder = new TempFolder();
  const evidence = await newestEvidence(folder.path, { kind: "soak", nowS: NOW });
  assertEquals(evidence, {
    state: "missing",
    reasons: ["no soak_*.json in .data/out"],
    examined: 0,
  });
});

Deno.test("newestEvidence() goes by the time inside, not by name or file time", async () => {
  using folder = new TempFolder();
  write(folder, {
    soak_20260101T000000Z: { ...SOUND, ended_at: NOW - 500 },
    soak_20250101T000000Z: { ...SOUND, ended_at: NOW - 5 },
    soak_20251231T000000Z: { ...SOUND, ended_at: NOW - 50 },
  });
  await Deno.utime(folder.file(".data/out/soak_20250101T000000Z.json"), 1, 1);
  await Deno.utime(folder.file(".data/out/soak_20260101T000000Z.json"), NOW, NOW);
  const query = { kind: "soak", nowS: NOW };
  const newest = await newestEvidence(folder.path, query);
  assertEquals([newest.path, newest.ageS, newest.examined], [
    ".data/out/soak_20250101T000000Z.json",
    5,
    3,
  ]);
  const recent = await recentEvidence(folder.path, query, 2);
  assertEquals(recent.map(({ ageS }) => ageS), [5, 50]);
});

Deno.test("newestEvidence() takes the later name of two of the same time", async () => {
  const { path } = await look({ soak_20260101T000000Z: SOUND, soak_20260101T000000Z_1: SOUND });
  assertEquals(path, ".data/out/soak_20260101T000000Z_1.json");
});

Deno.test("newestEvidence() keeps kinds apart whose names begin alike", async () => {
  const files = {
    soak_20260101T000000Z: SOUND,
    soak_long_20260101T000000Z: { ...SOUND, kind: "soak_long", ended_at: NOW },
    soak_7z_20260101T000000Z: { ...SOUND, kind: "soak_7z", ended_at: NOW },
    soak_1767225590: { ...SOUND, ended_at: NOW - 10 },
  };
  const evidence = await look(files);
  assertEquals([evidence.path, evidence.examined], [".data/out/soak_1767225590.json", 2]);
});

Deno.test("newestEvidence() does not hide a malformed file behind older sound evidence", async () => {
  for (const broken of ["soak_20260102T000000Z", "soak_1767312000"]) {
    const evidence = await look({ soak_20260101T000000Z: SOUND, [broken]: "{" });
    assertEquals(evidence.state, "malformed");
    assertStringIncludes(evidence.reasons[0] ?? "", `.data/out/${broken}.json:1:2`);
  }
});

Deno.test("newestEvidence() takes a stamp that is no time for the oldest of all", async () => {
  const evidence = await look({ soak_20260101T000000Z: SOUND, soak_20269999T999999Z: "{" });
  assertEquals(evidence.state, "valid");
});

Deno.test("newestEvidence() prefers the evidence of the run it is asked for", async () => {
  const files = {
    soak_20260101T000000Z: { ...SOUND, ended_at: NOW - 100 },
    soak_20260101T000001Z: { ...SOUND, ended_at: NOW, correlation: { run_id: "run-2" } },
  };
  assertEquals((await look(files, { runId: "run-1" })).ageS, 100);
  const foreign = await look(files, { runId: "run-3" });
  assertEquals([foreign.state, foreign.ageS], ["foreign", 0]);
});

Deno.test("newestEvidence() gives value and digest whatever the state, and none of a malformed one", async () => {
  const stale = await look({ soak_1: SOUND }, { maxAgeS: 1 });
  assertEquals([stale.state, stale.value?.ended_at], ["stale", NOW - 60]);
  const broken = await look({ soak_1: "{" });
  assertEquals(broken.value, undefined);
  for (const { sha256 = "" } of [stale, broken]) assertEquals(sha256.length, 64);
});

Deno.test("newestEvidence() finds the newest of any files in any order", async () => {
  const times = fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(times, async (ages) => {
      const files = Object.fromEntries(
        ages.map((age, i) => [`soak_${i}`, { ...SOUND, ended_at: NOW - age }]),
      );
      const { ageS, examined } = await look(files);
      assert(ageS === Math.min(...ages) && examined === ages.length);
    }),
    { numRuns: 30 },
  );
});
