#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_DOC_ENCODING_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Judges whether documents are valid UTF-8, not garbled by a wrong decoding, and free of characters
 * that hide or lose text.
 * @module
 */
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { integer, list, number, path } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { expandBraces, globMatches } from "../lib/docs/glob.ts";
import { judgeText } from "../lib/docs/judge_text.ts";
import { trackedFiles } from "../lib/docs/tracked_files.ts";
import {
  type Document,
  encodingChecks,
  encodingFields,
  encodingFindings,
  type EncodingLimits,
} from "../lib/documents/encoding_checks.ts";
import type { Finding } from "../lib/report/check.ts";
import { sha256Hex } from "../lib/store/digest.ts";

const flags = {
  "docs-root": path({
    default: "docs",
    env: "WA_DOC_ENCODING_GUARD_ROOT",
    help: "Folder of documents; Markdown in the root folder is read as well",
  }),
  "doc-glob": list({ placeholder: "GLOB", help: "Further files to read, of any extension" }),
  "max-suspicious-files": integer({
    default: 0,
    env: "WA_DOC_ENCODING_MAX_SUSPICIOUS_FILES",
    help: "Garbled files tolerated; negative counts as 0",
  }),
  "min-hint-count": integer({
    default: 8,
    env: "WA_DOC_ENCODING_MIN_HINT_COUNT",
    help: "Characters typical of UTF-8 read as GBK that make a file suspicious",
  }),
  "min-hint-ratio": number({
    default: 0.03,
    env: "WA_DOC_ENCODING_MIN_HINT_RATIO",
    help: "Share of them among all characters that makes a file suspicious, with the count",
  }),
};

type Run = Context<typeof flags, undefined>;

async function readDocuments({ root, flags, inputs }: Run): Promise<Document[]> {
  const { files } = await trackedFiles(root);
  const folder = inputs.shown(flags["docs-root"]).replace(/^\.$/, "").replace(/\/?$/, "/").replace(
    /^\/$/,
    "",
  );
  const patterns = flags["doc-glob"].flatMap(expandBraces);
  const chosen = files.filter((file) =>
    /\.(?:md|markdown|mdx)$/i.test(file) && (file.startsWith(folder) || !file.includes("/")) ||
    patterns.some((pattern) => globMatches(pattern, file))
  );
  const documents: Document[] = [];
  for (const path of chosen) documents.push(await readDocument(path, inputs));
  return documents;
}

async function readDocument(path: string, inputs: Run["inputs"]): Promise<Document> {
  try {
    const bytes = await Deno.readFile(inputs.absolute(path));
    inputs.note(path, "ok", await sha256Hex(bytes));
    return { path, judgement: judgeText(bytes) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    inputs.note(path, "unreadable");
    return { path, unreadable: error.message };
  }
}

function headline(documents: Document[], findings: Finding[]): string {
  const [first] = findings;
  if (documents.length === 0) return "no document was found";
  if (first === undefined) return `${documents.length} documents are clean UTF-8`;
  const more = findings.length === 1 ? "" : `, and ${findings.length - 1} more`;
  return `${first.location.file}:${first.location.line} ${first.message}${more}`;
}

export const command = defineCommand({
  name: "doc_encoding_guard",
  summary: "Judge whether documents are UTF-8 and not garbled by a wrong decoding",
  kind: "gate",
  artifact: "doc_encoding_guard",
  strictEnv: "WA_DOC_ENCODING_GUARD_STRICT",
  flags,
  findings: true,
  details: [
    "Garbled text is found by undoing the wrong decoding: text that turns into sensible UTF-8 when it is encoded in a legacy character set again was read as that set. The finding shows what the text should read.",
  ],
  examples: ["--strict", "--docs-root handbook --doc-glob 'security/*.json'"],
  async run(run): Promise<Outcome> {
    const { flags, gate } = run;
    const documents = await readDocuments(run);
    const findings = encodingFindings(documents, gate);
    const limits: EncodingLimits = {
      docsRoot: flags["docs-root"],
      maxSuspiciousFiles: flags["max-suspicious-files"],
      minHintCount: flags["min-hint-count"],
      minHintRatio: flags["min-hint-ratio"],
      gate,
    };
    return {
      checks: encodingChecks(documents, limits),
      headline: headline(documents, findings),
      findings,
      fields: encodingFields(documents, limits),
    };
  },
});

if (import.meta.main) await main(command);
