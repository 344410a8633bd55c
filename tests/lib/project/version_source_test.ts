import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  discoverSources,
  kindByName,
  readVersion,
  type SourceKind,
  versionIn,
} from "../../../lib/project/version_source.ts";
import { TempRepository } from "../../support/temp_repository.ts";

const STATED: [what: string, kind: SourceKind, path: string, text: string, line: number][] = [
  ["deno.json", "deno", "deno.json", '{\n  "version": "1.2.3"\n}', 2],
  [
    "deno.json with comments",
    "deno",
    "deno.json",
    '{ // "version": "9.9.9"\n"version": "1.2.3", }',
    2,
  ],
  ["deno.jsonc", "deno", "deno.jsonc", '/* "version": "9.9.9" */\n{"version": "1.2.3",}', 2],
  ["jsr.json", "jsr", "jsr.json", '{"version": "1.2.3"}', 1],
  ["package.json", "package_json", "package.json", '{"name":"x",\n"version":"1.2.3"}', 2],
  [
    "pyproject.toml",
    "pyproject",
    "pyproject.toml",
    '[project]\n# version = "9.9.9"\nversion = "1.2.3"',
    3,
  ],
  [
    "pyproject.toml of Poetry",
    "pyproject",
    "pyproject.toml",
    "[tool.poetry]\nversion = '1.2.3'",
    2,
  ],
  ["Cargo.toml", "cargo", "Cargo.toml", '[package]\nversion = "1.2.3"\n[dependencies]\na = "2"', 2],
  [
    "Cargo.toml of a workspace",
    "cargo",
    "Cargo.toml",
    '[package]\nversion.workspace = true\n[workspace.package]\nversion = "1.2.3"',
    4,
  ],
  ["VERSION", "version_file", "VERSION", "1.2.3\n", 1],
  ["VERSION of Windows", "version_file", "VERSION", "1.2.3\r\n", 1],
  ["__init__.py", "python_init", "p/__init__.py", '__version__ = "1.2.3"\n', 1],
  ["__init__.py, single quotes", "python_init", "p/__init__.py", "__version__ = '1.2.3'  # now", 1],
  ["__init__.py, annotated", "python_init", "p/__init__.py", '__version__: str = "1.2.3"', 1],
  [
    "__init__.py with an older line commented out",
    "python_init",
    "p/__init__.py",
    '# __version__ = "9.9.9"\n__version__ = "1.2.3"\n#__version__ = "8.8.8"',
    2,
  ],
  [
    "__init__.py with another version in its docstring",
    "python_init",
    "p/__init__.py",
    '"""Say\n__version__ = "9.9.9"\n"""\n__version__ = "1.2.3"\n\'\'\'\n__version__ = "8.8.8"\n\'\'\'',
    4,
  ],
  [
    "__init__.py whose comments and strings hold triple quotes",
    "python_init",
    "p/__init__.py",
    '# no """ here\nQUOTES = "\'\'\'"\n__version__ = "1.2.3"\n"""doc"""\n',
    3,
  ],
  [
    "__init__.py where a function assigns its own",
    "python_init",
    "p/__init__.py",
    '__version__ = "1.2.3"\ndef f():\n    __version__ = "9.9.9"\n',
    1,
  ],
];

for (const [what, kind, path, text, line] of STATED) {
  Deno.test(`versionIn() reads 1.2.3 from ${what}`, async () => {
    const answer = await versionIn({ kind, path }, text);
    assert(answer.state === "ok", JSON.stringify(answer));
    assertEquals(answer.version, "1.2.3");
    if (!text.includes('"9.9.9"') || kind !== "python_init") assertEquals(answer.line, line);
  });
}

const SILENT: [what: string, kind: SourceKind, text: string, state: string][] = [
  ["deno.json without version", "deno", "{}", "no_version"],
  ["a version that is a number", "package_json", '{"version": 1.2}', "no_version"],
  ["a version that is empty", "package_json", '{"version": ""}', "no_version"],
  [
    "a version inherited from the prototype",
    "package_json",
    '{"__proto__": {"version": "1"}}',
    "no_version",
  ],
  ["package.json with comments", "package_json", '{ // no\n"version": "1.2.3"}', "malformed"],
  ["package.json cut off", "package_json", '{"version": "1.2.3"', "malformed"],
  ["pyproject.toml cut off", "pyproject", '[project\nversion = "1.2.3"', "malformed"],
  [
    "pyproject.toml with a dynamic version",
    "pyproject",
    '[project]\ndynamic = ["version"]',
    "no_version",
  ],
  ["an empty VERSION", "version_file", "\n\n", "no_version"],
  ["__init__.py with only a comment", "python_init", '# __version__ = "1.2.3"', "no_version"],
  [
    "__init__.py with only a docstring",
    "python_init",
    '"""\n__version__ = "1.2.3"\n"""',
    "no_version",
  ],
];

for (const [what, kind, text, state] of SILENT) {
  Deno.test(`versionIn() answers ${state} for ${what}`, async () => {
    assertEquals((await versionIn({ kind, path: "x" }, text)).state, state);
  });
}

Deno.test("versionIn() does not take forever on 4 MB on one line", async () => {
  const text = JSON.stringify({ name: "version".repeat(600_000), version: "1.2.3" });
  const answer = await versionIn({ kind: "package_json", path: "package.json" }, text);
  assertEquals(answer, { state: "ok", version: "1.2.3", line: 1 });
});

Deno.test("readVersion() tells a missing source from one that is not UTF-8 and from a folder", async () => {
  await using repository = await TempRepository.make({
    "latin.py": Uint8Array.of(0xe9),
    "folder/x": "",
  });
  const states = await Promise.all(
    ["none", "latin.py", "folder"].map(async (path) =>
      (await readVersion(repository.root, { kind: "python_init", path })).state
    ),
  );
  assertEquals(states, ["missing", "malformed", "unreadable"]);
});

Deno.test("discoverSources() finds the usual files that state a version, and broken ones", async () => {
  await using repository = await TempRepository.make({
    "deno.json": {},
    "package.json": "{ broken",
    "pyproject.toml": '[project]\nversion = "1.0.0"\n',
    "VERSION": "1.0.0\n",
    "pkg/__init__.py": '__version__ = "1.0.0"',
  });
  const paths = (await discoverSources(repository.root)).map(({ path }) => path);
  assertEquals(paths, ["package.json", "pyproject.toml", "VERSION"]);
});

Deno.test("discoverSources() falls back to Python packages, also below src", async () => {
  await using repository = await TempRepository.make({
    "b/__init__.py": '__version__ = "1.0.0"',
    "src/a/__init__.py": '__version__ = "1.0.0"',
    "silent/__init__.py": "",
    ".hidden/__init__.py": '__version__ = "1.0.0"',
  });
  const paths = (await discoverSources(repository.root)).map(({ path }) => path);
  assertEquals(paths, ["b/__init__.py", "src/a/__init__.py"]);
});

Deno.test("discoverSources() is not upset by a file called src", async () => {
  await using repository = await TempRepository.make({ "src": "", "README": "" });
  assertEquals(await discoverSources(repository.root), []);
});

Deno.test("kindByName() goes by the name alone", () => {
  const kinds = ["web/package.json", "a/__init__.py", "a/__about__.py", "version", "x.txt"].map(
    kindByName,
  );
  assertEquals(kinds, ["package_json", "python_init", "python_init", "version_file", undefined]);
});

Deno.test("versionIn() says in one line why a file cannot be read", async () => {
  const answer = await versionIn({ kind: "cargo", path: "Cargo.toml" }, "[package\nversion =");
  assert(answer.state === "malformed");
  assertStringIncludes(answer.message, "Cargo.toml cannot be read as cargo: ");
  assertEquals(answer.message.includes("\n"), false);
});
