/**
 * Following a long log with all processors: threads follow segments, and their results are joined
 * in order.
 *
 * @module
 */
import type { FollowedSegment, Segment } from "./segment.ts";
import { lanesModule } from "./sha256_lanes.ts";

/** Shorter logs are read before threads have warmed up, bytes. */
export const LONG_LOG_BYTES = 128 << 20;

const SEGMENT_BYTES = 8 << 20;
const MOST_THREADS = 8;

/**
 * Gives the segments of a log in order, each with what following it came to.
 *
 * @param from Where a line begins, bytes.
 * @param to Where the log is taken to end; what follows the last line end is left out.
 * @param halts Entry counts at which to halt.
 */
export async function* followedSegments(
  path: string,
  from: number,
  to: number,
  halts: readonly number[],
): AsyncGenerator<[Segment, FollowedSegment | undefined]> {
  const threads = Array.from(
    { length: Math.min(MOST_THREADS, navigator.hardwareConcurrency) },
    () => new Thread(),
  );
  try {
    const waiting: [Segment, Promise<FollowedSegment | undefined>][] = [];
    let next = 0;
    for await (const segment of cut(path, from, to, halts)) {
      waiting.push([segment, threads[next++ % threads.length]!.follow(segment)]);
      if (waiting.length < 2 * threads.length) continue;
      const [oldest, result] = waiting.shift()!;
      yield [oldest, await result];
    }
    for (const [segment, result] of waiting) yield [segment, await result];
  } finally {
    threads.forEach((thread) => thread.end());
  }
}

/** Cuts a log where lines end. */
async function* cut(
  path: string,
  from: number,
  to: number,
  halts: readonly number[],
): AsyncGenerator<Segment> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(1 << 17); // longer than the longest line
  for (let start = from; start < to;) {
    let end = Math.min(to, start + SEGMENT_BYTES);
    await file.seek(end - Math.min(buffer.length, end - start), Deno.SeekMode.Start);
    const wanted = Math.min(buffer.length, end - start);
    let filled = 0;
    while (filled < wanted) {
      const read = await file.read(buffer.subarray(filled, wanted));
      if (read === null) return;
      filled += read;
    }
    const lineEnd = buffer.subarray(0, wanted).lastIndexOf(10);
    if (lineEnd < 0) return;
    end -= wanted - lineEnd - 1;
    yield { path, from: start, to: end, halts };
    start = end;
  }
}

/** A worker that follows one segment after the other. */
class Thread {
  readonly #worker = new Worker(new URL("./segment_worker.ts", import.meta.url), {
    type: "module",
  });
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#worker.postMessage(lanesModule());
  }

  follow(segment: Segment): Promise<FollowedSegment | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<FollowedSegment | undefined>();
    this.#last = this.#last.then(() => {
      this.#worker.onmessage = ({ data }) => resolve(data ?? undefined);
      this.#worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`Cannot follow a segment: ${event.message}`));
      };
      this.#worker.postMessage(segment);
      return promise;
    });
    this.#last.catch(() => {}); // whoever waits for the segment is told
    return promise;
  }

  end(): void {
    this.#worker.terminate();
  }
}
