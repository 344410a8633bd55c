import { type Check, notApplicable } from "../report/check.ts";
import { valueAt } from "../text/json_pointer.ts";
import { asPointer, type StateDocument } from "./document.ts";
import type { Fixture } from "./fixture.ts";
import { type CaseTerms, judgeTerms, type MatrixTerms } from "./case_terms.ts";
import { type Reading, READING_RULES, type ReadingTerms } from "./reading_rules.ts";

/** Most faults one row lists. */
const MOST_FAULTS = 10;

/** A case as the report holds it. */
export interface CaseResult {
  id: string;
  direction: string;
  from_version: string;
  to_version: string;
  from_schema: string;
  to_schema: string;
  expect_readable: boolean;
  allow_forward_schema_source: boolean;
  expected_failed_checks: string[];
  /** Whether the case came out as it had to. */
  ok: boolean;
  reader: string;
  fixture: { source: "file" | "generated" | null; path: string | null; documents: number };
  fixture_sha256: string | null;
  checks: Check[];
  /** What of the first document the reader's answer begins with; null when there is none. */
  normalized_preview: Record<string, unknown> | null;
}

/** What was gathered for one case. */
export interface CaseFacts {
  fixture: Fixture;
  /** Empty where there was no document to read. */
  readings: Reading[];
  readingTerms: ReadingTerms;
}

function loadedRow(fixture: Fixture): Check {
  return {
    id: "fixture_loaded",
    ok: fixture.state === "ok",
    mode: "enforce",
    value: fixture.state === "ok"
      ? { source: fixture.source, documents: fixture.documents.length }
      : { state: fixture.state, faults: [fixture.why] },
    expect: "a JSON object",
    hint: "correct state_fixture of the case, or declare the schema it can be generated from",
  };
}

function faultRow(
  { id, expect, hint }: { id: string; expect: string; hint: string },
  examined: number,
  faults: string[],
): Check {
  return {
    id,
    ok: faults.length === 0,
    mode: "enforce",
    value: faults.length === 0 ? { examined } : {
      examined,
      faults: faults.slice(0, MOST_FAULTS),
    },
    expect,
    hint,
  };
}

function readingRows({ readings, readingTerms: terms }: CaseFacts): Check[] {
  const refused = readings.flatMap(({ document, answer }) =>
    answer.ok ? [] : [`${document.name}: ${answer.why}`]
  );
  const answered = readings.filter(({ answer }) => answer.ok);
  const rows = [faultRow(
    {
      id: "reader_succeeded",
      expect: "a JSON object from the reader",
      hint: "mend the reader, or the document it refuses",
    },
    readings.length,
    refused,
  )];
  for (const rule of READING_RULES) {
    const judged = rule.ofDocument === true ? readings : answered;
    if (judged.length === 0) continue;
    const reason = rule.notApplicable?.(terms);
    rows.push(
      reason === undefined
        ? faultRow(rule, judged.length, judged.flatMap((reading) => rule.faults(reading, terms)))
        : notApplicable(rule.id, rule.expect, reason),
    );
  }
  return rows;
}

/** A case that must fail has to fail for the reasons it names, on a document that was there. */
function expectationRow({ declared }: CaseTerms, fixture: Fixture, failed: string[]): Check {
  const expected = declared.expected_failed_checks;
  const absent = expected.filter((id) => !failed.includes(id));
  const unexpected = declared.match === "exact"
    ? failed.filter((id) => !expected.includes(id))
    : [];
  const unproven = fixture.state === "missing" && declared.expected_failure_reason === undefined
    ? fixture.why
    : undefined;
  return {
    id: "negative_case_failure_expectation",
    ok: failed.length > 0 && absent.length === 0 && unexpected.length === 0 &&
      unproven === undefined,
    mode: "enforce",
    value: {
      failed,
      not_failed: absent,
      unexpected,
      ...(unproven === undefined ? {} : { faults: [unproven] }),
    },
    expect: expected.length === 0
      ? "some check fails"
      : `${expected.join(", ")} fail${declared.match === "exact" ? ", and nothing else" : ""}`,
    hint: unproven === undefined
      ? "correct expected_failed_checks, or the fixture that should make them fail"
      : 'name a fixture that is there: an absent one proves nothing (expected_failure_reason "missing" says it is meant)',
  };
}

function preview(facts: CaseFacts): Record<string, unknown> | null {
  const [first] = facts.readings;
  if (first === undefined || !first.answer.ok) return null;
  const { requiredFields, schemaPointer } = facts.readingTerms;
  const value: StateDocument = first.answer.value;
  const fields = [schemaPointer.slice(1), "state", "state_rev", ...requiredFields];
  const shown = [...new Set(fields)].map((field) => [field, valueAt(value, asPointer(field))]);
  return Object.fromEntries(
    shown.filter(([, found]) => ["string", "number", "boolean"].includes(typeof found)),
  );
}

/** Same case, same documents, same answers: same result. */
export function judgeCase(terms: CaseTerms, facts: CaseFacts, matrix: MatrixTerms): CaseResult {
  const { fixture } = facts;
  const { declared } = terms;
  const checks = [
    ...judgeTerms(terms, matrix),
    loadedRow(fixture),
    ...(fixture.state === "ok" ? readingRows(facts) : []),
  ];
  const failed = checks.filter((check) => !check.ok && check.mode === "enforce")
    .map(({ id }) => id);
  let ok = failed.length === 0;
  if (!declared.expect_readable) {
    const row = expectationRow(terms, fixture, failed);
    checks.push(row);
    ok = row.ok;
  }
  return {
    id: terms.id,
    direction: terms.direction,
    from_version: terms.fromVersion,
    to_version: terms.toVersion,
    from_schema: terms.fromSchema,
    to_schema: terms.toSchema,
    expect_readable: declared.expect_readable,
    allow_forward_schema_source: declared.allow_forward_schema_source,
    expected_failed_checks: declared.expected_failed_checks,
    ok,
    reader: facts.readingTerms.reader,
    fixture: {
      source: fixture.state === "ok" ? fixture.source : null,
      path: declared.state_fixture || null,
      documents: fixture.state === "ok" ? fixture.documents.length : 0,
    },
    fixture_sha256: fixture.state === "ok" ? fixture.sha256 : null,
    checks,
    normalized_preview: preview(facts),
  };
}
