import { REDACTED } from "../scan/redact.ts";
import { valueAt } from "../text/json_pointer.ts";
import type { Argv } from "./argv.ts";
import { UsageError } from "./errors.ts";
import type { Flag, Flags, Values } from "./flag.ts";

/** A value in force and where it came from, as the report records it. */
export interface Setting {
  name: string;
  value: unknown;
  /** `flag`, `environment NAME`, `policy POINTER` or `default`. */
  source: string;
}

/** An environment value that does not parse; becomes the failed check `env_valid::<NAME>`. */
export interface EnvironmentFault {
  env: string;
  value: string;
  accepts: string;
}

/** All values of a script, or what is wrong with its environment. */
export interface Settings<F extends Flags> {
  values: Values<F>;
  settings: Setting[];
  faults: EnvironmentFault[];
  /** Every secret value that was read, to be kept out of all output. */
  secrets: string[];
}

/** What the values are taken from. */
export interface Sources {
  argv: Argv;
  /** Reads one variable; undefined when it is not set, empty, or may not be read. */
  env: (name: string) => string | undefined;
  policy?: unknown;
  readFile: (path: string) => string;
}

const splitList = (raw: string): string[] =>
  raw.split(",").map((item) => item.trim()).filter(Boolean);

function fromFlag(name: string, flag: Flag, raw: string[]): unknown {
  const last = raw.at(-1) ?? "";
  if (flag.kind === "list") return raw;
  const value = flag.read(last);
  if (value !== undefined) return value;
  throw new UsageError(`--${name} is "${last}", expected ${flag.accepts}`);
}

function readSecret(
  flag: Flag,
  { env, readFile }: Sources,
): { raw: string; from: string } | undefined {
  const direct = env(flag.env!);
  if (direct !== undefined) return { raw: direct, from: flag.env! };
  const file = env(`${flag.env}_FILE`);
  if (file === undefined) return undefined;
  let raw: string;
  try {
    raw = readFile(file).trim();
  } catch (cause) {
    const why = (cause as Error).message;
    throw new UsageError(
      `Cannot read the file that ${flag.env}_FILE names: ${why}`,
      "write the secret, and nothing else, to a file that this script may read",
      { cause },
    );
  }
  if (raw === "") throw new UsageError(`The file that ${flag.env}_FILE names is empty`);
  return { raw, from: `${flag.env}_FILE` };
}

/** Resolves every declared flag: command line, then environment, then policy, then default. */
export function resolveSettings<F extends Flags>(flags: F, sources: Sources): Settings<F> {
  const values: Record<string, unknown> = {};
  const settings: Setting[] = [];
  const faults: EnvironmentFault[] = [];
  const secrets: string[] = [];
  const set = (name: string, value: unknown, source: string): void => {
    values[name] = value;
    if (value !== undefined) settings.push({ name, value, source });
  };
  for (const [name, flag] of Object.entries<Flag>(flags)) {
    if (flag.kind === "secret") {
      const found = readSecret(flag, sources);
      values[name] = found?.raw;
      if (found === undefined) continue;
      secrets.push(found.raw);
      settings.push({ name, value: REDACTED, source: `environment ${found.from}` });
      continue;
    }
    const raw = sources.argv.given.get(name);
    if (raw !== undefined) {
      set(name, fromFlag(name, flag, raw), "flag");
      continue;
    }
    const variable = flag.env === undefined ? undefined : sources.env(flag.env);
    if (variable !== undefined) {
      const value = flag.read(flag.kind === "list" ? splitList(variable) : variable);
      if (value !== undefined) set(name, value, `environment ${flag.env}`);
      else faults.push({ env: flag.env!, value: variable, accepts: flag.accepts });
      continue;
    }
    const policy = flag.policy === undefined ? undefined : valueAt(sources.policy, flag.policy);
    if (policy !== undefined) set(name, policy, `policy ${flag.policy}`);
    else set(name, flag.fallback, "default");
  }
  return { values: values as Values<F>, settings, faults, secrets };
}
