import type { Command, Declaration } from "./command.ts";
import { allFlags, COMMON_FLAGS } from "./command.ts";
import { readArgv } from "./argv.ts";
import { EXIT, UsageError } from "./errors.ts";
import { execute } from "./execute.ts";
import { print } from "./print.ts";
import { say } from "./say.ts";

/** Whether the word before `at` is a flag that takes the word at `at` as its value. */
function isValue(command: Command, args: readonly string[], at: number): boolean {
  const before = args[at - 1];
  if (before === undefined || !before.startsWith("--") || before.includes("=")) return false;
  const name = before.slice(2);
  const flags = [...command.declarations.values()].map((declaration) =>
    allFlags(declaration)[name]
  );
  return flags.some((flag) => flag !== undefined && flag.kind !== "boolean");
}

/** Picks the subcommand; flags may stand before or after it. */
async function pick(
  command: Command,
  args: readonly string[],
): Promise<{ declaration: Declaration; rest: string[] } | undefined> {
  const only = command.declarations.get("");
  if (only !== undefined) return { declaration: only, rest: [...args] };
  const at = args.findIndex((arg, i) => !arg.startsWith("-") && !isValue(command, args, i));
  const word = args[at];
  if (word === undefined) return undefined;
  const declaration = command.declarations.get(word);
  if (declaration !== undefined) return { declaration, rest: args.toSpliced(at, 1) };
  const { closest } = await import("../text/closest.ts");
  const known = [...command.declarations.keys()];
  const near = await closest(word, known);
  throw new UsageError(
    `Unknown subcommand "${word}", expected one of ${known.join(", ")}`,
    near === undefined ? "--help lists them" : `did you mean "${near}"?`,
  );
}

function ownsVersion({ declarations }: Command): boolean {
  return [...declarations.values()].some(({ flags }) => Object.hasOwn(flags, "version"));
}

/** Answers `--help`, `--describe` and `--version`, which need neither root nor policy. */
async function answered(command: Command, args: readonly string[]): Promise<boolean> {
  const asked = (name: string): boolean => args.includes(`--${name}`);
  if (asked("describe")) {
    const { describe } = await import("./describe.ts");
    await print(JSON.stringify(describe(command), null, 2) + "\n");
  } else if (
    asked("help") || args.includes("-h") || (args.length === 0 && !command.declarations.has(""))
  ) {
    const { help } = await import("./help.ts");
    const { declaration } = await pick(command, args.filter((arg) => arg !== "-h")) ?? {};
    await print(help(command, declaration));
  } else if (asked("version") && (args.length === 1 || !ownsVersion(command))) {
    const { TOOLKIT_VERSION } = await import("./toolkit.ts");
    await print(`${command.name} ${TOOLKIT_VERSION}\n`);
  } else return false;
  return true;
}

/**
 * Runs a declared script as a process: reads arguments, runs it, writes its report, prints it, and
 * sets the exit code. Never throws.
 */
export async function main(command: Command, args: readonly string[] = Deno.args): Promise<void> {
  try {
    if (await answered(command, args)) return;
    const picked = await pick(command, args);
    if (picked === undefined) throw new UsageError("A subcommand is needed", "--help lists them");
    const { declaration, rest } = picked;
    const argv = await readArgv(rest, allFlags(declaration));
    const most = declaration.operands?.most ?? 0;
    if (argv.operands.length > most) {
      throw new UsageError(
        `Unexpected argument "${argv.operands[most]}"`,
        "--help shows what is expected",
      );
    }
    Deno.exitCode = await execute(command, declaration, argv);
  } catch (error) {
    if (error instanceof UsageError) {
      const { plain } = await import("../report/terminal.ts");
      say(`error: ${plain(error.message)}`);
      if (error.hint !== undefined) say(`  hint: ${plain(error.hint)}`);
      say(`  usage: ${command.name} --help`);
      Deno.exitCode = EXIT.usage;
      return;
    }
    say(`internal error: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    Deno.exitCode = EXIT.internal;
  }
}

/** Names of the flags that every script has, for documents and completion. */
export const COMMON_FLAG_NAMES = Object.keys(COMMON_FLAGS);
