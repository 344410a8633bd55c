import { dirname } from "@std/path/dirname";
import { z } from "zod";
import { IoError, NotReadyError } from "../command/errors.ts";
import { withLock } from "../store/lock.ts";
import { writeAtomic } from "../store/write_atomic.ts";

/** What an adapter remembers: the newest order it took. */
const FenceState = z.object({
  schema_version: z.literal(1),
  fence: z.int().min(0),
  canary_weight: z.int().min(0).max(100),
});

/** The newest order an adapter took. */
export type FenceState = z.output<typeof FenceState>;

/**
 * The newest order taken; undefined before the first.
 *
 * @throws {IoError} If the file cannot be read as such: a token that is forgotten lets late orders
 * through.
 */
export async function readFence(path: string): Promise<FenceState | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    return FenceState.parse(JSON.parse(text));
  } catch (cause) {
    const hint = "set fence to a number above that of the newest intent in .data/rollout/intents";
    throw new IoError(`Cannot read adapter state "${path}": not as it was written`, hint, {
      cause,
    });
  }
}

/**
 * Runs an order unless a newer one was taken before, or another one with the same token. The token
 * is on disk before the order has any effect, so that after a crash in between an older order is
 * still refused.
 *
 * @param path State file of the adapter; its lock lies beside it.
 * @throws {NotReadyError} If the order is refused; nothing was changed. Exit 75.
 */
export async function withFence<T>(
  path: string,
  order: { fence: number; canaryWeight: number },
  work: () => Promise<T>,
): Promise<T> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const lock = { waitMs: 10_000, purpose: `traffic order ${order.fence}` };
  return await withLock(`${path}.lock`, lock, async () => {
    const last = await readFence(path);
    const older = last !== undefined && order.fence < last.fence;
    const other = last !== undefined && order.fence === last.fence &&
      order.canaryWeight !== last.canary_weight;
    if (older || other) {
      throw new NotReadyError(
        `Order ${order.fence} is refused: order ${last.fence} was taken before`,
        "plan again: somebody else has moved traffic since",
      );
    }
    const state: FenceState = {
      schema_version: 1,
      fence: order.fence,
      canary_weight: order.canaryWeight,
    };
    await writeAtomic(path, `${JSON.stringify(state)}\n`);
    return await work();
  });
}
