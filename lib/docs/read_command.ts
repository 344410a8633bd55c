import type { SimpleCommand, Word } from "./shell_words.ts";
import { type CommandReading, isFixed, type RunnerReader, scriptClaim } from "./runner_claim.ts";
import { readDeno } from "./runner_deno.ts";
import { readBun, readNode, readNpm } from "./runner_node.ts";
import { PYTHON, readPip, readPytest, readPython } from "./runner_python.ts";
import { readCargo, readGit, readMake, readPwsh, readReader, readShell } from "./runner_tools.ts";

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

const RUNNERS: ReadonlyMap<string, RunnerReader> = new Map<string, RunnerReader>([
  ["deno", readDeno],
  ["npm", readNpm],
  ["pnpm", readNpm],
  ["yarn", readNpm],
  ["bun", readBun],
  ...["node", "nodejs", "tsx", "ts-node"].map((name) => [name, readNode] as const),
  ...["pip", "pip3"].map((name) => [name, readPip] as const),
  ["pytest", readPytest],
  ...["make", "gmake"].map((name) => [name, readMake] as const),
  ["cargo", readCargo],
  ["git", readGit],
  ...["bash", "sh", "zsh", "ksh", "source", "."].map((name) => [name, readShell] as const),
  ...["pwsh", "powershell"].map((name) => [name, readPwsh] as const),
  ...words(`
    cat less more head tail jq yq ls tree wc grep rg diff cmp sha256sum shasum chmod cp mv code vim nano
    open type Get-Content docker docker-compose kubectl terraform curl
  `).map((name) => [name, readReader] as const),
]);

/** Programs that run the rest of their arguments, with the options that take a value. */
const WRAPPERS: ReadonlyMap<string, { values: RegExp; skip: number }> = new Map([
  ...words(`
    sudo time nohup exec command env nice xargs cross-env npx bunx pnpx dotenv watch caffeinate start
  `).map((name) => [name, { values: /^(?:-[ugnCIPp]|--package)$/, skip: 0 }] as const),
  ["timeout", { values: /^(?:-s|-k|--signal|--kill-after)$/, skip: 1 }] as const,
] as [string, { values: RegExp; skip: number }][]);
const RUN_WRAPPERS = new Set(["uv", "poetry", "pipenv", "pdm", "hatch", "rye", "conda", "mise"]);

function reader(name: string): RunnerReader | undefined {
  if (PYTHON.test(name)) return readPython;
  const absolute = /^(?:\/|[A-Z]:\\)/i.test(name);
  return RUNNERS.get(absolute ? name.replace(/^.*[\\/]/, "").replace(/\.exe$/i, "") : name);
}

/** Whether a word starts a command this module can read, alone or as a wrapper. */
export function isRunner(name: string): boolean {
  return reader(name) !== undefined || WRAPPERS.has(name) || RUN_WRAPPERS.has(name);
}

/** Whether a word that stands first is itself a script of the repository, such as `./run.sh`. */
export function isScriptWord(text: string): boolean {
  return /^(?:\.\/|[\w.-]+\/|\.\\|[\w.-]+\\)[\w./\\-]+$/.test(text) &&
    (/^\.[\\/]/.test(text) || /\.(?:sh|py|ts|mts|js|mjs|cjs|ps1|bat|cmd|rb|pl)$/i.test(text));
}

/**
 * Reads one simple command: which runner, which target, and what must exist for it to work.
 * `undefined` when nothing about the command can be told from a repository.
 */
export function readCommand(command: SimpleCommand, folder: string): CommandReading | undefined {
  return readWords(command.words, folder, 0);
}

function readWords(
  words: readonly Word[],
  folder: string,
  depth: number,
): CommandReading | undefined {
  const [first, ...rest] = words;
  if (!isFixed(first) || depth > 6) return undefined;
  const wrapper = WRAPPERS.get(first.text);
  if (wrapper !== undefined) {
    const inner = afterOptions(rest, wrapper.values).slice(wrapper.skip);
    while (/^[A-Za-z_]\w*=/.test(inner[0]?.text ?? "")) inner.shift();
    return readWords(inner, folder, depth + 1);
  }
  if (RUN_WRAPPERS.has(first.text) && rest[0]?.text === "run") {
    return readWords(afterOptions(rest.slice(1), /^(?:--with|--extra|-n)$/), folder, depth + 1);
  }
  const read = reader(first.text);
  if (read !== undefined) return read(first.text, rest, folder);
  if (!isScriptWord(first.text)) return undefined;
  return { runner: "script", target: first.text, claims: scriptClaim(first, rest, folder) };
}

function afterOptions(words: readonly Word[], values: RegExp): Word[] {
  let at = 0;
  while (words[at]?.text.startsWith("-")) at += values.test(words[at]?.text ?? "") ? 2 : 1;
  return words.slice(at);
}
