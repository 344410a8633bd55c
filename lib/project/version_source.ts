import { valueAt } from "../text/json_pointer.ts";
import { readText } from "../store/read_text.ts";

/** How a version is written in a file. */
export type SourceKind =
  | "deno"
  | "jsr"
  | "package_json"
  | "pyproject"
  | "cargo"
  | "python_init"
  | "version_file";

/** A file that states the version. */
export interface VersionSource {
  kind: SourceKind;
  /** Relative to root. */
  path: string;
  /** A missing file is not an error. */
  optional?: boolean | undefined;
}

/** What a source says, or why it says nothing. */
export type SourceAnswer =
  | { state: "ok"; version: string; line: number }
  | { state: "missing" | "unreadable" | "malformed" | "no_version"; message: string };

/** Where each kind states the version, as a JSON pointer into the parsed file. */
const POINTERS: Record<"deno" | "jsr" | "package_json" | "pyproject" | "cargo", string[]> = {
  deno: ["/version"],
  jsr: ["/version"],
  package_json: ["/version"],
  pyproject: ["/project/version", "/tool/poetry/version"],
  cargo: ["/package/version", "/workspace/package/version"],
};

/** Files that are looked for in the root when the policy names none. */
export const USUAL_SOURCES: readonly VersionSource[] = [
  { kind: "deno", path: "deno.json" },
  { kind: "deno", path: "deno.jsonc" },
  { kind: "jsr", path: "jsr.json" },
  { kind: "package_json", path: "package.json" },
  { kind: "pyproject", path: "pyproject.toml" },
  { kind: "cargo", path: "Cargo.toml" },
  { kind: "version_file", path: "VERSION" },
];

/** The kind of a version file, going by its name; undefined when it is none of the known ones. */
export function kindByName(path: string): SourceKind | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const usual = USUAL_SOURCES.find((source) => source.path === name);
  if (usual !== undefined) return usual.kind;
  if (name === "__init__.py" || name === "_version.py" || name === "__about__.py") {
    return "python_init";
  }
  return name.toUpperCase() === "VERSION" ? "version_file" : undefined;
}

async function parseTree(kind: SourceKind, path: string, text: string): Promise<unknown> {
  if (kind === "pyproject" || kind === "cargo") {
    const { parse } = await import("smol-toml");
    return parse(text);
  }
  if (!path.endsWith(".jsonc")) {
    try {
      return JSON.parse(text);
    } catch (error) {
      if (kind !== "deno") throw error; // deno.json may hold comments
    }
  }
  const { evaluate, parse } = await import("@humanwhocodes/momoa");
  return evaluate(parse(text, { mode: "jsonc", allowTrailingCommas: true }));
}

/** The first line that names the version, after the word itself if it is there; 1 where none does. */
function lineOf(text: string, version: string): number {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => {
    const word = line.toLowerCase().indexOf("version");
    return word >= 0 ? line.includes(version, word) : line.startsWith(version);
  });
  return at < 0 ? 1 : at + 1;
}

/** Comments and strings of Python, in the order in which they begin. */
const PYTHON_TOKEN =
  /#[^\n]*|("""|''')(?:\\[\s\S]|(?!\1)[^\\])*\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

/**
 * The module-level `__version__` of a Python file: the last assignment at the start of a line,
 * single or double quotes, outside comments and triple-quoted strings.
 */
function pythonVersion(text: string): string | undefined {
  const code = text.replaceAll(
    PYTHON_TOKEN,
    (token) => /^(#|"""|''')/.test(token) ? token.replaceAll(/[^\n]/g, " ") : token,
  );
  const assignments = [
    ...code.matchAll(/^__version__(?:\s*:\s*[\w.]+)?\s*=\s*(["'])([^"'\n]*)\1\s*$/gm),
  ];
  return assignments.at(-1)?.[2];
}

async function findVersion(
  kind: SourceKind,
  path: string,
  text: string,
): Promise<string | undefined> {
  if (kind === "version_file") return text.trim().split("\n")[0]?.trim();
  if (kind === "python_init") return pythonVersion(text);
  const tree = await parseTree(kind, path, text);
  return POINTERS[kind].map((pointer) => valueAt(tree, pointer))
    .find((found) => typeof found === "string");
}

/** The version that a source's text states; the text may be of another commit. */
export async function versionIn(
  { kind, path }: VersionSource,
  text: string,
): Promise<SourceAnswer> {
  let version: string | undefined;
  try {
    version = await findVersion(kind, path, text);
  } catch (error) {
    const [message = ""] = (error as Error).message.split("\n");
    return { state: "malformed", message: `${path} cannot be read as ${kind}: ${message}` };
  }
  if (version === undefined || version === "") {
    return { state: "no_version", message: `${path} states no version` };
  }
  return { state: "ok", version, line: lineOf(text, version) };
}

/** Reads the version that a source states. */
export async function readVersion(root: string, source: VersionSource): Promise<SourceAnswer> {
  const file = readText(`${root}/${source.path}`);
  if (file.state !== "ok") return { state: file.state, message: `${source.path} ${file.message}` };
  return await versionIn(source, file.text);
}

/** The usual version files that a root has. Files without a version are not sources. */
export async function discoverSources(root: string): Promise<VersionSource[]> {
  const found: VersionSource[] = [];
  for (const source of USUAL_SOURCES) {
    const answer = await readVersion(root, source);
    if (answer.state !== "missing" && answer.state !== "no_version") found.push(source);
  }
  return found.length > 0 ? found : await discoverPython(root);
}

/** `src` may be a file. */
const isAbsent = (error: unknown): boolean =>
  error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;

/** A Python package without project metadata states its version in `<package>/__init__.py`. */
async function discoverPython(root: string): Promise<VersionSource[]> {
  const found: VersionSource[] = [];
  for (const base of ["", "src/"]) {
    try {
      for await (const entry of Deno.readDir(`${root}/${base}`)) {
        if (!entry.isDirectory || entry.name.startsWith(".")) continue;
        const source: VersionSource = {
          kind: "python_init",
          path: `${base}${entry.name}/__init__.py`,
        };
        if ((await readVersion(root, source)).state === "ok") found.push(source);
      }
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}
