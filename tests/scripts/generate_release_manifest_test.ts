import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { join } from "@std/path/join";
import { evidenceSources } from "../../lib/manifest/evidence_map.ts";
import { ReleaseIndex } from "../../lib/manifest/release_index.ts";
import { candidateId } from "../../lib/project/candidate.ts";
import { lockPathFor, withLock } from "../../lib/store/lock.ts";
import { GOVERNANCE, releaseRepository, writeGateReport } from "../support/release_repository.ts";
import { failedIds, runScript, type ScriptEnd, spawnScript } from "../support/run_script.ts";
import type { TempRepository } from "../support/temp_repository.ts";

const SCRIPT = "generate_release_manifest";
const REQUIRED = ["--gate-evidence-pattern", GOVERNANCE, "--require-gate-evidence", "--json"];
const CANDIDATE = ["--release-candidate-id", "rc-test"];
const GATE = "gate_evidence_valid::release_governance";

function seal(repository: TempRepository, ...args: string[]): Promise<ScriptEnd> {
  return runScript(SCRIPT, [...REQUIRED, ...args], { root: repository.root });
}

function verify(
  repository: TempRepository,
  manifest: string,
  ...args: string[]
): Promise<ScriptEnd> {
  const all = ["--verify", manifest, "--json", ...args];
  return runScript(SCRIPT, all, { root: repository.root });
}

async function index(repository: TempRepository, candidate = "rc-test"): Promise<ReleaseIndex> {
  return ReleaseIndex.parse(await repository.json(`.data/releases/${candidate}.json`));
}

Deno.test("candidateId() takes an explicit id, else version and twelve of the commit", () => {
  const git = { available: true, commit: "abcdef1234567890", branch: "main", dirty: false };
  const facts = { version: "1.2.3", git, nowS: 1_771_718_400 };
  assertEquals(candidateId({ explicit: "rc-1", ...facts }), "rc-1");
  assertEquals(candidateId({ explicit: undefined, ...facts }), "rc-1.2.3-abcdef123456");
});

Deno.test("evidenceSources() keeps patterns of one name in two folders apart", () => {
  const sources = evidenceSources(["a/x_guard_*.json", "b/x_guard_*.json", "b/y_guard_*.json"]);
  assertEquals(sources.map(({ key }) => key), ["a/x_guard", "b/x_guard", "y_guard"]);
});

Deno.test("a seal maps the newest of two reports of a gate, by their own time", async () => {
  await using repository = await releaseRepository();
  const now = Date.now() / 1000;
  await writeGateReport(repository, { ended_at: now - 600 }, 2); // older, with the later name
  const newest = await writeGateReport(repository, { ended_at: now - 60 }, 1);
  const { code, report } = await seal(repository, "--gate-evidence-recent", "1");
  assertEquals(code, 0, report.headline);
  const [candidate, map] = Object.entries(
    report.gate_evidence_map as Record<string, {
      evidence: Record<string, { rows: { path: string }[] }>;
      evidence_sha256: string;
    }>,
  )[0]!;
  assertMatch(candidate, /^rc-1\.2\.3-[0-9a-f]{12}$/);
  assertEquals(Object.keys(map.evidence), ["release_governance"]);
  assertEquals(map.evidence["release_governance"]!.rows.map(({ path }) => path), [newest]);
  assertMatch(map.evidence_sha256, /^[0-9a-f]{64}$/);
});

const day = 86_400;
const REJECTED: [what: string, changes: Record<string, unknown>, reason: RegExp][] = [
  ["failed", { ok: false }, /^failed/],
  ["stale", { ended_at: Date.now() / 1000 - 2 * day }, /^stale/],
  ["dated ahead", { ended_at: Date.now() / 1000 + day }, /^future/],
  ["of another commit", { git: { commit: "0".repeat(40) } }, /^foreign/],
  ["of another candidate", { correlation: { release_candidate_id: "rc-other" } }, /^foreign/],
];

for (const [what, changes, reason] of REJECTED) {
  Deno.test(`a seal that requires evidence refuses evidence that is ${what}`, async () => {
    await using repository = await releaseRepository();
    await writeGateReport(repository, changes);
    const { code, report } = await seal(repository, ...CANDIDATE);
    assertEquals([code, failedIds(report)], [2, [GATE]]);
    assertMatch(String(report.checks.find(({ id }) => id === GATE)?.value), reason);
    assertEquals(await repository.list(".data/releases"), []);
  });
}

Deno.test("a seal that requires evidence refuses truncated evidence, and none at all", async () => {
  await using repository = await releaseRepository();
  const missing = await seal(repository, ...CANDIDATE);
  assertEquals([missing.code, failedIds(missing.report)], [2, [GATE]]);
  const path = await writeGateReport(repository);
  await repository.write(path, (await repository.read(path)).slice(0, 80));
  const truncated = await seal(repository, ...CANDIDATE);
  assertEquals([truncated.code, failedIds(truncated.report)], [2, [GATE]]);
  assertMatch(String(truncated.report.checks.find(({ id }) => id === GATE)?.value), /^malformed/);
});

Deno.test("inside a run, evidence of another run is foreign", async () => {
  await using repository = await releaseRepository();
  await writeGateReport(repository, { correlation: { run_id: "run-1" } });
  const own = { root: repository.root, env: { WA_RELEASE_RUN_ID: "run-1" } };
  const other = { root: repository.root, env: { WA_RELEASE_RUN_ID: "run-2" } };
  assertEquals((await runScript(SCRIPT, [...REQUIRED, ...CANDIDATE], other)).code, 2);
  assertEquals((await runScript(SCRIPT, [...REQUIRED, ...CANDIDATE], own)).code, 0);
});

Deno.test("failed evidence is accepted only by name, on the record", async () => {
  await using repository = await releaseRepository();
  await writeGateReport(repository, { ok: false });
  const other = await seal(repository, ...CANDIDATE, "--allow-failed", "release");
  assertEquals(other.code, 2);
  const named = await seal(repository, ...CANDIDATE, "--allow-failed", "release_governance");
  assertEquals(named.code, 0);
  assertMatch(String(named.report.checks.find(({ id }) => id === GATE)?.value), /allowed/);
});

Deno.test("a clean working tree cannot be shown outside git, nor with a change in it", async () => {
  await using outside = await releaseRepository({}, { git: false });
  const none = await runScript(SCRIPT, ["--require-clean-git", "--json"], { root: outside.root });
  assertEquals([none.code, failedIds(none.report).includes("git_clean")], [2, true]);
  await using repository = await releaseRepository();
  await writeGateReport(repository);
  assertEquals((await seal(repository, "--require-clean-git")).code, 0);
  await repository.write("src/app.ts", "export const answer = 43;\n");
  const dirty = await seal(repository, "--require-clean-git");
  assertEquals([dirty.code, failedIds(dirty.report)], [2, ["git_clean"]]);
});

Deno.test("a candidate is sealed again only with the same content, or to supersede it", async () => {
  await using repository = await releaseRepository();
  await writeGateReport(repository);
  const first = await seal(repository, ...CANDIDATE);
  const again = await seal(repository, ...CANDIDATE);
  assertEquals([first.code, again.code], [0, 0]);
  assertEquals(first.report.manifest_sha256, again.report.manifest_sha256);
  assertEquals((await index(repository)).revisions.length, 1);

  await writeGateReport(repository, { headline: "run again" });
  const before = await repository.read(".data/releases/rc-test.json");
  const changed = await seal(repository, ...CANDIDATE);
  assertEquals([changed.code, failedIds(changed.report)], [2, ["candidate_immutable"]]);
  assertEquals(await repository.read(".data/releases/rc-test.json"), before);

  const superseded = await seal(repository, ...CANDIDATE, "--supersede", "gate was run again");
  assertEquals(superseded.code, 0);
  const { revisions } = await index(repository);
  assertEquals(revisions.map(({ reason }) => reason), ["", "gate was run again"]);
  assertEquals(revisions[1]?.previous_manifest_sha256, revisions[0]?.manifest_sha256);
});

/** One sealed manifest, to be tampered with. */
async function sealed(): Promise<{ repository: TempRepository; manifest: string }> {
  const repository = await releaseRepository();
  await writeGateReport(repository);
  const { code, report } = await seal(repository, ...CANDIDATE);
  assertEquals(code, 0);
  return { repository, manifest: report.report_path! };
}

const TAMPERED: [file: string, id: string][] = [
  ["src/app.ts", "artifacts_unchanged"],
  [".data/out/release_governance_20260101T000000Z.json", "evidence_unchanged"],
  [".data/audit/operations_audit_chain.ndjson", "sealed_in_audit_log"],
];

for (const [file, id] of TAMPERED) {
  Deno.test(`--verify notices one changed byte in ${file}`, async () => {
    const { repository, manifest } = await sealed();
    await using _ = repository;
    const holds = await verify(repository, manifest);
    assertEquals([holds.code, failedIds(holds.report)], [0, []]);
    const bytes = await Deno.readFile(repository.path(file));
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    await repository.write(file, bytes);
    const { code, report } = await verify(repository, manifest);
    assertEquals([code, failedIds(report)], [2, [id]]);
  });
}

Deno.test("--verify notices a digest, a verdict, a mapping and an index that were changed", async () => {
  const { repository, manifest } = await sealed();
  await using _ = repository;
  const text = await repository.read(manifest);
  const size = /"size": (\d+)/.exec(text)![0];
  await repository.write(manifest, text.replace(size, `${size}1`));
  assertEquals(failedIds((await verify(repository, manifest)).report), ["manifest_sha256_holds"]);
  await repository.write(manifest, text.replace('"ok": true', '"ok": false'));
  assertEquals(failedIds((await verify(repository, manifest)).report), ["verdict_positive"]);
  const extended = JSON.parse(text);
  extended.gate_evidence_map["rc-other"] = extended.gate_evidence_map["rc-test"];
  await repository.write(manifest, extended);
  assertEquals(failedIds((await verify(repository, manifest)).report), ["only_candidate_mapped"]);
  await repository.write(manifest, text);
  await Deno.remove(repository.path(".data/releases/rc-test.json"));
  const gone = await verify(repository, manifest);
  assertEquals(failedIds(gone.report), ["sealed_in_index", "not_superseded"]);
});

Deno.test("--verify takes no word of an audit log that lost entries after the seal", async () => {
  const { repository, manifest } = await sealed();
  await using _ = repository;
  const log = ".data/audit/operations_audit_chain.ndjson";
  const before = await repository.read(log);
  const args = ["append", "--action", "more", "--actor", "tests"];
  assertEquals((await runScript("audit_log", args, { root: repository.root })).code, 0);
  assertEquals((await verify(repository, manifest)).code, 0);
  await repository.write(log, before);
  const { code, report } = await verify(repository, manifest);
  assertEquals([code, failedIds(report)], [2, ["sealed_in_audit_log"]]);
});

Deno.test("--verify does not take what a stopped writer left for a change of the log", async () => {
  const { repository, manifest } = await sealed();
  await using _ = repository;
  const log = ".data/audit/operations_audit_chain.ndjson";
  await repository.write(log, `${await repository.read(log)}{"half`);
  const torn = await verify(repository, manifest);
  assertEquals([torn.code, failedIds(torn.report)], [0, []]);
});

Deno.test("two patterns with one name in two folders map to two keys", async () => {
  await using repository = await releaseRepository();
  const path = await writeGateReport(repository);
  await repository.write(`evidence/${path.slice(10)}`, await repository.read(path));
  const both = ["--gate-evidence-pattern", "evidence/release_governance_*.json"];
  const { code, report } = await seal(repository, ...CANDIDATE, ...both);
  assertEquals(code, 0, report.headline);
  const map = report.gate_evidence_map as Record<string, { evidence: Record<string, unknown> }>;
  assertEquals(Object.keys(map["rc-test"]!.evidence).sort(), [
    ".data/out/release_governance",
    "evidence/release_governance",
  ]);
});

Deno.test("a folder as artifact is bound by all files in it", async () => {
  await using repository = await releaseRepository({ "dist/a.js": "1\n", "dist/sub/b.js": "2\n" });
  await writeGateReport(repository);
  const { code, report } = await seal(repository, ...CANDIDATE, "--artifact", "dist");
  assertEquals(code, 0, report.headline);
  const rows = report.artifacts as { path: string; kind: string; size: number }[];
  assertEquals(rows.find(({ path }) => path === "dist")?.kind, "folder");
  await repository.write("dist/sub/b.js", "3\n");
  const after = await verify(repository, report.report_path!);
  assertEquals(failedIds(after.report), ["artifacts_unchanged"]);
});

Deno.test("a missing required artifact is never sealed", async () => {
  await using repository = await releaseRepository();
  await writeGateReport(repository);
  await Deno.remove(repository.path("deno.json"));
  await repository.write("VERSION", "1.2.3\n");
  const { code, report } = await seal(repository, ...CANDIDATE);
  assertEquals([code, failedIds(report).includes("required_artifacts_present")], [2, true]);
  assertEquals(await repository.list(".data/releases"), []);
});

/** Reports of seals in a repository: name and verdict. */
async function manifests(repository: TempRepository): Promise<{ path: string; ok: boolean }[]> {
  const names = (await repository.list(".data/out")).filter((name) =>
    /^release_manifest_\d.*Z(_\d+)?\.json$/.test(name)
  );
  return await Promise.all(names.map(async (name) => {
    const path = `.data/out/${name}`;
    return { path, ok: (await repository.json<{ ok: boolean }>(path)).ok };
  }));
}

/** Waits for a seal to have written its first checkpoint. */
async function untilBegun(repository: TempRepository, known: number): Promise<void> {
  while ((await manifests(repository)).length <= known) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const HELD: [what: string, resource: string, revisions: number][] = [
  ["the index", ".data/releases/rc-test.json", 0],
  ["the audit log", ".data/audit/operations_audit_chain.ndjson", 1],
];

for (const [what, resource, revisions] of HELD) {
  Deno.test(`a seal killed before it could write ${what} leaves none that says ok, and can be repeated`, async () => {
    await using repository = await releaseRepository();
    await writeGateReport(repository);
    const lock = lockPathFor(repository.root, join(repository.root, resource));
    await withLock(lock, { waitMs: 1_000, purpose: "a test" }, async () => {
      const child = await spawnScript(SCRIPT, [...REQUIRED, ...CANDIDATE], {
        root: repository.root,
      });
      await untilBegun(repository, 0);
      while (revisions > (await repository.list(".data/releases")).length) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill("SIGKILL");
      await child.output();
    });
    assertEquals((await manifests(repository)).map(({ ok }) => ok), [false]);
    const [killed] = await manifests(repository);
    assertNotEquals((await verify(repository, killed!.path)).code, 0);
    const repeated = await seal(repository, ...CANDIDATE);
    assertEquals(repeated.code, 0, repeated.report.headline);
    const holds = await verify(repository, repeated.report.report_path!);
    assertEquals([holds.code, failedIds(holds.report)], [0, []]);
  });
}

Deno.test("of two seals at once with different content exactly one wins", async () => {
  await using repository = await releaseRepository({ "extra.txt": "more\n" });
  await writeGateReport(repository);
  const ends = await Promise.all([
    seal(repository, ...CANDIDATE),
    seal(repository, ...CANDIDATE, "--artifact", "extra.txt"),
  ]);
  assertEquals(ends.map(({ code }) => code).sort(), [0, 2]);
  const lost = ends.find(({ code }) => code === 2)!;
  assertEquals(failedIds(lost.report).includes("candidate_immutable"), true);
  assertEquals((await index(repository)).revisions.length, 1);
});

Deno.test("two seals at once with the same content agree on one revision", async () => {
  await using repository = await releaseRepository();
  await writeGateReport(repository);
  const ends = await Promise.all([seal(repository, ...CANDIDATE), seal(repository, ...CANDIDATE)]);
  assertEquals(ends.map(({ code }) => code), [0, 0]);
  assertEquals((await index(repository)).revisions.length, 1);
  assert((await manifests(repository)).every(({ ok }) => ok));
});

Deno.test("an index that was damaged is left as it is and ends the run", async () => {
  await using repository = await releaseRepository();
  await writeGateReport(repository);
  await repository.write(".data/releases/rc-test.json", "{");
  const { code } = await seal(repository, ...CANDIDATE);
  assertEquals(code, 70);
  assertEquals(await repository.read(".data/releases/rc-test.json"), "{");
});
