import { valueAt } from "../text/json_pointer.ts";
import { readText } from "../store/read_text.ts";
import type { SourceAnswer } from "./version_source.ts";

/** Where the code states the version of its persistent state. */
export interface StateSchemaSource {
  /** Relative to root. */
  path: string;
  /** A regular expression with one group, matched line by line in linear time (RE2). */
  pattern?: string | undefined;
  /** An RFC 6901 pointer, where the file is JSON. */
  pointer?: string | undefined;
}

/** Lines that are comments in most languages; `#define` is not. */
const COMMENT = /^\s*(\/\/|\/\*|\*|--|#(?!\s*define\b))/;

function byPointer(path: string, text: string, pointer: string): SourceAnswer {
  try {
    const found = valueAt(JSON.parse(text), pointer);
    if (typeof found === "string") return { state: "ok", version: found, line: 1 };
    return { state: "no_version", message: `${path} has no text at ${pointer}` };
  } catch (error) {
    return { state: "malformed", message: `${path} is not JSON: ${(error as Error).message}` };
  }
}

async function byPattern(path: string, text: string, pattern: string): Promise<SourceAnswer> {
  const { RE2JS, RE2JSException } = await import("re2js");
  try {
    const expression = RE2JS.compile(pattern);
    if (expression.groupCount() !== 1) {
      const message = `pattern ${pattern} has ${expression.groupCount()} groups, expected 1`;
      return { state: "malformed", message };
    }
    for (const [at, line] of text.split("\n").entries()) {
      if (COMMENT.test(line)) continue; // a commented-out version is not the version
      const matcher = expression.matcher(line);
      if (matcher.find()) return { state: "ok", version: matcher.group(1) ?? "", line: at + 1 };
    }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { state: "malformed", message: `pattern ${pattern} is not RE2: ${error.message}` };
  }
  return { state: "no_version", message: `${path} has no line that matches ${pattern}` };
}

/** The state schema version that a source's text states; the text may be of another commit. */
export async function stateSchemaIn(
  { path, pattern, pointer }: StateSchemaSource,
  text: string,
): Promise<SourceAnswer> {
  return pointer === undefined
    ? await byPattern(path, text, pattern ?? "")
    : byPointer(path, text, pointer);
}

/** Reads the state schema version from the governed code, by JSON pointer or pattern. */
export async function readStateSchema(
  root: string,
  source: StateSchemaSource,
): Promise<SourceAnswer> {
  const file = readText(`${root}/${source.path}`);
  if (file.state !== "ok") return { state: file.state, message: `${source.path} ${file.message}` };
  return await stateSchemaIn(source, file.text);
}
