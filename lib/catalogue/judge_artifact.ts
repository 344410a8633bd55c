import { join } from "@std/path/join";
import { visitLines } from "../audit/log_lines.ts";
import type { CatalogueEntry } from "../policy/artifact_schema_catalog_policy.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { readText } from "../store/read_text.ts";
import type { ArtifactFile } from "./find_artifacts.ts";
import { type SchemaFile, type Violation, violationsOf } from "./schema_set.ts";

/** What is demanded of evidence. */
export interface EvidenceTerms {
  requireEvidence: boolean;
  gate: Mode;
  /** Artifacts whose producer runs later in the same preflight. */
  pending: ReadonlySet<string>;
}

/** Whether a dotted path leads to anything, null included. */
function hasField(value: unknown, path: string): boolean {
  let at: unknown = value;
  for (const name of path.split(".")) {
    if (typeof at !== "object" || at === null || Array.isArray(at) || !Object.hasOwn(at, name)) {
      return false;
    }
    at = (at as Record<string, unknown>)[name];
  }
  return true;
}

/** Whether a file is a report that did not pass: then only the envelope is asked of it. */
function isFailedReport(value: unknown): boolean {
  return (value as { ok?: unknown } | null)?.ok === false;
}

/** Why evidence of an artifact is not asked for. */
export type Excuse = "planned" | "pending" | "not_demanded" | "optional";

/** Why no file of an entry is asked for; undefined when one is. */
function excuseOf(entry: CatalogueEntry, terms: EvidenceTerms): Excuse | undefined {
  if (entry.status === "planned") return "planned";
  if (terms.pending.has(entry.id)) return "pending";
  if (!terms.requireEvidence) return "not_demanded";
  return entry.evidence === "optional" ? "optional" : undefined;
}

const EXCUSES: Readonly<Record<Excuse, string>> = {
  planned: "planned, nothing writes them yet",
  pending: "made by later steps of this preflight; the seal looks at them again",
  not_demanded: "not there yet, and --require-evidence is not set",
  optional: "not there, and the policy calls them optional",
};

/** One row for each reason why artifacts without a file are not missing. */
export function excuseRows(excused: ReadonlyMap<string, Excuse>): Check[] {
  return (Object.keys(EXCUSES) as Excuse[]).flatMap((excuse) => {
    const ids = [...excused].filter(([, why]) => why === excuse).map(([id]) => id);
    if (ids.length === 0) return [];
    const reason = `${ids.length} artifacts are ${EXCUSES[excuse]}`;
    return [{
      ...notApplicable(`evidence_exists::${excuse}`, "a file of each", reason),
      value: ids,
    }];
  });
}

function existsRow(
  { id, artifact_glob, producer }: CatalogueEntry,
  newest: ArtifactFile | undefined,
  { requireEvidence }: EvidenceTerms,
): Check {
  const row = { id: `evidence_exists_${id}`, expect: `a file ${artifact_glob}` };
  if (newest === undefined) {
    const hint = `deno task ${producer ?? id}`;
    return { ...row, ok: false, mode: "enforce", value: "missing", hint };
  }
  const mode = requireEvidence ? "enforce" : "warn";
  return { ...row, ok: true, mode, value: newest.path, location: { file: newest.path } };
}

function fieldsRow(
  { id, required_fields }: CatalogueEntry,
  files: readonly ArtifactFile[],
  gate: Mode,
): Check[] {
  if (required_fields.length === 0) return [];
  const passed = files.filter(({ value, faults }) => faults.length === 0 && !isFailedReport(value));
  const row = {
    id: `evidence_required_fields_${id}`,
    expect: required_fields.join(", "),
    hint: "make the artifact with the script of this version, or correct the policy",
  };
  if (passed.length === 0) {
    return [notApplicable(row.id, row.expect, "no file of it is a report that passed")];
  }
  const missing = passed.flatMap(({ path, value }) => {
    const fields = required_fields.filter((field) => !hasField(value, field));
    return fields.length === 0 ? [] : [{ file: path, missing_fields: fields }];
  });
  const location = missing[0] === undefined ? {} : { location: { file: missing[0].file } };
  const value = { examined: passed.length, missing };
  return [{ ...row, ok: missing.length === 0, mode: gate, value, ...location }];
}

function schemaRow(
  { id }: CatalogueEntry,
  violations: readonly Violation[],
  examined: number,
  gate: Mode,
): Check {
  const [first] = violations;
  return {
    id: `evidence_schema_${id}`,
    ok: violations.length === 0,
    mode: gate,
    value: { examined, violations },
    expect: "every file keeps to its schema",
    hint: first === undefined
      ? ""
      : `mend ${first.file} ${first.pointer} (${first.keyword}): ${first.message}`,
    ...(first === undefined ? {} : { location: { file: first.file } }),
  };
}

/** Most lines of one file whose violations are listed. */
const MOST_LINES = 10;

async function lineViolations(
  root: string,
  path: string,
  { validator: makeValidator }: Extract<SchemaFile, { state: "ok" }>,
): Promise<Violation[]> {
  const found: Violation[] = [];
  const decoder = new TextDecoder();
  const validator = makeValidator();
  let at = 0;
  await visitLines(join(root, path), 0, (bytes) => {
    at += 1;
    const place = `line ${at}`;
    try {
      const violations = violationsOf(validator, JSON.parse(decoder.decode(bytes)), path);
      found.push(...violations.map((row) => ({ ...row, pointer: `${place} ${row.pointer}` })));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      found.push({ file: path, pointer: place, keyword: "json", message: error.message });
    }
    return found.length < MOST_LINES;
  });
  return found;
}

function headingsRow(
  root: string,
  entry: CatalogueEntry,
  newest: ArtifactFile,
  gate: Mode,
): Check[] {
  if (entry.required_headings.length === 0) return [];
  const text = readText(join(root, newest.path));
  const headings = text.state === "ok"
    ? [...text.text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = ""]) => heading)
    : [];
  const missing = entry.required_headings.filter((heading) => !headings.includes(heading));
  return [{
    id: `evidence_required_headings_${entry.id}`,
    ok: missing.length === 0,
    mode: text.state === "ok" ? gate : "enforce",
    value: { examined: headings.length, missing },
    expect: entry.required_headings.join(", "),
    hint: `write ${newest.path} anew: deno task ${entry.producer ?? entry.id}`,
    location: { file: newest.path },
  }];
}

function malformedRow({ id }: CatalogueEntry, files: readonly ArtifactFile[]): Check[] {
  const malformed = files.filter(({ faults }) => faults.length > 0);
  const [first] = malformed;
  if (first === undefined) return [];
  return [{
    id: `evidence_well_formed_${id}`,
    ok: false,
    mode: "enforce",
    value: { examined: files.length, faults: malformed.flatMap(({ faults }) => faults) },
    expect: "JSON in UTF-8, no key twice",
    hint: `remove ${first.path} and run what wrote it again`,
    location: { file: first.path },
  }];
}

/**
 * Judges the files of one entry.
 *
 * @param files The files that count, newest first.
 * @param schema The entry's schema; undefined where it has none.
 * @returns The rows, or why there need be no file.
 */
export async function judgeArtifact(
  root: string,
  entry: CatalogueEntry,
  files: readonly ArtifactFile[],
  schema: SchemaFile | undefined,
  terms: EvidenceTerms,
): Promise<Check[] | Excuse> {
  const [newest] = files;
  const excuse = newest === undefined ? excuseOf(entry, terms) : undefined;
  if (excuse !== undefined) return excuse;
  const rows = [existsRow(entry, newest, terms)];
  if (newest === undefined) return rows;
  rows.push(...malformedRow(entry, files), ...fieldsRow(entry, files, terms.gate));
  if (entry.format === "markdown") rows.push(...headingsRow(root, entry, newest, terms.gate));
  if (schema?.state !== "ok") return rows;
  const readable = files.filter(({ faults }) => faults.length === 0);
  if (readable.length === 0) return rows;
  const violations: Violation[] = [];
  for (const { path, value } of readable) {
    violations.push(
      ...(entry.format === "ndjson"
        ? await lineViolations(root, path, schema)
        : violationsOf(schema.validator(), value, path)),
    );
  }
  return [...rows, schemaRow(entry, violations, readable.length, terms.gate)];
}
