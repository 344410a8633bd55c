import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "./errors.ts";
import type { Flags } from "./flag.ts";

/** What stood on the command line. */
export interface Argv {
  /** Raw values by flag name, in order; `"true"` for a boolean that was merely named. */
  given: Map<string, string[]>;
  operands: string[];
}

async function refuseUnknown(arg: string, flags: Flags): Promise<never> {
  const name = arg.replace(/^--?/, "").replace(/=.*/s, "");
  const { closest } = await import("../text/closest.ts");
  const near = await closest(name, Object.keys(flags));
  throw new UsageError(
    `Unknown flag "${arg.replace(/=.*/s, "")}"`,
    near === undefined ? "--help lists the flags" : `did you mean --${near}?`,
  );
}

/** `--strict=maybe` would read as true to the parser: values of booleans are taken out first. */
function takeBooleanValues(
  args: readonly string[],
  flags: Flags,
  given: Map<string, string[]>,
): string[] {
  const end = args.indexOf("--");
  return args.filter((arg, at) => {
    const match = end >= 0 && at > end ? null : /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(arg);
    if (match === null || flags[match[1]!]?.kind !== "boolean") return true;
    given.set(match[1]!, [...given.get(match[1]!) ?? [], match[2] ?? "true"]);
    return false;
  });
}

/**
 * Reads the command line against the declared flags. Stricter than the parser beneath it: unknown
 * and abbreviated flags, missing values and secrets are refused, and nothing turns into a number.
 *
 * @throws {UsageError}
 */
export async function readArgv(args: readonly string[], flags: Flags): Promise<Argv> {
  const given = new Map<string, string[]>();
  const names = Object.keys(flags).filter((name) => flags[name]?.kind !== "boolean");
  const unknown: string[] = [];
  const parsed = parseArgs(takeBooleanValues(args, flags, given), {
    string: ["_", ...names],
    collect: names,
    unknown: (arg) => {
      if (!arg.startsWith("-") || arg === "-") return true;
      unknown.push(arg);
      return false;
    },
  });
  if (unknown[0] !== undefined) await refuseUnknown(unknown[0], flags);
  for (const name of names) {
    const values = (parsed[name] ?? []) as string[];
    if (values.length === 0) continue;
    const flag = flags[name]!;
    if (flag.kind === "secret") {
      throw new UsageError(
        `Cannot take --${name} from the command line, which every process here can read`,
        `set ${flag.env}, or ${flag.env}_FILE to the path of a file that holds it`,
      );
    }
    if (values.includes("")) {
      throw new UsageError(
        `--${name} has no value, expected ${flag.accepts}`,
        `write --${name}=VALUE`,
      );
    }
    given.set(name, values);
  }
  return { given, operands: parsed._.map(String) };
}
