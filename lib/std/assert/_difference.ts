import { type DiffLine, diffLines } from "./_diff.ts";
import { format } from "./_format.ts";

const PREFIX = { actual: "-", expected: "+", both: " " } as const;
const COLOR = { actual: "31", expected: "32" } as const;

/**
 * Actual and expected value below each other, changed lines marked with `-` and `+`.
 *
 * Two strings are compared line by line with control characters made visible, anything else as shown
 * by {@linkcode format}. In colour unless `NO_COLOR` is set.
 */
export function difference(actual: unknown, expected: unknown): string {
  const bothText = typeof actual === "string" && typeof expected === "string";
  const lines = bothText
    ? diffLines(textLines(actual), textLines(expected))
    : diffLines(format(actual).split("\n"), format(expected).split("\n"));
  const title = `[Diff] ${paint("31", "Actual")} / ${paint("32", "Expected")}`;
  return ["", `    ${title}`, "", "", ...lines.map(render), "", ""].join("\n");
}

function textLines(text: string): string[] {
  return text.split(/(?<=\n)/).map((line) => line === "" ? '""' : visible(line));
}

/** Control characters and backslashes as escapes, quotes as they are. */
function visible(line: string): string {
  return JSON.stringify(line).slice(1, -1).replaceAll('\\"', '"');
}

function render({ side, text }: DiffLine): string {
  const line = `${PREFIX[side]}   ${text}`;
  return side === "both" ? line : paint(COLOR[side], line);
}

function paint(color: string, text: string): string {
  return Deno.noColor ? text : `\x1b[${color}m${text}\x1b[39m`;
}
