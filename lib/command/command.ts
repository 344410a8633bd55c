import type { z } from "zod";
import type { GitFacts } from "../project/git.ts";
import type { Check, Finding, Mode } from "../report/check.ts";
import type { Correlation, Report } from "../report/report.ts";
import { isSecretName } from "../scan/redact.ts";
import { boolean, type Flag, type Flags, path, type Values } from "./flag.ts";
import type { Inputs } from "./inputs.ts";

/**
 * What a script is allowed to do: a gate judges and writes its report only; a producer makes
 * evidence; an actor changes state or the outside world, and puts that on the record.
 */
export type CommandKind = "gate" | "producer" | "actor";

/** The policy file a script judges by. The core adds `--policy`, loads it and reports its faults. */
export interface PolicySource<P> {
  /** Default path, relative to root. */
  path: string;
  schema: z.ZodType<P>;
  /** Environment variable that names another file. */
  env?: string;
  /** Name of the flag; `policy` unless said otherwise. */
  flag?: string;
}

/** What `run` is given. */
export interface Context<F extends Flags, P> {
  /** Absolute path of the governed repository. */
  readonly root: string;
  readonly flags: Values<F>;
  /** The loaded policy; a script without one has `undefined`. */
  readonly policy: P;
  readonly operands: readonly string[];
  readonly strict: boolean;
  /** Mode of a check of ordinary strength: enforced under `--strict`, else a warning. */
  readonly gate: Mode;
  /** Start of the run, epoch seconds; the only clock a judgement may use. */
  readonly nowS: number;
  readonly correlation: Correlation;
  /** Reads files of the governed repository and keeps the record of them for the report. */
  readonly inputs: Inputs;
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  git(): Promise<GitFacts>;
  /** Reads an environment variable; undefined when unset, empty, or not granted. */
  env(name: string): string | undefined;
  /**
   * Writes the report as it is now, never as passed, so that a killed run leaves what it knew;
   * returns its path.
   */
  checkpoint(outcome: Outcome): Promise<string>;
  /** Whether people see anything: not under `--quiet` and `--json`. */
  readonly visible: boolean;
  /** A line of progress for people, on stderr; silent under `--quiet` and `--json`. */
  progress(line: string): void;
}

/** A report as it was written. */
export interface WrittenReport {
  report: Report;
  /** Relative to root; undefined where no report file is written. */
  path: string | undefined;
  /** Of the whole file. */
  sha256: string;
}

/** What `run` answers. */
export interface Outcome {
  checks: Check[];
  /** The single most important fact, in words, without a final period. */
  headline: string;
  /** The script's own fields of the report. */
  fields?: Record<string, unknown>;
  /** Occurrences, for scanning gates; become the report's `findings` and SARIF results. */
  findings?: Finding[];
  /**
   * The exit code where it is not the checks' (0 or 2): 70 when the state of the outside world is
   * not known, 75 when the same call may succeed later. The report is then not ok.
   */
  exit?: 70 | 75;
  /** Commands or edits beyond the failed checks' hints. */
  nextActions?: string[];
  /** Text for stdout where the answer itself is what a person or pipe wants. */
  stdout?: string;
  /** Prefix of the report where it is not the declaration's. */
  artifact?: string;
  /** Follows the time in the report's name. */
  label?: string;
  /** The answer is only for whoever asked: no report file is written. */
  unrecorded?: boolean;
  /** What people see on stderr instead of the usual rendering. */
  render?: (report: Report, color: boolean) => string[];
  /** Runs once the report is final and on disk; what it throws turns the exit code to 70. */
  after?: (written: WrittenReport) => Promise<void>;
}

/** Everything that is known about a script or a subcommand; all else is generated from it. */
export interface Declaration<F extends Flags = Flags, P = unknown> {
  name: string;
  /** One sentence in the imperative, without a final period. */
  summary: string;
  kind: CommandKind;
  /** Prefix of the report under `.data/out`; without one no report is written. */
  artifact?: string;
  policy?: PolicySource<P>;
  /** Environment variable that turns `--strict` on. */
  strictEnv?: string;
  flags: F;
  /** What may stand on the command line besides flags. */
  operands?: { name: string; help: string; most: number };
  /** The script reports findings: adds `--sarif FILE`. */
  findings?: boolean;
  /** Paragraphs for `--help`: what happens, in order, and where the limits come from. */
  details?: string[];
  /** Command lines for `--help`, without the leading script name. */
  examples?: string[];
  run(context: Context<F, P>): Outcome | Promise<Outcome>;
}

/** A script with one job. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** The one declaration under `""`, or one for each subcommand. */
  readonly declarations: ReadonlyMap<string, Declaration>;
}

/** Flags that every script has. */
export const COMMON_FLAGS = {
  help: boolean({ help: "Show this help" }),
  version: boolean({ help: "Show the toolkit's version" }),
  describe: boolean({ help: "Print the declaration as JSON" }),
  root: path({
    help:
      "Repository to govern (default: the nearest folder upwards with security/ and a project file)",
    placeholder: "DIR",
  }),
  strict: boolean({ help: "Enforce the checks that are warnings otherwise" }),
  json: boolean({ help: "Print the report on stdout, nothing else" }),
  out: path({
    help: "Write the report to this file instead of a new one in .data/out",
    placeholder: "FILE",
  }),
  quiet: boolean({ help: "Print nothing for people" }),
} satisfies Flags;

function checkDeclaration<F extends Flags, P>(declaration: Declaration<F, P>): Declaration {
  for (const [name, { kind, env }] of Object.entries<Flag>(declaration.flags)) {
    if (["text", "path", "list"].includes(kind) && isSecretName(env ?? "")) {
      throw new TypeError(`Cannot declare ${declaration.name}: --${name} must be a secret flag`);
    }
    if (Object.hasOwn(COMMON_FLAGS, name) && name !== "version") {
      throw new TypeError(`Cannot declare ${declaration.name}: --${name} is a common flag`);
    }
  }
  return declaration as unknown as Declaration;
}

/** Declares a script. */
export function defineCommand<F extends Flags, P = undefined>(
  declaration: Declaration<F, P>,
): Command {
  const { name, summary } = declaration;
  return { name, summary, declarations: new Map([["", checkDeclaration(declaration)]]) };
}

/** Declares one subcommand of `defineCommands`, with its own types. */
export function subcommand<F extends Flags, P = undefined>(
  declaration: Omit<Declaration<F, P>, "name">,
): Omit<Declaration, "name"> {
  return declaration as unknown as Omit<Declaration, "name">;
}

/** Declares a script with subcommands. */
export function defineCommands(
  { name, summary, commands }: {
    name: string;
    summary: string;
    commands: Record<string, Omit<Declaration, "name">>;
  },
): Command {
  const declarations = new Map<string, Declaration>();
  for (const [key, declaration] of Object.entries(commands)) {
    declarations.set(key, checkDeclaration({ ...declaration, name: `${name} ${key}` }));
  }
  return { name, summary, declarations };
}

/**
 * All flags of a declaration, with those that the core adds. A declaration may have a `--version`
 * of its own; then the toolkit's version is asked for without a subcommand.
 */
export function allFlags(declaration: Declaration): Flags {
  const { policy, strictEnv, findings } = declaration;
  const added: Flags = {};
  if (policy !== undefined) {
    const { env } = policy;
    added[policy.flag ?? "policy"] = path({
      help: "Policy file",
      default: policy.path,
      ...(env === undefined ? {} : { env }),
    });
  }
  if (findings === true) {
    added["sarif"] = path({ help: "Write the findings as SARIF 2.1.0", placeholder: "FILE" });
  }
  const strict = boolean({
    help: COMMON_FLAGS.strict.help,
    ...(strictEnv === undefined ? {} : { env: strictEnv }),
  });
  return { ...added, ...COMMON_FLAGS, strict, ...declaration.flags };
}
