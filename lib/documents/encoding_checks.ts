import type { TextJudgement } from "../docs/judge_text.ts";
import type { TextFault, TextRule } from "../docs/text_fault.ts";
import type { Check, Finding, Mode } from "../report/check.ts";
import { SHOWN } from "./cut.ts";

/** One document with what was measured, or why it could not be read. */
export type Document = { path: string } & ({ judgement: TextJudgement } | { unreadable: string });
export type Measured = { path: string; judgement: TextJudgement };

/** The documents that could be read. */
export function measuredOf(documents: Document[]): Measured[] {
  return documents.filter((document): document is Measured => "judgement" in document);
}

/** What makes a document suspicious, and how many may be. */
export interface EncodingLimits {
  docsRoot: string;
  maxSuspiciousFiles: number;
  minHintCount: number;
  minHintRatio: number;
  gate: Mode;
}

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

function ratioOf({ hintCount, nonWhitespaceChars }: TextJudgement): number {
  return Number((hintCount / Math.max(1, nonWhitespaceChars)).toFixed(8));
}

/** Garbled by decode reversal, or by the share of typical characters. */
export function isSuspicious({ judgement }: Measured, limits: EncodingLimits): boolean {
  const typical = judgement.hintCount >= Math.max(1, limits.minHintCount) &&
    ratioOf(judgement) >= limits.minHintRatio;
  return typical || judgement.faults.some(({ rule }) => rule === "mojibake");
}

function place(path: string, fault: TextFault | undefined): Pick<Check, "location"> {
  return fault === undefined
    ? { location: { file: path } }
    : { location: { file: path, line: fault.line, column: fault.column } };
}

function suspiciousCheck(suspicious: Measured[], total: number, limits: EncodingLimits): Check {
  const allowed = Math.max(0, limits.maxSuspiciousFiles);
  const [first] = suspicious;
  const fault = first?.judgement.faults.find(({ rule }) => rule === "mojibake");
  return {
    id: "docs_mojibake_suspicious_bound",
    ok: suspicious.length <= allowed,
    mode: limits.gate,
    value: {
      examined: total,
      suspicious: suspicious.length,
      max_suspicious_files: allowed,
      min_hint_count: Math.max(1, limits.minHintCount),
      min_hint_ratio: limits.minHintRatio,
    },
    expect: `at most ${allowed} garbled documents`,
    hint: first === undefined
      ? ""
      : fault === undefined
      ? `read ${first.path} for text that was decoded as GBK, and restore it`
      : `${first.path}:${fault.line}:${fault.column} should read "${fault.repaired}"`,
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

function presenceChecks(documents: Document[], { docsRoot }: EncodingLimits): Check[] {
  const unreadable = documents.filter((document) => "unreadable" in document);
  return [
    {
      id: "docs_markdown_files_found",
      ok: documents.length > 0,
      mode: "enforce",
      value: { root: docsRoot, count: documents.length },
      expect: "at least one document",
      hint: "name the folder with --docs-root, or files with --doc-glob",
    },
    {
      id: "docs_files_readable",
      ok: unreadable.length === 0,
      mode: "enforce",
      value: { examined: documents.length, unreadable },
      expect: "every document can be read",
      hint: unreadable[0] === undefined ? "" : `make ${unreadable[0].path} readable`,
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

/** The script's own fields of the report. */
export function encodingFields(
  documents: Document[],
  limits: EncodingLimits,
): Record<string, unknown> {
  const measured = measuredOf(documents);
  const suspicious = measured.filter((document) => isSuspicious(document, limits));
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
    docs_root: limits.docsRoot,
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

/** Every check of the encoding guard over the documents that were read. */
export function encodingChecks(documents: Document[], limits: EncodingLimits): Check[] {
  const measured = measuredOf(documents);
  const suspicious = measured.filter((document) => isSuspicious(document, limits));
  return [
    ...presenceChecks(documents, limits),
    suspiciousCheck(suspicious, measured.length, limits),
    ...ROWS.map((row) => rowCheck(row, measured, limits.gate)),
  ];
}

/** Every fault of every document as a finding, as strong as its row. */
export function encodingFindings(documents: Document[], gate: Mode): Finding[] {
  const levels = new Map<TextRule, Mode>([["mojibake", gate]]);
  for (const { rules, mode } of ROWS) for (const rule of rules) levels.set(rule, mode(gate));
  return measuredOf(documents).flatMap(({ path, judgement }) =>
    judgement.faults.map((fault) => toFinding(path, fault, levels))
  );
}
