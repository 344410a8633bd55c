/**
 * Following a long log with all processors: this thread and others follow segments, and what they
 * come to is joined in order.
 *
 * @module
 */
import { type FollowedSegment, followSegment, type Segment } from "./segment.ts";
import { lanesModule } from "./sha256_lanes.ts";

/** Shorter logs are read before threads have warmed up, bytes. */
export const LONG_LOG_BYTES = 128 << 20;

const SEGMENT_BYTES = 8 << 20;
const MOST_THREADS = 8;

/** Segments that may wait to be joined, for each thread: what bounds the memory. */
const WAITING = 3;

type Follow = (segment: Segment) => Promise<FollowedSegment | undefined>;

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
  const count = Math.min(MOST_THREADS, navigator.hardwareConcurrency);
  const others = Array.from({ length: count - 1 }, () => new Thread());
  try {
    // Another thread has a second segment at hand, so that it never waits for this one.
    const free: Follow[] = others.flatMap(({ follow }) => [follow, follow]).concat(followSegment);
    const waiting: [Segment, ReturnType<Follow>][] = [];
    for await (const segment of cut(path, from, to, halts)) {
      while (free.length === 0 || waiting.length >= WAITING * count) {
        const [oldest, result] = waiting.shift()!;
        yield [oldest, await result];
      }
      const follow = free.pop()!;
      const result = follow(segment).finally(() => free.push(follow));
      result.catch(() => {}); // whoever waits for the segment is told
      waiting.push([segment, result]);
    }
    for (const [segment, result] of waiting) yield [segment, await result];
  } finally {
    others.forEach((thread) => thread.end());
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

  follow: Follow = (segment) => {
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
    this.#last.catch(() => {}); // the promise tells as well
    return promise;
  };

  end(): void {
    this.#worker.terminate();
  }
}
