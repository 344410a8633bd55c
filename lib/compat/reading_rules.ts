import { equal } from "@std/assert/equal";
import { canonicalJson } from "../store/canonical.ts";
import type { ReaderDeclaration } from "../policy/release_compat_matrix.ts";
import { valueAt } from "../text/json_pointer.ts";
import { asPointer, lossyNumbers, pointersOf, type StateDocument } from "./document.ts";
import type { FixtureDocument } from "./fixture.ts";
import type { ReaderAnswer } from "./reader.ts";
import { newestShape, statedSchema, type StateShape } from "./state_shapes.ts";

/** One document, what the reader made of it, and what reading that back gave. */
export interface Reading {
  document: FixtureDocument;
  answer: ReaderAnswer;
  /** From the target's schema back to the source's; only where something must survive that. */
  back?: ReaderAnswer;
}

/** What readings are judged by. */
export interface ReadingTerms {
  /** What read the documents. */
  reader: ReaderDeclaration["kind"];
  fromSchema: string;
  toSchema: string;
  schemaPointer: string;
  shapes: ReadonlyMap<string, StateShape>;
  compare: (a: string, b: string) => number;
  /** Keys or JSON pointers that every state document has. */
  requiredFields: readonly string[];
  /** Keys or JSON pointers whose values an upgrade and a rollback must keep. */
  preserved: readonly string[];
  /** JSON pointers that reading may drop. */
  mayLose: readonly string[];
}

/** One rule: what breaks it in a reading, or why there is nothing to judge. */
export interface ReadingRule {
  id: string;
  expect: string;
  hint: string;
  /** Why the rule does not apply to this case; undefined when it does. */
  notApplicable?(terms: ReadingTerms): string | undefined;
  /** Judged only where the reader answered, unless it judges the document alone. */
  ofDocument?: true;
  faults(reading: Reading, terms: ReadingTerms): string[];
}

type Answered = Extract<ReaderAnswer, { ok: true }>;

const answered = ({ answer }: Reading): Answered => answer as Answered;

function schemaOf(document: StateDocument, terms: ReadingTerms): string | undefined {
  return statedSchema(document, terms.schemaPointer) ??
    newestShape(document, terms.shapes, terms.compare);
}

const FIXTURE_SCHEMA: ReadingRule = {
  id: "fixture_schema_matches_from",
  expect: "a document of from_schema",
  hint: "name the fixture of that schema, or correct from_schema of the case",
  ofDocument: true,
  faults({ document: { name, value } }, terms) {
    const { fromSchema, shapes } = terms;
    const stated = statedSchema(value, terms.schemaPointer);
    const found = schemaOf(value, terms);
    if (stated === undefined && shapes.size === 0) return [];
    if (found === undefined) {
      const why = shapes.get(fromSchema)?.faults(value) ?? [];
      return [`${name} satisfies no declared schema${why[0] === undefined ? "" : `: ${why[0]}`}`];
    }
    if (found !== fromSchema) return [`${name} is of schema ${found}, not ${fromSchema}`];
    return (shapes.get(fromSchema)?.faults(value) ?? []).map((fault) => `${name} ${fault}`);
  },
};

const NOT_EMPTY: ReadingRule = {
  id: "fixture_not_empty",
  expect: "a document that holds something",
  hint: "put a real state document into the fixture: an empty one proves nothing",
  ofDocument: true,
  faults: ({ document: { name, value } }) =>
    Object.keys(value).length === 0 ? [`${name} is an empty object`] : [],
};

const OWN_FIELDS: ReadingRule = {
  id: "required_fields_present_in_fixture",
  expect: "required fields from the fixture, not from the reader's defaults",
  hint: "put the field into the fixture, or declare the migration that introduces it",
  notApplicable: ({ requiredFields }) =>
    requiredFields.length === 0 ? "state_schema.required_fields is not set" : undefined,
  faults(reading, { requiredFields }) {
    const supplied = answered(reading).supplied ?? [];
    return requiredFields.filter((field) => supplied.includes(field))
      .map((field) => `${reading.document.name} lacks "${field}", which only defaults supply`);
  },
};

const REQUIRED: ReadingRule = {
  id: "normalized_required_fields_present",
  expect: "every required field after reading",
  hint: "mend the reader, or correct state_schema.required_fields of the release policy",
  notApplicable: OWN_FIELDS.notApplicable!,
  faults: (reading, { requiredFields }) =>
    requiredFields
      .filter((field) => valueAt(answered(reading).value, asPointer(field)) === undefined)
      .map((field) => `${reading.document.name}: "${field}" is missing after reading`),
};

const TARGET_SCHEMA: ReadingRule = {
  id: "normalized_schema_matches_target",
  expect: "a document of to_schema after reading",
  hint: "make the reader bring the document to to_schema",
  notApplicable: ({ reader, shapes, toSchema }) =>
    reader === "as_is" && !shapes.has(toSchema)
      ? "no reader is named, so the document stays as it is"
      : undefined,
  faults(reading, { reader, toSchema, schemaPointer, shapes }) {
    const { document: { name } } = reading;
    const { value } = answered(reading);
    const stated = statedSchema(value, schemaPointer);
    const faults = (shapes.get(toSchema)?.faults(value) ?? []).map((fault) => `${name}: ${fault}`);
    return reader === "as_is" || stated === undefined || stated === toSchema
      ? faults
      : [`${name} is of schema ${stated} after reading, not ${toSchema}`, ...faults];
  },
};

const ROUNDTRIP: ReadingRule = {
  id: "normalized_payload_json_roundtrip",
  expect: "JSON that no reader changes: numbers and text survive",
  hint: "store large numbers as text, and text as well-formed Unicode",
  faults(reading) {
    const { document: { name, text } } = reading;
    const read = answered(reading);
    const numbers = [...lossyNumbers(text), ...lossyNumbers(read.text)];
    if (numbers.length > 0) return [`${name}: ${numbers[0]} does not survive as a JSON number`];
    try {
      canonicalJson(read.value);
      return [];
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return [`${name}: ${error.message}`];
    }
  },
};

const NO_LOSS: ReadingRule = {
  id: "no_unexpected_field_loss",
  expect: "every key of the document after reading, but for those declared as dropped",
  hint: "make the reader keep it, or name it under may_lose of the case",
  faults(reading, { mayLose }) {
    const { document } = reading;
    const { value, dropped = [] } = answered(reading);
    const allowed = [...dropped, ...mayLose];
    return pointersOf(document.value)
      .filter((pointer) => valueAt(value, pointer) === undefined)
      .filter((pointer) =>
        !allowed.some((gone) => pointer === gone || pointer.startsWith(`${gone}/`))
      )
      .map((pointer) => `${document.name}: ${pointer} is lost`);
  },
};

function changed(reading: Reading, field: string, answer: ReaderAnswer, when: string): string[] {
  const { name, value } = reading.document;
  if (!answer.ok) return [`${name} ${when}: ${answer.why}`];
  const pointer = asPointer(field);
  const [before, after] = [valueAt(value, pointer), valueAt(answer.value, pointer)];
  if (before === undefined || equal(before, after)) return [];
  return [`${name}: "${field}" changes ${when}`];
}

const PRESERVED: ReadingRule = {
  id: "roundtrip_up_down_preserves",
  expect: "the same values after reading and after reading back",
  hint: "make the reader keep what preserve_on_rollback of the release policy names, both ways",
  notApplicable: ({ preserved }) =>
    preserved.length === 0 ? "state_schema.preserve_on_rollback is not set" : undefined,
  faults(reading, { preserved }) {
    const { answer, back } = reading;
    const there = preserved.flatMap((field) => changed(reading, field, answer, "when it is read"));
    if (back === undefined) return there;
    if (!back.ok) return [...there, `${reading.document.name} when it is read back: ${back.why}`];
    return [
      ...there,
      ...preserved.flatMap((field) => changed(reading, field, back, "when it is read back")),
    ];
  },
};

/** The rules in the order of the report. */
export const READING_RULES: readonly ReadingRule[] = [
  NOT_EMPTY,
  FIXTURE_SCHEMA,
  OWN_FIELDS,
  REQUIRED,
  TARGET_SCHEMA,
  ROUNDTRIP,
  NO_LOSS,
  PRESERVED,
];
