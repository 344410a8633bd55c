import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { verifyBundle } from "../../lib/rollback/verify_bundle.ts";
import { DRILL_KEY, makeDrillBundle, rollbackRepository } from "../support/rollback_repository.ts";
import { failedIds, runScript, spawnScript } from "../support/run_script.ts";
import type { TempRepository } from "../support/temp_repository.ts";

const bundlesOf = async (repository: TempRepository): Promise<string[]> =>
  (await repository.list(".data/out")).filter((name) => /^rollback_bundle_\d/.test(name));

async function verified(repository: TempRepository, bundle: string) {
  return await runScript("create_rollback_bundle", ["--json", "--verify", bundle], {
    root: repository.root,
  });
}

Deno.test("create_rollback_bundle makes a bundle that verifies here and with sha256sum", async () => {
  await using repository = await rollbackRepository();
  const { code, report, bundle } = await makeDrillBundle(repository);
  assertEquals([code, failedIds(report)], [0, []]);
  assertMatch(bundle, /^\.data\/out\/rollback_bundle_\d{8}T\d{6}Z_drill$/);
  assertEquals(report.missing_required, []);
  const { code: sums } = await new Deno.Command("sha256sum", {
    args: ["--check", "--strict", "--quiet", "SHA256SUMS"],
    cwd: repository.path(bundle),
  }).output();
  assertEquals(sums, 0);
  assertEquals((await verified(repository, bundle)).code, 0);
});

Deno.test("create_rollback_bundle rehearses the restoration and leaves nothing of it behind", async () => {
  await using repository = await rollbackRepository();
  const { report } = await makeDrillBundle(repository);
  const { ok, files, bytes } = report.rehearsal as { ok: boolean; files: number; bytes: number };
  const copied = (report.files as { copied: boolean; size: number }[]).filter((row) => row.copied);
  assertEquals([ok, files], [true, copied.length]);
  assertEquals(bytes, copied.reduce((sum, { size }) => sum + size, 0));
  assertEquals((await repository.list(".data")).filter((name) => name.startsWith("rehearsal")), []);
});

Deno.test("create_rollback_bundle --restore gives back registry and policies byte for byte", async () => {
  await using repository = await rollbackRepository();
  const { bundle } = await makeDrillBundle(repository);
  const names = await repository.list("security");
  const before = await Promise.all(names.map((name) => repository.read(`security/${name}`)));
  await repository.write("security/release_channels.json", "{}");
  const { code } = await runScript("create_rollback_bundle", [
    ...["--restore", bundle, "--into", ".data/back"],
  ], { root: repository.root });
  assertEquals(code, 0);
  const after = await Promise.all(
    names.map((name) => repository.read(`.data/back/security/${name}`)),
  );
  assertEquals(after, before);
});

Deno.test("create_rollback_bundle --restore refuses a folder that is not empty and a changed bundle", async () => {
  await using repository = await rollbackRepository({ ".data/back/mine": "kept" });
  const { bundle } = await makeDrillBundle(repository);
  const restore = async (into: string) =>
    await runScript("create_rollback_bundle", [
      ...["--json", "--restore", bundle, "--into", into],
    ], { root: repository.root });
  const full = await restore(".data/back");
  assertEquals([full.code, failedIds(full.report)], [2, ["bundle_restored"]]);
  assertEquals(await repository.list(".data/back"), ["mine"]);
  await Deno.remove(repository.path(`${bundle}/CHANGES.md`));
  const changed = await restore(".data/other");
  assertEquals(changed.code, 2);
  assertStringIncludes(changed.report.headline, "CHANGES.md is missing");
  assertEquals(await repository.list(".data/other"), []);
});

Deno.test("create_rollback_bundle --verify names a changed file, and a renamed copy", async () => {
  await using repository = await rollbackRepository();
  const { bundle } = await makeDrillBundle(repository);
  await Deno.writeTextFile(repository.path(`${bundle}/CHANGES.md`), "x");
  const changed = await verified(repository, bundle);
  assertEquals([changed.code, failedIds(changed.report)], [2, ["bundle_verified"]]);
  assertStringIncludes(JSON.stringify(changed.report.faults), "CHANGES.md is 1 bytes, was");
  await Deno.rename(repository.path(bundle), repository.path(`${bundle}x`));
  assertEquals((await verified(repository, `${bundle}x`)).code, 2);
});

for (
  const [name, break_] of [
    ["missing", (path: string) => Deno.remove(path)],
    ["a folder", async (path: string) => {
      await Deno.remove(path);
      await Deno.mkdir(path);
    }],
    ["a link", async (path: string) => {
      await Deno.rename(path, `${path}.real`);
      await Deno.symlink(`${path}.real`, path);
    }],
  ] as const
) {
  Deno.test(`create_rollback_bundle makes none when a required file is ${name}, strict or not`, async () => {
    await using repository = await rollbackRepository();
    await break_(repository.path("security/release_rollout_policy.json"));
    for (const strict of [[], ["--strict"]]) {
      const { code, report, bundle } = await makeDrillBundle(repository, ...strict);
      assertEquals([code, bundle], [2, ""]);
      assertEquals(report.missing_required, ["security/release_rollout_policy.json"]);
      assert(failedIds(report).includes("required_files_present"));
      const row = (report.files as { path: string; exists: boolean; copied: boolean }[])
        .find(({ path }) => path === "security/release_rollout_policy.json")!;
      assertEquals([row.exists, row.copied], [name !== "missing", false]);
    }
    assertEquals(
      (await repository.list(".data/out")).filter((each) => each.includes("bundle_2")),
      [],
    );
  });
}

Deno.test("create_rollback_bundle leaves out an optional file with a secret and says which", async () => {
  await using repository = await rollbackRepository({
    "security/oncall_roster.json": { webhook_url: "https://hooks.example.invalid/T0/B0/abc123" },
    "security/routing.json": { webhook_env: "WA_INCIDENT_WEBHOOK_URL", token: "<token>" },
  });
  const { code, report, bundle } = await makeDrillBundle(repository);
  assertEquals([code, report.ok, report.clean], [0, true, false]);
  assertEquals(failedIds(report), ["optional_files_copied", "bundle_free_of_secrets"]);
  const names = await repository.list(`${bundle}/security`);
  assert(names.includes("routing.json") && !names.includes("oncall_roster.json"));
  assert(!JSON.stringify(report).includes("abc123"));
});

Deno.test("create_rollback_bundle makes none when a required file holds the signing key", async () => {
  await using repository = await rollbackRepository({ "CHANGES.md": `# ${DRILL_KEY}\n` });
  const { code, report } = await runScript("create_rollback_bundle", [
    ...["--json", "--require", "CHANGES.md"],
  ], { root: repository.root, env: { WA_ROLLBACK_DRILL_SIGNING_KEY: DRILL_KEY } });
  assertEquals(code, 2);
  assert(failedIds(report).includes("bundle_free_of_secrets"));
  assertEquals(await bundlesOf(repository), []);
});

Deno.test("create_rollback_bundle takes the newest reports of each kind, --recent of them", async () => {
  const reports = ["20260101", "20260102", "20260103"].map((day) =>
    [`.data/out/slo_guard_${day}T000000Z.json`, "{}"] as const
  );
  await using repository = await rollbackRepository(Object.fromEntries(reports));
  const { bundle } = await makeDrillBundle(repository, "--recent", "2");
  const names = (await repository.list(`${bundle}/.data/out`)).filter((each) =>
    each.startsWith("slo")
  );
  assertEquals(names, ["slo_guard_20260102T000000Z.json", "slo_guard_20260103T000000Z.json"]);
});

for (const args of [["--recent", "0"], ["--label", "../x"], ["--label", ".."], ["--label="]]) {
  Deno.test(`create_rollback_bundle ${args.join(" ")} is a usage error and makes nothing`, async () => {
    await using repository = await rollbackRepository();
    const { code } = await runScript("create_rollback_bundle", args, { root: repository.root });
    assertEquals([code, await bundlesOf(repository)], [64, []]);
  });
}

Deno.test("create_rollback_bundle makes none when a required file vanishes while it is copied", async () => {
  await using repository = await rollbackRepository();
  const victim = "security/release_rollout_policy.json";
  await repository.write(
    ".data/vanish.ts",
    `const { lstat } = Deno;
Deno.lstat = async (path) => {
  const facts = await lstat(path);
  if (String(path).endsWith("/${victim}")) {
    await new Deno.Command("git", { args: ["rm", "-q", "-f", "${victim}"] }).output();
  }
  return facts;
};
`,
  );
  const { code, report } = await runScript("create_rollback_bundle", ["--json", "--label", "x"], {
    root: repository.root,
    preload: repository.path(".data/vanish.ts"),
  });
  assertEquals([code, report.missing_required], [2, [victim]]);
  assert(!(await repository.list("security")).includes("release_rollout_policy.json"));
  assertEquals(await bundlesOf(repository), []);
});

Deno.test("create_rollback_bundle judges the ids of executor and incident; one id alone is no agreement", async () => {
  const executor = (id: string) => ({
    kind: "release_rollout_executor",
    ok: true,
    ended_at: 1_800_000_000,
    correlation: { correlation_id: id, release_candidate_id: "rc-1" },
    incident: { correlation_id: "ignored" },
  });
  const incident = {
    kind: "incident_report",
    ok: true,
    ended_at: 1_800_000_000,
    incident: { correlation_id: "chg-1", release_candidate_id: "rc-1" },
  };
  await using repository = await rollbackRepository({
    ".data/out/release_rollout_executor_1800000000.json": executor("chg-1"),
  });
  const alone = await makeDrillBundle(repository);
  const row = alone.report.checks.find(({ id }) => id === "correlation_id_consistent")!;
  assertEquals(row.not_applicable, "1 of 3 reports name one");
  await repository.write(".data/out/incident_report_1800000000.json", incident);
  assertEquals((await makeDrillBundle(repository, "--strict")).code, 0);
  await repository.write(
    ".data/out/release_rollout_executor_1800000001.json",
    { ...executor("chg-2"), ended_at: 1_800_000_001 },
  );
  const split = await makeDrillBundle(repository, "--strict");
  assertEquals([split.code, failedIds(split.report)], [2, ["correlation_id_consistent"]]);
});

Deno.test("create_rollback_bundle records in the manifest what was released and the way back", async () => {
  await using repository = await rollbackRepository();
  const registry = await repository.json<{ history: unknown[] }>("security/release_channels.json");
  registry.history.push({
    ...{ ts: 1, action: "promote", channel: "canary->stable", reason: "r", actor: "a" },
    ...{ from_version: "1.2.2", to_version: "1.2.3" },
  });
  await repository.write("security/release_channels.json", registry as never);
  const { bundle } = await makeDrillBundle(repository);
  const { release, restore } = await repository.json<
    { release: Record<string, unknown>; restore: string[] }
  >(`${bundle}/MANIFEST.json`);
  assertEquals(release.previous_stable_version, "1.2.2");
  assertStringIncludes(restore.at(-1)!, "--rollback-stable --to-version 1.2.2");
});

Deno.test("create_rollback_bundle killed at any file leaves no bundle that verifies, and the next run cleans up", async () => {
  await using repository = await rollbackRepository();
  const staged = async (): Promise<string | undefined> =>
    (await repository.list(".data/out")).find((name) => name.startsWith(".rollback_bundle_"));
  let killed = 0;
  for (let files = 1; files <= 9; files += 2) {
    const child = await spawnScript("create_rollback_bundle", ["--label", "killed"], {
      root: repository.root,
    });
    const ended = child.output().then(() => true);
    // Waits for the folder to hold so many names, or for the child to be faster than that.
    for (let over = false; !over;) {
      const folder = await staged();
      const names = folder === undefined
        ? []
        : await Array.fromAsync(Deno.readDir(repository.path(`.data/out/${folder}`))).catch(
          () => [],
        );
      over = names.length >= files || await Promise.race([ended, Promise.resolve(false)]);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    try {
      child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await ended;
    const left = await staged();
    if (left !== undefined) {
      killed++;
      const { ok } = await verifyBundle(repository.path(`.data/out/${left}`));
      assertEquals(ok, false);
    }
    for (const name of await bundlesOf(repository)) {
      const { ok, faults } = await verifyBundle(repository.path(`.data/out/${name}`));
      assert(ok, `${name}: ${faults[0]}`);
    }
  }
  assert(killed > 0, "no run was killed while it was at work");
  const { code, report } = await makeDrillBundle(repository);
  assertEquals([code, await staged()], [0, undefined]);
  assertEquals(typeof report.swept_staging_folders, "number");
});

Deno.test("create_rollback_bundle twice in a second makes two bundles", async () => {
  await using repository = await rollbackRepository();
  const ends = await Promise.all([1, 2, 3].map(() => makeDrillBundle(repository)));
  assertEquals(ends.map(({ code }) => code), [0, 0, 0]);
  assertEquals(new Set(ends.map(({ bundle }) => bundle)).size, 3);
});
