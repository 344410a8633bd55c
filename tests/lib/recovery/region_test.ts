import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path/join";
import { IoError, UsageError } from "../../../lib/command/errors.ts";
import {
  checkRegion,
  openRegion,
  pruneSnapshots,
  readPointer,
  snapshotNames,
  sweepRegion,
  writePointer,
} from "../../../lib/recovery/region.ts";
import { recoveryPaths } from "../../../lib/recovery/region_paths.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const STAMPS = [
  "snapshot_20260131T080000Z",
  "snapshot_20260131T080000Z_2",
  "snapshot_20260131T080000Z_10",
  "snapshot_20260201T080000Z",
];

async function region(folder: TempFolder): Promise<string> {
  const path = folder.file("a");
  await Deno.mkdir(path);
  await openRegion(path, "backup_region");
  for (const name of STAMPS) {
    await Deno.mkdir(join(path, "snapshots", name, "data"), { recursive: true });
  }
  return path;
}

const named = (snapshot: string) => ({
  snapshot,
  manifest_sha256: "0".repeat(64),
  created_at: 1,
  proven_at: 2,
});

Deno.test("snapshotNames() are in the order of their age, and of copies only", async () => {
  using folder = new TempFolder();
  const path = await region(folder);
  for (const name of ["notes", ".staging_x", "snapshot_x"]) {
    await Deno.mkdir(join(path, "snapshots", name));
  }
  assertEquals(await snapshotNames(path), STAMPS);
});

Deno.test("pruneSnapshots() keeps the newest, and the one that the pointer names however old", async () => {
  using folder = new TempFolder();
  const path = await region(folder);
  await writePointer(path, named(STAMPS[0]!));
  assertEquals(await pruneSnapshots(path, 4), []);
  assertEquals(await pruneSnapshots(path, 2), [STAMPS[1], STAMPS[2]]);
  assertEquals(await snapshotNames(path), [STAMPS[0], STAMPS[3]]);
  await writePointer(path, named(STAMPS[3]!));
  assertEquals(await pruneSnapshots(path, 1), [STAMPS[0]]);
  assertEquals(await snapshotNames(path), [STAMPS[3]]);
});

Deno.test("sweepRegion() removes what killed runs left, and nothing else", async () => {
  using folder = new TempFolder();
  const path = await region(folder);
  for (const name of ["snapshots/.staging_1", "snapshots/.removing_2", ".scratch_3", "mine"]) {
    await Deno.mkdir(join(path, name, "x"), { recursive: true });
  }
  assertEquals(await sweepRegion(path), 3);
  assertEquals(await snapshotNames(path), STAMPS);
  assert((await Deno.stat(join(path, "mine/x"))).isDirectory);
});

Deno.test("checkRegion() takes a region of its kind, an empty folder, or none", async () => {
  using folder = new TempFolder();
  const path = await region(folder);
  await checkRegion(path, "backup_region");
  await checkRegion(folder.file("none"), "restore_region");
  assertEquals(folder.names(), ["a"]);
  await assertRejects(() => checkRegion(path, "restore_region"), UsageError, "is a backup_region");
  await Deno.mkdir(folder.file("c"));
  await checkRegion(folder.file("c"), "restore_region");
  Deno.writeTextFileSync(folder.file("c/photo"), "x");
  await assertRejects(() => checkRegion(folder.file("c"), "restore_region"), UsageError, '"photo"');
  await assertRejects(() => checkRegion(folder.file("c/photo"), "restore_region"), UsageError);
  Deno.writeTextFileSync(folder.file("c/region.json"), "{");
  await assertRejects(() => checkRegion(folder.file("c"), "restore_region"), IoError);
});

Deno.test("readPointer() tells missing from malformed, and leaves that as it is", async () => {
  using folder = new TempFolder();
  const path = await region(folder);
  assertEquals(await readPointer(path), undefined);
  for (const text of ["", "{}", '{"snapshot": "../../etc"}', "[]"]) {
    Deno.writeTextFileSync(join(path, "current.json"), text);
    await assertRejects(() => readPointer(path), IoError, "last good copy");
    assertEquals(Deno.readTextFileSync(join(path, "current.json")), text);
  }
  const outside = { schema_version: 1, kind: "recovery_pointer", ...named("../x") };
  Deno.writeTextFileSync(join(path, "current.json"), JSON.stringify(outside));
  await assertRejects(() => readPointer(path), IoError, "/snapshot");
});

const PLACES: [what: string, primary: string, a: string, b: string, ok: boolean][] = [
  ["apart", "data", "x/a", "x/b", true],
  ["the defaults", ".data", ".data/dr/region-a", ".data/dr/region-b", true],
  ["the whole root with default regions", ".", ".data/dr/region-a", ".data/dr/region-b", true],
  ["names that only begin alike", "data", "data-a", "data-b", true],
  ["region A in the primary", "data", "data/a", "b", false],
  ["region A in another dr of the primary", "data", "data/dr/a", "b", false],
  ["region A in the locks", ".data", ".data/locks/a", "b", false],
  ["region B in the primary", "data", "a", "data/b", false],
  ["region A is the primary", "data", "data", "b", false],
  ["region B is the primary", "data", "a", "data", false],
  ["the primary in region A", "x/data", "x", "b", false],
  ["the primary in region B", "x/data", "a", "x", false],
  ["the top of the file system as region", "data", "/", "b", false],
  ["region B in region A", "data", "a", "a/b", false],
  ["region A in region B", "data", "b/a", "b", false],
  ["the regions are one", "data", "a", "a", false],
  ["upwards and down again", "data", "x/../data/a", "b", false],
  ["region A in the primary through a link", "data", "link/a", "b", false],
  ["a primary that is a link around region A", "link", "data/deep/a", "b", false],
];

for (const [what, primary, regionA, regionB, ok] of PLACES) {
  Deno.test(`recoveryPaths() ${ok ? "takes" : "refuses"} ${what}`, async () => {
    using folder = new TempFolder();
    Deno.mkdirSync(folder.file("data/deep"), { recursive: true });
    Deno.symlinkSync("data", folder.file("link"));
    const absolute = (path: string): string => path === "/" ? path : folder.file(path);
    const places = {
      primary: absolute(primary),
      regionA: absolute(regionA),
      regionB: absolute(regionB),
    };
    if (!ok) {
      await assertRejects(() => recoveryPaths(folder.path, places, []), UsageError, "overlap");
      return;
    }
    const { excluded } = await recoveryPaths(folder.path, places, ["cache"]);
    const own = primary === ".data"
      ? ["cache", "dr", "locks", "tmp"]
      : primary === "."
      ? [".data/dr", ".data/locks", ".data/tmp", "cache"]
      : ["cache"];
    assertEquals(excluded, own);
  });
}

Deno.test("recoveryPaths() leaves .data/dr out also when it is a link to another disk", async () => {
  using folder = new TempFolder();
  for (const path of [".data", "disk"]) Deno.mkdirSync(folder.file(path));
  Deno.symlinkSync("../disk", folder.file(".data/dr"));
  const paths = await recoveryPaths(folder.path, {
    primary: folder.file(".data"),
    regionA: folder.file(".data/dr/region-a"),
    regionB: folder.file(".data/dr/region-b"),
  }, []);
  assertEquals(paths.regionA, folder.file("disk/region-a"));
  assertEquals(paths.excluded, ["dr", "locks", "tmp"]);
});
