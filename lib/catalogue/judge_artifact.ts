import { join } from "@std/path/join";
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

function existsRow(
  entry: CatalogueEntry,
  files: readonly ArtifactFile[],
  terms: EvidenceTerms,
): Check {
  const { id, artifact_glob, producer, evidence } = entry;
  const row = { id: `evidence_exists_${id}`, expect: `a file ${artifact_glob}` };
  const [newest] = files;
  if (newest !== undefined) {
    const mode = terms.requireEvidence ? "enforce" as const : "warn" as const;
    return { ...row, ok: true, mode, value: newest.path, location: { file: newest.path } };
  }
  if (entry.status === "planned") {
    return notApplicable(row.id, row.expect, `planned: ${producer ?? "its script"} does not exist`);
  }
  if (terms.pending.has(id)) {
    const reason = "pending: its producer runs later in this preflight, and the seal looks again";
    return notApplicable(row.id, row.expect, reason);
  }
  if (!terms.requireEvidence) {
    return notApplicable(
      row.id,
      row.expect,
      "there is none yet, and --require-evidence is not set",
    );
  }
  if (evidence === "optional") {
    return notApplicable(row.id, row.expect, "there is none, and the policy calls it optional");
  }
  const hint = `deno task ${producer ?? id}`;
  return { ...row, ok: false, mode: "enforce", value: "missing", hint };
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

function lineViolations(
  root: string,
  path: string,
  schema: Extract<SchemaFile, { state: "ok" }>,
): Violation[] {
  const text = readText(join(root, path));
  if (text.state !== "ok") {
    return [{ file: path, pointer: "", keyword: "text", message: text.message }];
  }
  const lines = text.text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((line, at) => {
    try {
      return violationsOf(schema.validate, JSON.parse(line), path)
        .map((violation) => ({ ...violation, pointer: `line ${at + 1} ${violation.pointer}` }));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const message = error.message;
      return [{ file: path, pointer: `line ${at + 1}`, keyword: "json", message }];
    }
  });
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
 */
export function judgeArtifact(
  root: string,
  entry: CatalogueEntry,
  files: readonly ArtifactFile[],
  schema: SchemaFile | undefined,
  terms: EvidenceTerms,
): Check[] {
  const [newest] = files;
  const rows = [existsRow(entry, files, terms)];
  if (newest === undefined) return rows;
  rows.push(...malformedRow(entry, files), ...fieldsRow(entry, files, terms.gate));
  if (entry.format === "markdown") rows.push(...headingsRow(root, entry, newest, terms.gate));
  if (schema?.state !== "ok") return rows;
  const readable = files.filter(({ faults }) => faults.length === 0);
  if (readable.length === 0) return rows;
  const violations = readable.flatMap(({ path, value }) =>
    entry.format === "ndjson"
      ? lineViolations(root, path, schema)
      : violationsOf(schema.validate, value, path)
  );
  return [...rows, schemaRow(entry, violations, readable.length, terms.gate)];
}
