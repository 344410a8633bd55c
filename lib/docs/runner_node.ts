import type { Word } from "./shell_words.ts";
import { type CommandReading, isFixed, pathOf, scriptClaim, splitOptions } from "./runner_claim.ts";

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

const NODE_VALUES = new Set(
  words(
    "-r --require --import --loader --experimental-loader --env-file -C --conditions -e --eval -p --print --tsconfig",
  ),
);
const NPM_VALUES = new Set(
  words(
    "--prefix -C -w --workspace --registry --tag --omit --include --loglevel --dir --cwd --filter",
  ),
);

/** Scripts npm runs under a name of their own. */
const SHORTCUTS = new Set(["test", "start", "stop", "restart", "t", "tst"]);
const RUN = new Set(["run", "run-script", "rum", "urn"]);
const NPM_COMMANDS = words(`
  access add adduser audit bugs cache ci completion config create dedupe deprecate diff dist-tag docs
  doctor edit exec explain explore find-dupes fund get help help-search hook i init install
  install-ci-test install-test link ll login logout ls list org outdated owner pack ping pkg prefix
  profile prune publish query rebuild remove repo restart root run run-script sbom search set
  shrinkwrap star stars start stop t team test token tst un undeprecate uninstall unpublish unstar
  up update upgrade version view whoami x
`);

/** Reads `node`, `tsx`, `ts-node` and `bun FILE`: options, then the script and its arguments. */
export function readNode(name: string, args: readonly Word[], folder: string): CommandReading {
  const { options, first } = splitOptions(args, (flag) => NODE_VALUES.has(flag));
  if (options.some(({ flag }) => /^(?:-e|--eval|-p|--print)/.test(flag.text))) {
    return { runner: name, claims: [] };
  }
  const main = args[first];
  if (main === undefined || name === "node" && main.text === "inspect") {
    return { runner: name, claims: [] };
  }
  return {
    runner: name,
    target: main.text,
    claims: scriptClaim(main, args.slice(first + 1), folder),
  };
}

/** Reads `npm`, `pnpm`, `yarn`: the script must stand in the `package.json` of the folder. */
export function readNpm(name: string, args: readonly Word[], folder: string): CommandReading {
  const { options, operands } = splitOptions(args, (flag) => NPM_VALUES.has(flag));
  const elsewhere = options.find(({ flag }) =>
    /^(?:--prefix|-C|--dir|--cwd)(?:=|$)/.test(flag.text)
  );
  const workspace = options.some(({ flag }) =>
    /^(?:-w|--workspaces?|--filter|-r|--recursive)(?:=|$)/.test(flag.text)
  );
  const [command, script] = operands;
  if (!isFixed(command) || workspace) return { runner: name, claims: [] };
  const prefix = elsewhere?.value ?? inline(elsewhere?.flag);
  const inside = prefix === undefined ? folder : pathOf(prefix, folder);
  if (inside === undefined) return { runner: name, claims: [] };
  const runs = RUN.has(command.text);
  const word = runs ? script : SHORTCUTS.has(command.text) ? command : undefined;
  if (isFixed(word)) {
    const target = runs ? word.text : word.text.replace(/^(?:t|tst)$/, "test");
    const rest = args.slice(args.indexOf(word) + 1).filter((arg) => arg.text !== "--");
    const claim = { kind: "npm_script", name: target, word, args: rest, folder: inside } as const;
    return { runner: `${name} run`, target, claims: [claim] };
  }
  if (runs || name !== "npm" || NPM_COMMANDS.includes(command.text)) {
    return { runner: name, claims: [] };
  }
  const claim = {
    kind: "word",
    word: command,
    rule: "unknown_subcommand",
    of: name,
    known: NPM_COMMANDS,
  } as const;
  return { runner: name, claims: [claim] };
}

function inline(flag: Word | undefined): Word | undefined {
  const at = flag?.text.indexOf("=") ?? -1;
  return flag === undefined || at < 0
    ? undefined
    : { ...flag, text: flag.text.slice(at + 1), offset: flag.offset + at + 1 };
}

/** Reads `bun`: `bun run X` may be a script of `package.json` or a file. */
export function readBun(name: string, args: readonly Word[], folder: string): CommandReading {
  const [first, second] = args;
  if (first?.text === "run" && isFixed(second) && !/[./]/.test(second.text)) {
    return readNpm(name, args, folder);
  }
  if (first?.text === "run") return readNode(name, args.slice(1), folder);
  return first !== undefined && /[./]/.test(first.text)
    ? readNode(name, args, folder)
    : { runner: name, claims: [] };
}
