import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path/join";
import { failedIds } from "../support/run_script.ts";
import { recoveryRepository, regionState, runDrill } from "../support/recovery_site.ts";
import type { TempRepository } from "../support/temp_repository.ts";

const REGION = ".data/dr/region-a";

interface Copy {
  name: string;
  files: number;
  tree_sha256: string;
}

async function current(repository: TempRepository): Promise<string> {
  return (await repository.json<{ snapshot: string }>(`${REGION}/current.json`)).snapshot;
}

Deno.test("disaster_recovery_drill with defaults passes twice, and copies no region", async () => {
  await using repository = await recoveryRepository();
  const first = await runDrill(repository);
  assertEquals([first.code, failedIds(first.report)], [0, []]);
  const second = await runDrill(repository);
  assertEquals([second.code, failedIds(second.report)], [0, []]);
  const { names, faults } = await regionState(repository.path(REGION));
  assertEquals([names.length, faults], [2, []]);
  const pointer = await repository.json<{ snapshot: string }>(`${REGION}/current.json`);
  assertEquals(pointer.snapshot, names[1]);
  assertEquals(second.report.excluded, ["dr", "locks", "tmp"]);
  const data = await repository.list(`${REGION}/snapshots/${names[1]}/data`);
  assertEquals(data, ["audit", "out", "state"]);
  assertEquals(await repository.list(".data/dr/region-b"), ["region.json", "region.lock"]);
});

Deno.test("disaster_recovery_drill reports what came back, how old it is and how long it took", async () => {
  await using repository = await recoveryRepository();
  const { report } = await runDrill(repository);
  const { files, tree_sha256, name } = report.snapshot as Copy;
  assertMatch(name, /^snapshot_\d{8}T\d{6}Z$/);
  const restore = report.restore as { same: boolean; files: number; tree_sha256: string };
  assertEquals([restore.same, restore.files, restore.tree_sha256], [true, files, tree_sha256]);
  assertEquals(files, 2);
  const { rpo_s, rto_s, damage } = report as unknown as {
    rpo_s: number;
    rto_s: number;
    damage: { detected: boolean }[];
  };
  assert(rpo_s >= 0 && rto_s > 0);
  assertEquals(damage.map(({ detected }) => detected), [true, true, true]);
  const alias = await repository.read(".data/out/disaster_recovery_drill.json");
  assertEquals(alias, await repository.read(report.report_path!));
});

Deno.test("disaster_recovery_drill leaves its newest report under one name, wherever it was put", async () => {
  await using repository = await recoveryRepository();
  const out = repository.path("elsewhere.json");
  const { code, report } = await runDrill(repository, ["--out", out]);
  assertEquals([code, report.ok], [0, true]);
  const alias = await repository.read(".data/out/disaster_recovery_drill.json");
  assertEquals(alias, await Deno.readTextFile(out));
});

for (const flag of ["--primary", "--region-a", "--region-b", "--restore-into"]) {
  Deno.test(`disaster_recovery_drill ${flag} may be a place no disk can hold, without a defect`, async () => {
    await using repository = await recoveryRepository();
    const { code, report } = await runDrill(repository, [flag, "x".repeat(300)]);
    assertEquals([code, failedIds(report)], [70, ["state_readable"]]);
  });
}

Deno.test("disaster_recovery_drill puts itself on record with the ids of the release", async () => {
  await using repository = await recoveryRepository();
  const ids = { WA_RELEASE_CORRELATION_ID: "chg-1", WA_RELEASE_CANDIDATE_ID: "rc-1" };
  const { report } = await runDrill(repository, [], ids);
  const log = (await repository.read(".data/audit/operations_audit_chain.ndjson")).trimEnd();
  const { action, status, correlation_id, context } = JSON.parse(log.split("\n").at(-1)!);
  assertEquals([action, status], ["disaster_recovery_drill", "ok"]);
  assertEquals(correlation_id, "chg-1");
  assertEquals(context.snapshot, (report.snapshot as Copy).name);
  const manifest = await repository.json(`${REGION}/snapshots/${context.snapshot}/MANIFEST.json`);
  assertEquals([manifest.correlation_id, manifest.release_candidate_id], ["chg-1", "rc-1"]);
  assertEquals(manifest.manifest_sha256, context.manifest_sha256);
});

Deno.test("disaster_recovery_drill refuses a primary that is not there", async () => {
  await using repository = await recoveryRepository();
  for (const primary of ["none", "deno.json", "deno.json/x"]) {
    const { code, report } = await runDrill(repository, ["--primary", primary]);
    assertEquals([code, failedIds(report)], [2, ["primary_exists"]]);
  }
  assertEquals(await repository.list(".data/dr"), []);
});

for (
  const [what, files] of [
    ["empty", {}],
    ["of empty files", { "p/a": "", "p/b/c": "" }],
    ["full of what is excluded", { "p/cache/x": "content" }],
  ] as const
) {
  Deno.test(`disaster_recovery_drill refuses a primary that is ${what}`, async () => {
    await using repository = await recoveryRepository(files, { exclude: ["cache"] });
    await Deno.mkdir(repository.path("p"), { recursive: true });
    const { code, report } = await runDrill(repository, ["--primary", "p"]);
    assertEquals([code, failedIds(report)], [2, ["primary_not_empty"]]);
    assertEquals(await repository.list(".data/dr"), []);
  });
}

for (
  const args of [
    ["--region-a", ".data/backup"],
    ["--region-b", ".data/state"],
    ["--region-a", "."],
    ["--region-b", ".data/dr/region-a/b"],
    ["--region-a", "security"],
    ["--probe-command", "sh -c {restored}"],
  ]
) {
  Deno.test(`disaster_recovery_drill ${args.join(" ")} is refused, and touches nothing`, async () => {
    await using repository = await recoveryRepository();
    const before = await repository.list("security");
    const { code, report } = await runDrill(repository, args);
    assertEquals([code, failedIds(report)], [64, ["call_valid"]]);
    assertEquals(await repository.list("security"), before);
    assertEquals(await repository.list(".data"), ["out", "state"]);
  });
}

Deno.test("disaster_recovery_drill keeps the last good copy when the primary does not come to rest", async () => {
  await using repository = await recoveryRepository();
  assertEquals((await runDrill(repository)).code, 0);
  const [name, pointer] = [
    await current(repository),
    await repository.read(`${REGION}/current.json`),
  ];
  const writer = new Deno.Command("sh", {
    args: ["-c", "while :; do echo x >> busy; done"],
    cwd: repository.path(".data/state"),
    stdin: "null",
  }).spawn();
  try {
    // The writer is at work once its file is there.
    while (!(await repository.list(".data/state")).includes("busy")) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    const { code, report } = await runDrill(repository);
    assertEquals([code, failedIds(report).slice(0, 1)], [2, ["point_in_time_consistent"]]);
    const row = report.checks.find(({ id }) => id === "point_in_time_consistent")!;
    const { changed, attempts } = row.value as { changed: string[]; attempts: number };
    assertEquals([changed, attempts], [["state/busy"], 3]);
  } finally {
    writer.kill("SIGKILL");
    await writer.status;
  }
  assertEquals(await repository.read(`${REGION}/current.json`), pointer);
  assertEquals(await regionState(repository.path(REGION)), { names: [name], faults: [] });
  assertEquals((await runDrill(repository)).code, 0);
});

Deno.test("disaster_recovery_drill notices rot in the last good copy, and makes a new one", async () => {
  await using repository = await recoveryRepository();
  await runDrill(repository);
  const rotten = await current(repository);
  const file = `${REGION}/snapshots/${rotten}/data/state/app.json`;
  const text = await repository.read(file);
  await repository.write(file, text.replace("1", "2"));
  const lost = await runDrill(repository, ["--from-current"]);
  assertEquals([lost.code, failedIds(lost.report)], [2, [
    "last_good_copy_whole",
    "backup_region_a",
  ]]);
  assertStringIncludes(JSON.stringify(lost.report.checks), "state/app.json: digest");
  const second = await runDrill(repository);
  assertEquals([second.code, failedIds(second.report)], [2, ["last_good_copy_whole"]]);
  assert(await current(repository) !== rotten);
  assertEquals((await runDrill(repository)).code, 0);
});

Deno.test("disaster_recovery_drill --from-current restores the last good copy of a lost primary", async () => {
  await using repository = await recoveryRepository({ "p/a": "1", "p/b/c": "2" });
  const args = ["--primary", "p", "--region-a", "a", "--region-b", "b"];
  const none = await runDrill(repository, [...args, "--from-current"]);
  assertEquals([none.code, failedIds(none.report)], [2, [
    "last_good_copy_whole",
    "backup_region_a",
  ]]);
  assertEquals((await runDrill(repository, args)).code, 0);
  await Deno.remove(repository.path("p"), { recursive: true });
  const { code, report } = await runDrill(repository, [...args, "--from-current"]);
  assertEquals([code, failedIds(report)], [0, []]);
  assertEquals((report.restore as Copy).files, 2);
  assertEquals((await regionState(repository.path("a"))).names.length, 1);
});

Deno.test("disaster_recovery_drill fails when the newest restored record is too old, or from the future", async () => {
  await using repository = await recoveryRepository({ "p/a": "1" });
  const drill = () => runDrill(repository, ["--primary", "p"]);
  const now = Date.now() / 1000;
  await Deno.utime(repository.path("p/a"), now - 864_000, now - 864_000);
  const old = await drill();
  assertEquals([old.code, failedIds(old.report)], [2, ["rpo_within_limit"]]);
  assert(Math.abs(Number(old.report.rpo_s) - 864_000) < 600);
  assertEquals(old.report.proven, true);
  await Deno.utime(repository.path("p/a"), now + 864_000, now + 864_000);
  assertEquals(failedIds((await drill()).report), ["rpo_within_limit"]);
});

Deno.test("disaster_recovery_drill measures by the record that the policy names", async () => {
  const record = { newest_record: { path: "log.ndjson", pointer: "/ts" } };
  await using repository = await recoveryRepository({ "p/log.ndjson": '{"ts":7}\n' }, record);
  const { report } = await runDrill(repository, ["--primary", "p"]);
  assertEquals(failedIds(report), ["rpo_within_limit"]);
  assert(Number(report.rpo_s) > 1e9);
  await repository.write("p/log.ndjson", '{"time":7}\n');
  const unreadable = await runDrill(repository, ["--primary", "p"]);
  assertEquals([unreadable.report.rpo_s, unreadable.code], [null, 2]);
});

Deno.test("disaster_recovery_drill fails when bringing the data back takes too long", async () => {
  await using repository = await recoveryRepository();
  const { code, report } = await runDrill(repository, ["--max-rto-s", "0"]);
  assertEquals([code, failedIds(report)], [2, ["rto_within_limit"]]);
  const { value, source } = report.settings.find(({ name }) => name === "max-rpo-s")!;
  assertEquals([value, source], [86_400, "policy /max_rpo_s"]);
});

Deno.test("disaster_recovery_drill gives a copy no name that the probe cannot read", async () => {
  await using repository = await recoveryRepository(undefined, {
    probe: { command: "cat {restored}/state/app.json" },
  });
  const read = await runDrill(repository);
  assertEquals([read.code, failedIds(read.report)], [0, []]);
  assertStringIncludes((read.report.probe as { stdout: string }).stdout, '"at": 1');
  const before = await repository.read(`${REGION}/current.json`);
  const other = ["--probe-command", "cat {restored}/state/none"];
  const { code, report } = await runDrill(repository, other);
  assertEquals([code, failedIds(report)], [2, ["probe_passed"]]);
  assertEquals(await repository.read(`${REGION}/current.json`), before);
  assertEquals((await regionState(repository.path(REGION))).names.length, 1);
});

Deno.test("disaster_recovery_drill gives a copy no name that lacks a required file", async () => {
  await using repository = await recoveryRepository(undefined, {
    must_contain: ["state/app.json", "state/keys.json"],
  });
  const { code, report } = await runDrill(repository);
  assertEquals([code, failedIds(report)], [2, ["required_files_in_copy"]]);
  assertEquals((await regionState(repository.path(REGION))).names, []);
  await repository.write(".data/state/keys.json", "[]");
  assertEquals((await runDrill(repository)).code, 0);
});

Deno.test("disaster_recovery_drill keeps as many copies as the policy says, and prunes after success only", async () => {
  await using repository = await recoveryRepository(undefined, { keep_snapshots: 2 });
  for (let run = 0; run < 2; run++) await runDrill(repository);
  const { names } = await regionState(repository.path(REGION));
  const failing = await runDrill(repository, ["--probe-command", "false {restored}"]);
  assertEquals([failing.code, failing.report.pruned_snapshots], [2, []]);
  assertEquals((await regionState(repository.path(REGION))).names, names);
  const { report } = await runDrill(repository);
  assertEquals(report.pruned_snapshots, [names[0]]);
  const after = await regionState(repository.path(REGION));
  assertEquals([after.names, after.faults], [[names[1], (report.snapshot as Copy).name], []]);
});

Deno.test("disaster_recovery_drill leaves a malformed pointer as it is and ends with 70", async () => {
  await using repository = await recoveryRepository();
  await runDrill(repository);
  await repository.write(`${REGION}/current.json`, "{");
  const { code, report } = await runDrill(repository);
  assertEquals([code, failedIds(report)], [70, ["state_readable"]]);
  assertEquals(await repository.read(`${REGION}/current.json`), "{");
});

Deno.test("disaster_recovery_drill warns of links that lead out, and refuses them under --strict", async () => {
  await using repository = await recoveryRepository({ "p/a": "1" });
  await Deno.symlink("/etc/hostname", repository.path("p/out"));
  const args = ["--primary", "p"];
  const { code, report } = await runDrill(repository, args);
  assertEquals([code, failedIds(report)], [0, ["links_lead_inside"]]);
  assertEquals((report.restore as { links: number }).links, 1);
  assertEquals((await runDrill(repository, [...args, "--strict"])).code, 2);
});

Deno.test("disaster_recovery_drill one after the other when two begin at once", async () => {
  await using repository = await recoveryRepository({ "p/a": "1" });
  const ends = await Promise.all([1, 2, 3].map(() => runDrill(repository, ["--primary", "p"])));
  assertEquals(ends.map(({ code }) => code), [0, 0, 0]);
  const { names, faults } = await regionState(join(repository.root, REGION));
  assertEquals([names.length, faults], [3, []]);
});

Deno.test("disaster_recovery_drill --restore-into brings the last good copy back for good", async () => {
  await using repository = await recoveryRepository({ "p/a": "1", "p/b/c": "2" });
  await Deno.chmod(repository.path("p/a"), 0o640);
  await Deno.symlink("b/c", repository.path("p/link"));
  assertEquals((await runDrill(repository, ["--primary", "p"])).code, 0);
  await Deno.remove(repository.path("p"), { recursive: true });
  const { code, report } = await runDrill(repository, [
    ...["--restore-into", "p", "--probe-command", "cat {restored}/link"],
  ]);
  assertEquals([code, failedIds(report)], [0, []]);
  assertEquals([await repository.list("p"), await repository.read("p/b/c")], [
    ["a", "b", "link"],
    "2",
  ]);
  assertEquals((await Deno.stat(repository.path("p/a"))).mode! & 0o777, 0o640);
  assertEquals(await Deno.readLink(repository.path("p/link")), "b/c");
});

Deno.test("disaster_recovery_drill --restore-into writes nothing from a rotten copy; an older one can be named", async () => {
  await using repository = await recoveryRepository({ "p/a": "old" });
  await runDrill(repository, ["--primary", "p"]);
  const old = await current(repository);
  await repository.write("p/a", "new");
  await runDrill(repository, ["--primary", "p"]);
  await repository.write(`${REGION}/snapshots/${await current(repository)}/data/a`, "rot");
  const rotten = await runDrill(repository, ["--restore-into", "back"]);
  assertEquals([rotten.code, failedIds(rotten.report)], [2, ["copy_whole"]]);
  assertEquals(await repository.list("back"), []);
  const args = ["--restore-into", "back", "--snapshot", old];
  assertEquals((await runDrill(repository, args)).code, 0);
  assertEquals(await repository.read("back/a"), "old");
});

for (
  const [why, args] of [
    ["a folder that is not empty", ["--restore-into", "security"]],
    ["a file", ["--restore-into", "deno.json"]],
    ["region A", ["--restore-into", `${REGION}/back`]],
    ["a copy that is not there", ["--restore-into", "back", "--snapshot", "snapshot_1"]],
    ["a copy outside the region", ["--restore-into", "back", "--snapshot", "../../state"]],
    ["no folder at all", ["--snapshot", "snapshot_20260131T080000Z"]],
    ["a drill at the same time", ["--restore-into", "back", "--from-current"]],
  ] as const
) {
  Deno.test(`disaster_recovery_drill --restore-into refuses ${why}, and touches nothing`, async () => {
    await using repository = await recoveryRepository();
    await runDrill(repository);
    const before = await regionState(repository.path(REGION));
    const security = await repository.list("security");
    const { code, report } = await runDrill(repository, args);
    assertEquals([code, failedIds(report)], [64, ["call_valid"]]);
    assertEquals(await regionState(repository.path(REGION)), before);
    assertEquals([await repository.list("back"), await repository.list("security")], [
      [],
      security,
    ]);
  });
}

Deno.test("disaster_recovery_drill --restore-into says so when there is no copy", async () => {
  await using repository = await recoveryRepository();
  const { code, report } = await runDrill(repository, ["--restore-into", "back"]);
  assertEquals([code, failedIds(report)], [2, ["copy_whole"]]);
  assertEquals(await repository.list(".data/dr"), []);
});
