import { allFlags, type Command, type Declaration } from "./command.ts";
import { EXIT } from "./errors.ts";
import { TOOLKIT_VERSION } from "./toolkit.ts";

/** A flag as `--describe` shows it. */
export interface FlagDescription {
  name: string;
  kind: string;
  help: string;
  accepts: string;
  placeholder?: string;
  env?: string;
  policy?: string;
  default?: unknown;
}

/** A script or subcommand as `--describe` shows it. */
export interface DeclarationDescription {
  name: string;
  summary: string;
  kind: string;
  artifact?: string;
  policy?: string;
  operands?: { name: string; help: string; most: number };
  flags: FlagDescription[];
}

/** What `--describe` prints; documents are checked against it. */
export interface Description {
  name: string;
  summary: string;
  version: string;
  exit_codes: Record<string, number>;
  /** One entry; or one for each subcommand, under its word. */
  commands: Record<string, DeclarationDescription>;
}

function describeFlags(declaration: Declaration): FlagDescription[] {
  return Object.entries(allFlags(declaration)).map(([name, flag]) => ({
    name,
    kind: flag.kind,
    help: flag.help,
    accepts: flag.accepts,
    ...(flag.placeholder === "" ? {} : { placeholder: flag.placeholder }),
    ...(flag.env === undefined ? {} : { env: flag.env }),
    ...(flag.policy === undefined ? {} : { policy: flag.policy }),
    ...(flag.fallback === undefined ? {} : { default: flag.fallback }),
  }));
}

/** The declaration of a script as plain data. */
export function describe(command: Command): Description {
  const commands = [...command.declarations].map(([word, declaration]) => {
    const { name, summary, kind, artifact, policy, operands } = declaration;
    return [word, {
      name,
      summary,
      kind,
      ...(artifact === undefined ? {} : { artifact }),
      ...(policy === undefined ? {} : { policy: policy.path }),
      ...(operands === undefined ? {} : { operands }),
      flags: describeFlags(declaration),
    }];
  });
  return {
    name: command.name,
    summary: command.summary,
    version: TOOLKIT_VERSION,
    exit_codes: EXIT,
    commands: Object.fromEntries(commands),
  };
}
