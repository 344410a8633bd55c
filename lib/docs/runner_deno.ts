import { DENO_FLAGS, DENO_SUBCOMMANDS, denoFlag } from "./deno_cli.ts";
import type { Word } from "./shell_words.ts";
import {
  type Claim,
  type CommandReading,
  fileClaim,
  isFixed,
  pathOf,
  scriptClaim,
} from "./runner_claim.ts";

const RUNS_ONE = new Set(["run", "serve", "watch", "compile", "eval-file"]);
const TAKES_PATHS = new Set([
  "test",
  "bench",
  "check",
  "fmt",
  "lint",
  "cache",
  "coverage",
  "transpile",
  "bundle",
]);
const PATH_FLAGS = new Set([
  "--config",
  "-c",
  "--import-map",
  "--preload",
  "--require",
  "--cert",
  "--lock",
]);

interface Options {
  claims: Claim[];
  values: Map<string, Word>;
  /** Index of the first word that is no option. */
  next: number;
}

/** Reads runtime options up to the first operand; everything after it belongs to the script. */
function readOptions(args: readonly Word[], from: number, folder: string): Options {
  const options: Options = { claims: [], values: new Map(), next: args.length };
  for (let i = from; i < args.length; i++) {
    const word = args[i];
    if (word === undefined || !word.text.startsWith("-") || word.text === "-") {
      options.next = i;
      break;
    }
    if (word.text === "--") {
      options.next = i + 1;
      break;
    }
    const reading = isFixed(word) ? denoFlag(word.text) : "alone";
    if (reading === "unknown") {
      options.claims.push({
        kind: "word",
        word,
        rule: "unknown_flag",
        of: "deno",
        known: DENO_FLAGS,
      });
      continue;
    }
    const [flag = "", ...inline] = word.text.split("=");
    const value: Word | undefined = reading === "value"
      ? args[++i]
      : inline.length > 0
      ? { ...word, text: inline.join("="), offset: word.offset + flag.length + 1 }
      : undefined;
    if (value === undefined) continue;
    options.values.set(flag, value);
    if (PATH_FLAGS.has(flag)) options.claims.push(...fileClaim(value, folder));
  }
  return options;
}

function target(word: Word, args: readonly Word[], folder: string): Claim[] {
  if (/^(?:jsr|npm|https?):/.test(word.text)) {
    return [{ kind: "remote", specifier: word.text, word }];
  }
  return scriptClaim(word, args, folder);
}

function readTask(args: readonly Word[], folder: string): CommandReading {
  const { claims, values, next } = readOptions(args, 0, folder);
  const cwd = values.get("--cwd");
  const word = args[next];
  const config = values.get("--config") ?? values.get("-c");
  const inside = cwd === undefined ? folder : pathOf(cwd, folder);
  const reading: CommandReading = { runner: "deno task", claims };
  if (cwd !== undefined && inside !== undefined) {
    claims.push({ kind: "folder", path: inside, word: cwd });
  }
  if (!isFixed(word) || inside === undefined || args.some((arg) => arg.text === "--eval")) {
    return reading;
  }
  const file = config === undefined ? undefined : pathOf(config, folder);
  claims.push({
    kind: "task",
    name: word.text,
    word,
    args: args.slice(next + 1),
    folder: inside,
    ...(file === undefined ? {} : { config: file }),
  });
  return { ...reading, target: word.text };
}

/** Operands of `deno test`, `check`, … that must exist; remote modules and globs of shells aside. */
function pathClaims(args: readonly Word[], from: number, folder: string): Claim[] {
  const claims: Claim[] = [];
  for (let i = from; i < args.length; i++) {
    const options = readOptions(args, i, folder);
    claims.push(...options.claims);
    i = options.next;
    const word = args[i];
    if (word === undefined || args[i - 1]?.text === "--") break;
    claims.push(...fileClaim(word, folder));
  }
  return claims;
}

/** Reads `deno …`. */
export function readDeno(_name: string, args: readonly Word[], folder: string): CommandReading {
  const global = readOptions(args, 0, folder);
  const word = args[global.next];
  if (word === undefined || !isFixed(word)) return { runner: "deno", claims: global.claims };
  const subcommand = word.text;
  const rest = args.slice(global.next + 1);
  if (!DENO_SUBCOMMANDS.has(subcommand)) {
    if (/[./:]/.test(subcommand)) {
      return {
        runner: "deno run",
        target: subcommand,
        claims: [...global.claims, ...target(word, rest, folder)],
      };
    }
    const known = [...DENO_SUBCOMMANDS];
    global.claims.push({ kind: "word", word, rule: "unknown_subcommand", of: "deno", known });
    return { runner: "deno", claims: global.claims };
  }
  if (subcommand === "task") return readTask(rest, folder);
  const runner = `deno ${subcommand}`;
  if (TAKES_PATHS.has(subcommand)) return { runner, claims: pathClaims(rest, 0, folder) };
  if (subcommand === "doc" || subcommand === "info") {
    const { claims, next } = readOptions(rest, 0, folder);
    return { runner, claims: [...claims, ...fileClaim(rest[next], folder)] };
  }
  const { claims, next } = readOptions(rest, 0, folder);
  const main = rest[next];
  if (!RUNS_ONE.has(subcommand) || main === undefined) return { runner, claims };
  return {
    runner,
    target: main.text,
    claims: [...claims, ...target(main, rest.slice(next + 1), folder)],
  };
}
