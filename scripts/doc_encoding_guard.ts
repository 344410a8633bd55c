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
import { judgeText, type TextJudgement } from "../lib/docs/judge_text.ts";
import type { TextFault, TextRule } from "../lib/docs/text_fault.ts";
import { trackedFiles } from "../lib/docs/tracked_files.ts";
import type { Check, Finding, Mode } from "../lib/report/check.ts";
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

/** One document with what was measured, or why it could not be read. */
type Document = { path: string } & ({ judgement: TextJudgement } | { unreadable: string });
type Measured = { path: string; judgement: TextJudgement };

/** Places a list in the report shows; counts are never cut. */
const SHOWN = 120;

/** Rows beyond the garbled files: what each forbids, and how strongly. */
const ROWS: {
  id: string;
  rules: TextRule[];
  expect: string;
  hint: string;
  mode: (gate: Mode) => Mode;
}[] = [
  {
    id: "docs_utf8_decode",
    rules: ["not_utf8", "utf16_without_bom", "invalid_utf8"],
    expect: "every document is UTF-8",
    hint: "save it as UTF-8",
    mode: (gate) => gate,
  },
  {
    id: "docs_no_lost_characters",
    rules: ["replacement_char"],
    expect: "no U+FFFD, which stands where a character was lost",
    hint: "restore the text from an earlier version",
    mode: (gate) => gate,
  },
  {
    id: "docs_no_hidden_controls",
    rules: ["bidi_control"],
    expect: "no bidirectional control characters",
    hint: "remove the character",
    mode: (gate) => gate,
  },
  {
    id: "docs_no_stray_characters",
    rules: ["nul_bytes", "c1_control", "zero_width", "noncharacter"],
    expect: "no control, invisible or unassigned characters",
    hint: "remove the character",
    mode: (gate) => gate,
  },
  {
    id: "docs_line_ends_uniform",
    rules: ["mixed_line_ends"],
    expect: "one kind of line end in each document",
    hint: "save it with LF line ends",
    mode: (gate) => gate,
  },
  {
    id: "docs_without_bom",
    rules: ["utf8_bom", "private_use"],
    expect: "no byte-order mark and no private-use characters",
    hint: "save it as UTF-8 without a byte-order mark, or replace the character",
    mode: () => "warn",
  },
];

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

function ratioOf({ hintCount, nonWhitespaceChars }: TextJudgement): number {
  return Number((hintCount / Math.max(1, nonWhitespaceChars)).toFixed(8));
}

/** Garbled by decode reversal, or by the share of typical characters. */
function isSuspicious({ judgement }: Measured, { flags }: Run): boolean {
  const typical = judgement.hintCount >= Math.max(1, flags["min-hint-count"]) &&
    ratioOf(judgement) >= flags["min-hint-ratio"];
  return typical || judgement.faults.some(({ rule }) => rule === "mojibake");
}

function place(path: string, fault: TextFault | undefined): Pick<Check, "location"> {
  return fault === undefined
    ? { location: { file: path } }
    : { location: { file: path, line: fault.line, column: fault.column } };
}

function suspiciousCheck(suspicious: Measured[], total: number, { flags, gate }: Run): Check {
  const allowed = Math.max(0, flags["max-suspicious-files"]);
  const [first] = suspicious;
  const fault = first?.judgement.faults.find(({ rule }) => rule === "mojibake");
  return {
    id: "docs_mojibake_suspicious_bound",
    ok: suspicious.length <= allowed,
    mode: gate,
    value: {
      examined: total,
      suspicious: suspicious.length,
      max_suspicious_files: allowed,
      min_hint_count: Math.max(1, flags["min-hint-count"]),
      min_hint_ratio: flags["min-hint-ratio"],
    },
    expect: `at most ${allowed} garbled documents`,
    hint: fault === undefined
      ? `read ${first?.path} for text that was decoded as GBK, and restore it`
      : `${first?.path}:${fault.line}:${fault.column} should read "${fault.repaired}"`,
    ...(first === undefined ? {} : place(first.path, fault)),
  };
}

function rowCheck(
  { id, rules, expect, hint, mode }: typeof ROWS[number],
  measured: Measured[],
  gate: Mode,
): Check {
  const hits = measured.flatMap(({ path, judgement }) =>
    judgement.faults.filter(({ rule }) => rules.includes(rule)).map((fault) => ({ path, fault }))
  );
  const [first] = hits;
  const failed = [...new Set(hits.map(({ path }) => path))];
  return {
    id,
    ok: hits.length === 0,
    mode: mode(gate),
    value: { examined: measured.length, failed: failed.length, files: failed.slice(0, SHOWN) },
    expect,
    hint: first === undefined
      ? hint
      : `${first.path}:${first.fault.line}:${first.fault.column} ${first.fault.message}: ${hint}`,
    ...(first === undefined ? {} : place(first.path, first.fault)),
  };
}

function presenceChecks(documents: Document[], { flags }: Run): Check[] {
  const unreadable = documents.filter((document) => "unreadable" in document);
  return [
    {
      id: "docs_markdown_files_found",
      ok: documents.length > 0,
      mode: "enforce",
      value: { root: flags["docs-root"], count: documents.length },
      expect: "at least one document",
      hint: "name the folder with --docs-root, or files with --doc-glob",
    },
    {
      id: "docs_files_readable",
      ok: unreadable.length === 0,
      mode: "enforce",
      value: { examined: documents.length, unreadable },
      expect: "every document can be read",
      hint: `make ${unreadable[0]?.path} readable`,
    },
  ];
}

function toFinding(
  path: string,
  { rule, message, line, column, repaired }: TextFault,
  levels: Map<TextRule, Mode>,
): Finding {
  return {
    rule,
    level: levels.get(rule) === "enforce" ? "error" : "warning",
    message,
    location: { file: path, line, column },
    ...(repaired === undefined ? {} : { suggestion: `should read "${repaired}"` }),
  };
}

function reportFields(
  measured: Measured[],
  suspicious: Measured[],
  { flags }: Run,
): Record<string, unknown> {
  const row = ({ path, judgement }: Measured): Record<string, unknown> => ({
    path,
    hint_count: judgement.hintCount,
    non_whitespace_chars: judgement.nonWhitespaceChars,
    ratio: ratioOf(judgement),
  });
  const undecoded = measured.flatMap(({ path, judgement }) =>
    judgement.decoded ? [] : judgement.faults.slice(-1).map((fault) => ({
      path,
      error: fault.message,
      byte_offset: fault.byteOffset,
    }))
  );
  return {
    docs_root: flags["docs-root"],
    files_total: measured.length,
    decode_failures: undecoded,
    suspicious_files: suspicious.map(row),
    scanned: measured.map(row),
    faults: measured.flatMap(({ path, judgement }) =>
      judgement.faults.map(({ byteOffset, ...fault }) => ({
        path,
        ...fault,
        byte_offset: byteOffset,
      }))
    ),
  };
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
    const documents = await readDocuments(run);
    const measured = documents.filter((document): document is Measured => "judgement" in document);
    const suspicious = measured.filter((document) => isSuspicious(document, run));
    const levels = new Map<TextRule, Mode>([["mojibake", run.gate]]);
    for (const { rules, mode } of ROWS) for (const rule of rules) levels.set(rule, mode(run.gate));
    const findings = measured.flatMap(({ path, judgement }) =>
      judgement.faults.map((fault) => toFinding(path, fault, levels))
    );
    return {
      checks: [
        ...presenceChecks(documents, run),
        suspiciousCheck(suspicious, measured.length, run),
        ...ROWS.map((row) => rowCheck(row, measured, run.gate)),
      ],
      headline: headline(documents, findings),
      findings,
      fields: reportFields(measured, suspicious, run),
    };
  },
});

if (import.meta.main) await main(command);
