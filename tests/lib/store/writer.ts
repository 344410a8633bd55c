/**
 * Replaces a file over and over, a dot on stdout after each time; its tests kill it anywhere.
 *
 * Arguments: the file, and the length of what it writes in lines.
 */
import { writeAtomic } from "../../../lib/store/write_atomic.ts";

const [path = "", lines = ""] = Deno.args;
for (let round = 1;; round++) {
  await writeAtomic(path, `${Deno.pid}.${round}\n`.repeat(Number(lines)));
  await Deno.stdout.write(Uint8Array.of(46));
}
