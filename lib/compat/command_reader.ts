import type { ReaderDeclaration } from "../policy/release_compat_matrix.ts";
import { isDocument, tooDeep } from "./document.ts";
import type { ReaderAnswer, ReaderContext, ReadRequest } from "./reader.ts";
import { CANNOT_START } from "./reader_process.ts";
import { type ReaderEnd, runReader } from "./run_reader.ts";

type CommandReader = Extract<ReaderDeclaration, { kind: "command" }>;

/** Folder of documents that are in no file of the repository, relative to root. */
const SCRATCH = ".data/tmp";

/** A document as a file for the command; removed again where it was not one before. */
function asFile(
  { path, text }: ReadRequest,
  root: string,
): { path: string; [Symbol.dispose](): void } {
  if (path !== undefined) return { path, [Symbol.dispose]: () => {} };
  Deno.mkdirSync(`${root}/${SCRATCH}`, { recursive: true });
  const scratch = `${SCRATCH}/state_${crypto.randomUUID()}.json`;
  Deno.writeTextFileSync(`${root}/${scratch}`, text, { createNew: true });
  return { path: scratch, [Symbol.dispose]: () => Deno.removeSync(`${root}/${scratch}`) };
}

function refusal({ end, code, stderr }: ReaderEnd, reader: CommandReader): string | undefined {
  const [program] = reader.command;
  const said = stderr === "" ? "" : `: ${stderr}`;
  if (end === "timeout") return `${program} did not end within ${reader.timeout_s} s`;
  if (end === "too_large") return `${program} printed more than 16 MiB`;
  if (end === "interrupted") return `${program} was interrupted`;
  if (code === CANNOT_START) return `${program} could not be started${said}`;
  return code === 0 ? undefined : `${program} ended with exit code ${code}${said}`;
}

/** Lets a program read a document: it gets the file's name and prints what it read as JSON. */
export async function readByCommand(
  request: ReadRequest,
  reader: CommandReader,
  { root, env, signal }: ReaderContext,
): Promise<ReaderAnswer> {
  using file = asFile(request, root);
  const values: Record<string, string> = {
    fixture: file.path,
    from_schema: request.fromSchema,
    to_schema: request.toSchema,
    direction: request.direction,
  };
  const argv = reader.command.map((part) =>
    part.replaceAll(/\{([a-z_]+)\}/g, (whole, name: string) => values[name] ?? whole)
  );
  const ended = await runReader(argv, {
    cwd: root,
    env,
    timeoutMs: reader.timeout_s * 1000,
    signal,
  });
  const why = refusal(ended, reader);
  if (why !== undefined) return { ok: false, why };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(ended.stdout);
    const value: unknown = JSON.parse(text);
    const [program] = reader.command;
    if (!isDocument(value)) return { ok: false, why: `${program} printed JSON that is no object` };
    if (tooDeep(value)) return { ok: false, why: `${program} printed JSON over 500 levels deep` };
    return { ok: true, text, value };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return { ok: false, why: `${reader.command[0]} did not print JSON: ${error.message}` };
  }
}
