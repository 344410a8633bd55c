import type { RepositoryView } from "./repository_view.ts";

/** Named commands of one folder and where they are declared. */
export interface TaskTable {
  file: string;
  /** Command text by name; empty for a task that only has dependencies. */
  commands: ReadonlyMap<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Removes comments and trailing commas; strings stay as they are. */
function stripJsonc(text: string): string {
  return text.replace(
    /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\/|,(?=\s*[}\]])/g,
    (part) => part.startsWith('"') ? part : "",
  );
}

function readObject(repository: RepositoryView, path: string): Record<string, unknown> | undefined {
  const text = repository.text(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(stripJsonc(text.replace(/^\uFEFF/, "")));
    return isRecord(value) ? value : {};
  } catch {
    return undefined; // a broken configuration is another gate's finding; nothing can be told here
  }
}

function commandsOf(section: unknown): Map<string, string> {
  const commands = new Map<string, string>();
  if (!isRecord(section)) return commands;
  for (const [name, task] of Object.entries(section)) {
    const command = isRecord(task) ? task["command"] : task;
    commands.set(name, typeof command === "string" ? command : "");
  }
  return commands;
}

function parents(folder: string): string[] {
  const chain = [""];
  const parts = folder.split("/").filter((part) => part !== "");
  for (let i = 1; i <= parts.length; i++) chain.unshift(`${parts.slice(0, i).join("/")}/`);
  return chain;
}

/**
 * Tasks that `deno task` sees in a folder: those of the nearest `deno.json`, `deno.jsonc` and
 * `package.json` upwards, or of the named configuration. `undefined` if there is none to read.
 */
export function denoTasks(
  repository: RepositoryView,
  folder: string,
  config?: string,
): TaskTable | undefined {
  return repository.derived(
    `tasks ${folder} ${config ?? ""}`,
    () => readTasks(repository, folder, config),
  );
}

function readTasks(
  repository: RepositoryView,
  folder: string,
  config: string | undefined,
): TaskTable | undefined {
  const commands = new Map<string, string>();
  let file: string | undefined;
  const chain = config === undefined
    ? parents(folder).flatMap((at) => [`${at}deno.json`, `${at}deno.jsonc`, `${at}package.json`])
    : [config];
  for (const path of chain) {
    const object = readObject(repository, path);
    if (object === undefined) continue;
    const found = commandsOf(object[path.endsWith("package.json") ? "scripts" : "tasks"]);
    for (const [name, command] of found) if (!commands.has(name)) commands.set(name, command);
    if (!path.endsWith("package.json")) file ??= path;
    else file ??= found.size > 0 ? path : undefined;
  }
  return file === undefined ? undefined : { file, commands };
}

/** Scripts of the nearest `package.json` upwards; `undefined` if there is none to read. */
export function npmScripts(repository: RepositoryView, folder: string): TaskTable | undefined {
  return repository.derived(`npm ${folder}`, () => readScripts(repository, folder));
}

function readScripts(repository: RepositoryView, folder: string): TaskTable | undefined {
  for (const at of parents(folder)) {
    const object = readObject(repository, `${at}package.json`);
    if (object !== undefined) {
      return { file: `${at}package.json`, commands: commandsOf(object["scripts"]) };
    }
  }
  return undefined;
}

/** What a makefile can make. */
export interface MakeTargets {
  file: string;
  names: readonly string[];
  /** Whether a target is named, covered by a pattern rule, or a file. */
  has(target: string): boolean;
}

/**
 * Targets of a folder's makefile. `undefined` if there is none, or if it includes others, so that
 * a missing name proves nothing.
 */
export function makeTargets(
  repository: RepositoryView,
  folder: string,
  file?: string,
): MakeTargets | undefined {
  return repository.derived(
    `make ${folder} ${file ?? ""}`,
    () => readTargets(repository, folder, file),
  );
}

function readTargets(
  repository: RepositoryView,
  folder: string,
  file: string | undefined,
): MakeTargets | undefined {
  const at = folder === "" ? "" : `${folder}/`;
  const path = file ?? ["GNUmakefile", "makefile", "Makefile"].map((name) => at + name)
    .find((name) => repository.files.has(name));
  const text = path === undefined ? undefined : repository.text(path);
  if (path === undefined || text === undefined) return undefined;
  if (/^-?include\s|\$\(eval/m.test(text)) return undefined;
  const names = [...text.matchAll(/^([^\s#:=][^:=#\n]*?)\s*::?(?![:=])/gm)]
    .flatMap((found) => (found[1] ?? "").split(/\s+/))
    .filter((name) => name !== "" && !/^\.[A-Z]/.test(name));
  const patterns = names.filter((name) => name.includes("%")).map((name) => name.split("%"));
  const has = (target: string): boolean =>
    names.includes(target) || repository.lookup(at + target).state === "file" ||
    patterns.some(([start = "", end = ""]) => target.startsWith(start) && target.endsWith(end));
  return names.some((name) => name.includes("$")) ? undefined : { file: path, has, names };
}

/**
 * Names that `cargo` knows as packages, binaries and examples: those written in any `Cargo.toml`,
 * and files in `src/bin` and `examples`. `undefined` without a manifest.
 */
export function cargoTargets(repository: RepositoryView): readonly string[] | undefined {
  return repository.derived("cargo", () => {
    const manifests = repository.named("Cargo.toml");
    if (manifests.length === 0) return undefined;
    const written = manifests.flatMap((path) =>
      [...(repository.text(path) ?? "").matchAll(/^\s*name\s*=\s*"([^"]+)"/gm)].map(([, name]) =>
        name ?? ""
      )
    );
    const files = [...repository.files].flatMap((path) =>
      /(?:^|\/)(?:src\/bin|examples)\/([\w-]+)(?:\.rs|\/main\.rs)$/.exec(path)?.[1] ?? []
    );
    return [...new Set([...written, ...files])];
  });
}
