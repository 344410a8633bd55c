import { fromFileUrl } from "@std/path/from-file-url";

/** Largest answer of a reader command, bytes; 16 MiB. */
const LARGEST_ANSWER_BYTES = 16 << 20;
/** Of the command's messages, this much of the end is kept, bytes. */
const KEPT_BYTES = 2000;

const SUPERVISOR = fromFileUrl(new URL("./reader_process.ts", import.meta.url));

/** How a reader command ended. */
export interface ReaderEnd {
  end: "exited" | "timeout" | "too_large" | "interrupted";
  code: number;
  stdout: Uint8Array<ArrayBuffer>;
  /** The last 2000 bytes of its messages. */
  stderr: string;
}

/** Collects a stream; `most` bytes from the start, or the last `kept` ones. */
async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { most = Infinity, kept = Infinity, onTooLarge }: {
    most?: number;
    kept?: number;
    onTooLarge?: () => void;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > most) onTooLarge?.();
    else chunks.push(chunk);
    while (chunks.length > 1 && size - chunks[0]!.length >= kept) size -= chunks.shift()!.length;
  }
  const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
  return kept === Infinity ? bytes : bytes.slice(-kept);
}

/**
 * Runs a reader command, without a shell, to its end, its time limit, or the end of this run. When
 * it returns, no process of the command is left.
 *
 * Needs `--allow-run=deno`: `reader_process.ts` starts the program and ends its process group.
 */
export async function runReader(
  argv: readonly string[],
  { cwd, env, timeoutMs, signal }: {
    cwd: string;
    env: Readonly<Record<string, string>>;
    timeoutMs: number;
    signal: AbortSignal;
  },
): Promise<ReaderEnd> {
  const child = new Deno.Command("deno", {
    args: ["run", "--no-prompt", "--no-config", "--no-lock", "--allow-run", SUPERVISOR, ...argv],
    cwd,
    clearEnv: true,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const leash = child.stdin.getWriter();
  let end: ReaderEnd["end"] = "exited";
  const stop = (why: ReaderEnd["end"]): void => {
    if (end !== "exited") return;
    end = why;
    leash.close().catch(ignoreClosedPipe);
  };
  const interrupt = (): void => stop("interrupted");
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  const timer = setTimeout(() => stop("timeout"), timeoutMs);
  try {
    const [stdout, stderr, { code }] = await Promise.all([
      collect(child.stdout, {
        most: LARGEST_ANSWER_BYTES,
        onTooLarge: () => stop("too_large"),
      }),
      collect(child.stderr, { kept: KEPT_BYTES }),
      child.status,
    ]);
    return { end, code, stdout, stderr: new TextDecoder().decode(stderr).trim() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", interrupt);
    if (end === "exited") await leash.close().catch(ignoreClosedPipe);
  }
}

/** The command may have ended, and its pipe with it. */
function ignoreClosedPipe(error: unknown): void {
  if (!(error instanceof Deno.errors.BrokenPipe || error instanceof TypeError)) throw error;
}
