import { join } from "@std/path/join";
import { type DescribeBatch, describeScripts, isDescribable } from "./describe_scripts.ts";
import { DocumentSet } from "./document_set.ts";
import { globMatches } from "./glob.ts";
import { mentionedVariables, quotedNames } from "./mentioned_names.ts";
import type { CommandAlias, Facts } from "./reference.ts";
import { RepositoryView } from "./repository_view.ts";
import { trackedFiles } from "./tracked_files.ts";

/** Files above this size are not read for line counts, sources and anchors; 16 MiB. */
const LARGEST_BYTES = 16 << 20;

/** What the caller knows beyond the repository. */
export interface FactOptions {
  pathPrefixes: readonly string[];
  generatedPrefixes: readonly string[];
  aliases: readonly CommandAlias[];
  today: string;
  /** Ask scripts for their declarations; otherwise only their source is read. */
  describe: boolean;
  timeoutMs: number;
  /** How to ask many scripts at once. */
  batch?: DescribeBatch;
  /** Names, steps and artifacts this toolkit itself declares. */
  toolkit: {
    environment: readonly string[];
    steps: readonly string[];
    artifacts: readonly string[];
  };
}

/** Facts, and how they were come by. */
export interface GatheredFacts {
  facts: Facts;
  documents: DocumentSet;
  source: "git" | "walk";
  /** Variables that scripts of this repository declare, for the way back. */
  declaredEnvironment: string[];
  /** Scripts whose declaration could not be read, with the reason. */
  undescribed: { path: string; reason: string }[];
}

/** Reads a tracked file as text; what cannot be read is no text, and lenient decoding is enough here. */
function textReader(root: string): (path: string) => string | undefined {
  return (path) => {
    try {
      const absolute = join(root, path);
      const { isFile, size } = Deno.statSync(absolute);
      return isFile && size <= LARGEST_BYTES ? Deno.readTextFileSync(absolute) : undefined;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return undefined; // gone, a link out of the root, a device: nothing can be told from it
    }
  };
}

/** Plain entries of the root's ignore file name what programs write. */
function ignoredPrefixes(repository: RepositoryView): string[] {
  return (repository.text(".gitignore") ?? "").split("\n")
    .map((line) => line.trim().replace(/^\//, "").replace(/\/\*{0,2}$/, "/"))
    .filter((line) => /^[\w.-]+(?:\/[\w.-]+)*\/?$/.test(line));
}

/** Lists files, asks scripts for their declarations and collects declared names. */
export async function gatherFacts(root: string, options: FactOptions): Promise<GatheredFacts> {
  const { files, source } = await trackedFiles(root);
  const repository = new RepositoryView({ files, readText: textReader(root) });
  const scripts = files.filter((path) =>
    globMatches("scripts/*.*", path) && isDescribable(path, repository.text(path) ?? "")
  );
  const [declarations, mentioned, quoted] = await Promise.all([
    options.describe ? describeScripts(root, scripts, options) : new Map<string, never>(),
    mentionedVariables(root),
    quotedNames(root),
  ]);
  const described = [...declarations.values()].filter((one) => typeof one !== "string");
  const commands = described.flatMap((declaration) => [...declaration.values()]);
  const declared = commands.flatMap(({ flags }) =>
    [...flags.values()].flatMap(({ env }) => env ?? [])
  );
  const secretFiles = commands.flatMap(({ flags }) =>
    [...flags.values()].flatMap(({ kind, env }) => kind === "secret" && env ? [`${env}_FILE`] : [])
  );
  const declaredEnvironment = [...new Set(declared.filter((name) => name.startsWith("WA_")))]
    .sort();
  const ours = described.length > 0;
  const environment = new Set([
    ...declaredEnvironment,
    ...secretFiles, // a secret may stand in a file that this variable names
    ...mentioned,
    ...options.toolkit.environment,
  ]);
  const artifacts = new Set([
    ...commands.flatMap(({ artifact }) => artifact ?? []),
    ...options.toolkit.artifacts,
  ]);
  const documents = new DocumentSet((path) => repository.text(path));
  return {
    facts: {
      repository,
      pathPrefixes: options.pathPrefixes,
      generatedPrefixes: [...options.generatedPrefixes, ...ignoredPrefixes(repository)],
      declarations,
      ...(environment.size === 0 ? {} : { environment }),
      ...(ours
        ? { artifacts, quotedNames: new Set(quoted), steps: new Set(options.toolkit.steps) }
        : {}),
      aliases: options.aliases,
      today: options.today,
      anchorsOf: (path) => documents.anchors(path),
    },
    documents,
    source,
    declaredEnvironment,
    undescribed: [...declarations].flatMap(([path, one]) =>
      typeof one === "string" ? [{ path, reason: one }] : []
    ),
  };
}
