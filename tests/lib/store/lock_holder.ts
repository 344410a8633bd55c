/**
 * With a third argument: counts a number in a file up, that many times, each time under the lock.
 * Without: takes the lock, says so, and keeps it until it is killed.
 */
import { withLock } from "../../../lib/store/lock.ts";

const [lock = "", counter = "", times = ""] = Deno.args;
const options = { waitMs: 20_000, purpose: "lock_holder test" };
if (times === "") {
  await withLock(lock, options, async () => {
    await Deno.stdout.write(new TextEncoder().encode("h"));
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
}
for (let left = Number(times); left > 0; left--) {
  await withLock(lock, options, async () => {
    const value = Number(await Deno.readTextFile(counter));
    await Deno.writeTextFile(counter, String(value + 1));
  });
}
