/** Says that it is ready, waits for its input to end, then tries to be the one who creates a file. */
import { createExclusive } from "../../../lib/store/write_atomic.ts";

const [path = "", text = ""] = Deno.args;
await Deno.stdout.write(new TextEncoder().encode("r"));
await Deno.stdin.readable.pipeTo(new WritableStream());
try {
  await createExclusive(path, text.repeat(20_000));
  await Deno.stdout.write(new TextEncoder().encode("won"));
} catch (error) {
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  await Deno.stdout.write(new TextEncoder().encode("lost"));
}
