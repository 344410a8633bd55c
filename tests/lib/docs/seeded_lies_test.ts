import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { fromFileUrl } from "@std/path/from-file-url";
import { gatherFacts } from "../../../lib/docs/gather_facts.ts";
import { judgeDocument } from "../../../lib/docs/judge_document.ts";
import { indexMarkdown } from "../../../lib/docs/markdown_index.ts";
import type { Facts, Reference } from "../../../lib/docs/reference.ts";
import { DocsRealityPolicy } from "../../../lib/policy/docs_reality_policy.ts";
import { fixtureFacts } from "./fixture_repository.ts";
import { type Lie, seeded, seedLies } from "./seeded_lies.ts";

const ROOT = fromFileUrl(new URL("../../../", import.meta.url));
/** Lies per run; the share that must be found at the right line. */
const LIES = 480;
const FOUND = 0.99;

const FENCE = "```";
/** Truths of the fixture repository in every form a document has. */
const DOCUMENTS: Record<string, string> = {
  "docs/GUIDE.md": `# Guide

See the [reference](REFERENCE.md#exit-codes) and [own part](#run-it), or [by label][ref].
![flow](img/flow.svg)

## Run it

Run \`deno task release:check --strict --profile prod\` or \`deno run --allow-read scripts/release_check.ts --max-age-s 60 --json\`.

${FENCE}sh
# before a release
WA_RELEASE_PROFILE=prod deno task release:check --max-age-s 600
deno task check && npm run build -- --minify
make build
python scripts/legacy_report.py --input x --verbose
bash scripts/deploy.sh --env prod --wait
${FENCE}

- Policy: \`security/release_policy.json\`
  - and \`security/*.json\`
- Workflows: \`.github/workflows/release.yml\`, \`.github/workflows/nightly.yml\`
- Sources: \`src/app/state.ts\`, \`src/app/state.ts:2\`, [line](../scripts/release_check.ts#L10-L20), \`scripts/release_check.ts#L3-L9\`

> Quoted: \`scripts/channels.ts\` with \`deno run scripts/channels.ts set canary --version 1.2.3 --dry-run\`.

| variable | what | artifact |
| --- | --- | --- |
| \`WA_RELEASE_MAX_AGE_S\` | age, as in \`docs/REFERENCE.md\` | \`.data/out/release_check_*.json\` |
| \`WA_RELEASE_CHECK_STRICT=1\` | \`deno task ci\` | \`channel_report_*.json\` |

### Flags in \`scripts/release_check.ts\`

Turn it off with \`--dry-run\`; \`--max-age-s\` is seconds. WA_RUNTIME_ENV is read too.

<!-- nothing here: docs/none.md -->

[ref]: REFERENCE.md
`,
  "README.md": `# Fixture

1. [Guide](docs/GUIDE.md#run-it)
2. \`docs/REFERENCE.md\`, \`tools/build.mjs\`, \`docs/*.md\`

${FENCE}powershell
pwsh -File scripts/setup.ps1 -Target x -Force
deno task release:check --reason "because"
${FENCE}

${FENCE}console
$ deno task release:check --strict
0 failed, see docs/nowhere.md
$ npm run test
${FENCE}

${FENCE}text
! gate: does not hold, see docs/nowhere.md
    hint: deno task release:check --strict
${FENCE}

- [ ] \`deno task release:check\` writes \`release_manifest_*.json\`
- [x] \`make clean\`, then \`deno test tests/main_test.ts\`
`,
};

function failures(
  path: string,
  text: string,
  facts: Facts,
  others: (path: string) => ReadonlySet<string> | undefined,
): Reference[] {
  const index = indexMarkdown(text);
  const own: Facts = {
    ...facts,
    anchorsOf: (asked) => asked === path ? index.anchors : others(asked),
  };
  return judgeDocument(path, index, own).references.filter(({ status }) => status === "failed");
}

/** Tells how many lies were found, and shows the ones that were not. */
function hunt(
  documents: Record<string, string>,
  facts: Facts,
  count: number,
  seed: number,
): { missed: (Lie & { path: string })[]; kinds: Set<string>; told: number } {
  const anchors = new Map(
    Object.entries(documents).map(([path, text]) => [path, indexMarkdown(text).anchors]),
  );
  const others = (path: string): ReadonlySet<string> | undefined =>
    anchors.get(path) ?? facts.anchorsOf(path);
  const missed: (Lie & { path: string })[] = [];
  const kinds = new Set<string>();
  let told = 0;
  const paths = Object.keys(documents);
  for (const [i, path] of paths.entries()) {
    const share = Math.ceil(count / paths.length);
    for (const lie of seedLies(documents[path] ?? "", share, seeded(seed + i))) {
      told++;
      kinds.add(lie.kind);
      const found = failures(path, lie.text, facts, others);
      if (!found.some(({ line }) => line === lie.line)) missed.push({ ...lie, path });
    }
  }
  return { missed, kinds, told };
}

function report(missed: (Lie & { path: string })[]): string {
  return missed.slice(0, 12).map(({ path, line, kind, after }) =>
    `${path}:${line} ${kind}: ${after}`
  ).join("\n");
}

Deno.test("the fixture documents are true as they stand", () => {
  const facts = fixtureFacts();
  for (const [path, text] of Object.entries(DOCUMENTS)) {
    const found = failures(
      path,
      text,
      facts,
      (asked) =>
        DOCUMENTS[asked] === undefined
          ? facts.anchorsOf(asked)
          : indexMarkdown(DOCUMENTS[asked]).anchors,
    );
    assertEquals(found.map(({ line, rule, raw }) => `${path}:${line} ${rule} ${raw}`), []);
  }
});

for (const seed of [1, 2, 3]) {
  Deno.test(`at least 99 % of ${LIES} lies in the fixture documents are found at their line (seed ${seed})`, () => {
    const { missed, kinds, told } = hunt(DOCUMENTS, fixtureFacts(), LIES, seed);
    assertGreaterOrEqual(told, LIES);
    assertGreaterOrEqual(kinds.size, 25, `kinds of lies told: ${[...kinds].join(", ")}`);
    assert(
      missed.length <= told * (1 - FOUND),
      `${missed.length} of ${told} lies were not found:\n${report(missed)}`,
    );
  });
}

Deno.test("at least 99 % of the lies in this repository's documents are found, and none before they are told", async () => {
  const policy = DocsRealityPolicy.parse(
    JSON.parse(await Deno.readTextFile(`${ROOT}security/docs_reality_policy.json`)),
  );
  const { facts } = await gatherFacts(ROOT, {
    pathPrefixes: policy.path_prefixes,
    generatedPrefixes: [...policy.generated_prefixes, ...policy.optional_paths],
    aliases: policy.command_aliases,
    today: "2026-11-26",
    describe: true,
    timeoutMs: 60_000,
    batch: {
      program: `${ROOT}lib/documents/describe_batch.ts`,
      config: `${ROOT}deno.json`,
      read: [ROOT],
    },
    toolkit: { environment: [], steps: [], artifacts: [] },
  });
  const names = [...facts.repository.files].filter((file) =>
    /^(?:README|docs\/.*)\.md$/.test(file)
  );
  const documents = Object.fromEntries(
    names.map((name) => [name, facts.repository.text(name) ?? ""]),
  );
  const toolkit: Facts = { ...facts };
  delete toolkit.steps; // the registry is judged by the guard's own test
  for (const [path, text] of Object.entries(documents)) {
    const found = failures(path, text, toolkit, toolkit.anchorsOf);
    assertEquals(found.map(({ line, rule, raw }) => `${path}:${line} ${rule} ${raw}`), []);
  }
  const { missed, told } = hunt(documents, toolkit, Math.max(LIES, 20 * names.length), 7);
  assert(
    missed.length <= told * (1 - FOUND),
    `${missed.length} of ${told} lies were not found:\n${report(missed)}`,
  );
});
