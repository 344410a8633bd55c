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

/** Reads the state schema version from the governed code, by JSON pointer or pattern. */
export async function readStateSchema(
  root: string,
  source: StateSchemaSource,
): Promise<SourceAnswer> {
  const { path, pattern, pointer } = source;
  const file = readText(`${root}/${path}`);
  if (file.state !== "ok") return { state: file.state, message: `${path} ${file.message}` };
  if (pointer !== undefined) {
    try {
      const found = valueAt(JSON.parse(file.text), pointer);
      if (typeof found === "string") return { state: "ok", version: found, line: 1 };
      return { state: "no_version", message: `${path} has no text at ${pointer}` };
    } catch (error) {
      return { state: "malformed", message: `${path} is not JSON: ${(error as Error).message}` };
    }
  }
  const { RE2JS } = await import("re2js");
  const expression = RE2JS.compile(pattern ?? "");
  for (const [at, line] of file.text.split("\n").entries()) {
    if (/^\s*(\/\/|#|\*|--)/.test(line)) continue; // a commented-out version is not the version
    const matcher = expression.matcher(line);
    if (matcher.find()) return { state: "ok", version: matcher.group(1) ?? "", line: at + 1 };
  }
  return { state: "no_version", message: `${path} has no line that matches ${pattern}` };
}
