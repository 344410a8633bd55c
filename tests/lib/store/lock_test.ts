import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LockBusyError, lockPathFor, withLock } from "../../../lib/store/lock.ts";
import { killHard, readAtLeast, spawnModule } from "../../support/run_module.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const HOLDER = new URL("./lock_holder.ts", import.meta.url);

Deno.test("withLock() names the holder, gives up in time, and is free once the holder is killed", async () => {
  using folder = new TempFolder();
  const lock = folder.file("locks/x.lock");
  const child = spawnModule(HOLDER, [lock]);
  await readAtLeast(child, 1);
  let told = "";
  const error = await assertRejects(() =>
    withLock(
      lock,
      { waitMs: 40, purpose: "test", onWait: (holder) => told = holder },
      () => Promise.reject(new Error("must not run")),
    ), LockBusyError);
  assertStringIncludes(error.message, `held by lock_holder test, process ${child.pid}, since `);
  assertEquals(error.holder, told);
  await killHard(child);
  assertEquals(
    await withLock(lock, { waitMs: 5_000, purpose: "test" }, () => Promise.resolve(7)),
    7,
  );
});

Deno.test("withLock() loses no count of four processes that count one number up", async () => {
  using folder = new TempFolder();
  const counter = folder.file("counter");
  await Deno.writeTextFile(counter, "0");
  const ends = await Promise.all(
    [1, 2, 3, 4].map(() => spawnModule(HOLDER, [folder.file("lock"), counter, "25"]).output()),
  );
  assert(ends.every(({ success }) => success));
  assertEquals(await Deno.readTextFile(counter), "100");
});

Deno.test("withLock() lets go, and names nobody, after work that throws", async () => {
  using folder = new TempFolder();
  const lock = folder.file("lock");
  const options = { waitMs: 0, purpose: "test" };
  await assertRejects(
    () => withLock(lock, options, () => Promise.reject(new RangeError("no"))),
    RangeError,
  );
  assertEquals(await Deno.readTextFile(lock), "");
  await withLock(lock, options, () => Promise.resolve());
});

Deno.test("lockPathFor() keeps locks in .data/locks, and beside what lies outside the root", () => {
  assertEquals(
    lockPathFor("/r", "/r/security/release_channels.json"),
    "/r/.data/locks/security__release_channels.json.lock",
  );
  assertEquals(lockPathFor("/r", "/elsewhere/x.json"), "/elsewhere/x.json.lock");
});
