import type { z } from "zod";
import { sha256Hex } from "../store/digest.ts";
import { LARGEST_TEXT_BYTES, readText } from "../store/read_text.ts";
import type { Fault } from "./fault.ts";
import { hasDoubtfulKeys } from "./doubtful_keys.ts";

/** What became of an input file. `wrong_type`: it is JSON, but not what its schema demands. */
export type InputState = "ok" | "missing" | "unreadable" | "malformed" | "wrong_type";

/** A JSON file that was read and checked, or every reason why it was refused. */
export type Loaded<T> =
  | { state: "ok"; path: string; sha256: string; bom: boolean; value: T }
  | { state: Exclude<InputState, "ok">; path: string; sha256?: string; faults: Fault[] };

const TOO_LARGE = "is nested too deeply, or holds a text too long, to be checked";

/** Undefined where the value overflows the stack of the schema or of one of its patterns. */
function check<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> | undefined {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A schema, or how to load it: one that may not be needed is not paid for at start. */
export type Schema<T> = z.ZodType<T> | (() => Promise<z.ZodType<T>>);

/**
 * Reads a JSON file against its schema. Nothing is ever replaced by a default: the answer is the
 * whole checked value, or the list of faults with JSON pointer, line, column and suggestion.
 *
 * @param path Where to read.
 * @param shown How messages and reports name the file, relative to the root.
 */
export async function loadJson<T>(
  path: string,
  schema: Schema<T>,
  { shown = path, limit = LARGEST_TEXT_BYTES }: { shown?: string; limit?: number } = {},
): Promise<Loaded<T>> {
  const file = readText(path, limit);
  const digest = file.bytes === undefined ? {} : { sha256: await sha256Hex(file.bytes) };
  const refuse = (state: Exclude<InputState, "ok">, faults: Fault[]): Loaded<T> => (
    { state, path: shown, ...digest, faults }
  );
  if (file.state !== "ok") {
    return refuse(file.state, [{ pointer: "", message: file.message }]);
  }
  let value: unknown;
  try {
    value = JSON.parse(file.text);
  } catch (error) {
    const { syntaxFault } = await import("./locate.ts");
    return refuse("malformed", [await syntaxFault(file.text, (error as Error).message)]);
  }
  if (hasDoubtfulKeys(file.text, value)) {
    const { doubtfulKeys } = await import("./locate.ts");
    return refuse("malformed", await doubtfulKeys(file.text));
  }
  const wanted = typeof schema === "function" ? await schema() : schema;
  const parsed = check(wanted, value);
  if (parsed === undefined) return refuse("wrong_type", [{ pointer: "", message: TOO_LARGE }]);
  if (!parsed.success) {
    const [{ faultsOf }, { locateFaults }] = await Promise.all([
      import("./fault.ts"),
      import("./locate.ts"),
    ]);
    const faults = await faultsOf(parsed.error, value, wanted);
    return refuse("wrong_type", await locateFaults(file.text, faults));
  }
  return {
    state: "ok",
    path: shown,
    sha256: digest.sha256 ?? "",
    bom: file.bom,
    value: parsed.data,
  };
}

/** A hostile key may be as long as its file. */
const LONGEST_POINTER = 200;

const shorten = (pointer: string): string =>
  pointer.length > LONGEST_POINTER ? `${pointer.slice(0, LONGEST_POINTER)}...` : pointer;

/** One fault as a sentence that names file and place: `security/x.json:3:7 /max_age_s is -5, ...`. */
export function describeFault(path: string, fault: Fault): string {
  const place = fault.line === undefined ? "" : `:${fault.line}:${fault.column ?? 1}`;
  const pointer = fault.pointer === "" ? "" : ` ${shorten(fault.pointer)}`;
  const suggestion = fault.suggestion === undefined ? "" : ` (${fault.suggestion})`;
  return `${path}${place}${pointer} ${fault.message}${suggestion}`;
}
