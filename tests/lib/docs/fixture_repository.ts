import { indexMarkdown } from "../../../lib/docs/markdown_index.ts";
import type { Facts } from "../../../lib/docs/reference.ts";
import { RepositoryView } from "../../../lib/docs/repository_view.ts";
import { readDeclaration } from "../../../lib/docs/script_declaration.ts";

const flag = (
  name: string,
  kind: string,
  accepts: string,
  env?: string,
): Record<string, string> => ({
  name,
  kind,
  accepts,
  ...(env === undefined ? {} : { env }),
});

const BOOLEAN = "1, true, yes, on or 0, false, no, off";

/** The declaration of the fixture's `scripts/release_check.ts`, as `--describe` prints it. */
export const RELEASE_CHECK = {
  name: "release_check",
  commands: {
    "": {
      name: "release_check",
      kind: "gate",
      artifact: "release_check",
      policy: "security/release_policy.json",
      flags: [
        flag("max-age-s", "integer", "a whole number >= 0 and <= 86400", "WA_RELEASE_MAX_AGE_S"),
        flag("profile", "choice", "one of dev, staging, prod", "WA_RELEASE_PROFILE"),
        flag("policy", "path", "a path, relative to the root"),
        flag("reason", "text", "text that is not empty"),
        flag("out", "path", "a path, relative to the root"),
        flag("strict", "boolean", BOOLEAN, "WA_RELEASE_CHECK_STRICT"),
        flag("json", "boolean", BOOLEAN),
        flag("help", "boolean", BOOLEAN),
      ],
    },
  },
};

const CHANNELS = {
  name: "channels",
  commands: {
    show: { name: "channels show", kind: "actor", flags: [flag("json", "boolean", BOOLEAN)] },
    set: {
      name: "channels set",
      kind: "actor",
      flags: [
        flag("version", "text", "text that is not empty"),
        flag("dry-run", "boolean", BOOLEAN),
      ],
      operands: { name: "CHANNEL", help: "", most: 1 },
    },
  },
};

const FILES: Record<string, string> = {
  "deno.json": JSON.stringify({
    tasks: {
      ci: "deno fmt --check && deno lint && deno test",
      "release:check": {
        command: "deno run --allow-read scripts/release_check.ts",
        description: "x",
      },
      check: "deno task release:check --strict",
    },
  }),
  "package.json": JSON.stringify({
    scripts: { build: "node tools/build.mjs --minify", test: "node --test" },
  }),
  "Makefile":
    "all: build\nbuild: src/main.ts\n\tdeno run scripts/release_check.ts\n.PHONY: clean\nclean:\n\trm -rf dist\n",
  "README.md": "",
  "import_map.json": "{}",
  "docs/GUIDE.md": "",
  "docs/REFERENCE.md":
    '# Reference\n\n## Exit codes\n\n## Exit codes\n\n## Überblick und Größe\n\n<a id="custom"></a>\n',
  "docs/img/flow.svg": "<svg/>",
  "scripts/release_check.ts": Array.from({ length: 40 }, (_, i) => `// line ${i + 1}\n`).join(""),
  "scripts/channels.ts": "defineCommands({})",
  "scripts/legacy_report.py":
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--input')\np.add_argument('--verbose', action='store_true')\np.parse_args()\n",
  "scripts/deploy.sh": 'case "$1" in --env) ;; --wait) ;; esac\n',
  "scripts/setup.ps1": "param([string]$Target, [switch]$Force)\n",
  "tools/build.mjs":
    "import { parseArgs } from 'node:util';\nparseArgs({ options: { minify: {}, outdir: {} } });\n",
  "security/release_policy.json": "{}",
  "security/channel_policy.json": "{}",
  "src/main.ts": "",
  "rust/Cargo.toml": '[package]\nname = "core"\n',
  "rust/src/bin/server.rs": "",
  "src/app/state.ts": "export {};\n\n\n",
  "pkg/__init__.py": "",
  "pkg/cli/run.py": "",
  "tests/main_test.ts": "",
  ".github/workflows/release.yml": "on: push\n",
  ".github/workflows/nightly.yml": "on: push\n",
};

/** What the fixture repository holds, with some files replaced or added; `undefined` removes one. */
export function fixtureFacts(
  { files = {}, facts = {} }: {
    files?: Record<string, string | undefined>;
    facts?: Partial<Facts>;
  } = {},
): Facts {
  const texts = new Map(
    Object.entries({ ...FILES, ...files }).filter((entry): entry is [string, string] =>
      entry[1] !== undefined
    ),
  );
  const repository = new RepositoryView({
    files: texts.keys(),
    readText: (path) => texts.get(path),
  });
  return {
    repository,
    pathPrefixes: ["docs/", "scripts/", "security/", ".github/workflows/"],
    generatedPrefixes: [".data/", "dist/"],
    declarations: new Map([
      ["scripts/release_check.ts", readDeclaration(RELEASE_CHECK)],
      ["scripts/channels.ts", readDeclaration(CHANNELS)],
    ]),
    environment: new Set([
      "WA_RELEASE_MAX_AGE_S",
      "WA_RELEASE_PROFILE",
      "WA_RELEASE_CHECK_STRICT",
      "WA_RUNTIME_ENV",
    ]),
    artifacts: new Set(["release_check", "release_manifest", "channel_report"]),
    steps: new Set(["release_check", "channel_report"]),
    aliases: [],
    today: "2026-11-26",
    anchorsOf: (path) => {
      const text = texts.get(path);
      return text === undefined ? undefined : indexMarkdown(text).anchors;
    },
    ...facts,
  };
}
