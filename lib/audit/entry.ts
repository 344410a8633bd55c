/**
 * One line of the audit log: how it is made, and how it is read back.
 *
 * A line is the RFC 8785 form of one JSON object, so each entry has exactly one spelling. Its
 * `entry_hash` is the SHA-256 of that form without the member `entry_hash`; its `prev_hash` is the
 * `entry_hash` of the line before, the empty string in the first.
 *
 * @module
 */
import { canonicalJson } from "../store/canonical.ts";
import { compactPredecessor, parsePredecessor } from "./predecessor.ts";
import { sha256 } from "./sha256.ts";

/** What an actor reports; everything else in an entry is added on writing. */
export interface AuditRecord {
  /** What was done, such as `release_channel_promote`. */
  action: string;
  actor: string;
  /** The script that did it. */
  source: string;
  /** `ok`, `failed`, ... */
  status: string;
  context: Record<string, unknown>;
  /** The ids that tie artifacts of one release together; an unknown one is the empty string. */
  correlation: { correlation_id: string; release_candidate_id: string; run_id: string };
}

/** A line as the chain sees it. */
export interface Line {
  /** 2 is written here; 1 is the form older logs begin with. */
  version: 1 | 2;
  seq: number;
  /** Epoch seconds. */
  ts: number;
  prevHash: string;
  /** The hash the line claims. */
  entryHash: string;
  /** The hash the line has. */
  computedHash: string;
}

/** Why a line is no entry. */
export interface Defect {
  defect: "malformed" | "re_encoded";
  detail: string;
}

/** Where a new entry goes. */
export interface Place {
  seq: number;
  prevHash: string;
  /** Epoch seconds, not before the previous entry's. */
  ts: number;
  /** By how much the clock was behind the previous entry, milliseconds. */
  clockSkewMs: number;
}

/** Longest line, its end not counted. */
export const MAX_LINE_BYTES = 65_536;

/** Deepest nesting of objects and arrays in a line. */
export const MAX_DEPTH = 64;

/** The record cannot become an entry that would verify later. */
export class AuditRecordError extends TypeError {
  override name = "AuditRecordError";
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const HASH = /^[0-9a-f]{64}$/;
const TEXT_FIELDS = ["action", "actor", "source", "status"];
const ID_FIELDS = ["correlation_id", "release_candidate_id", "run_id"];
const REQUIRED = [
  ...TEXT_FIELDS,
  ...["schema_version", "seq", "ts", "context", "prev_hash", "entry_hash"],
];
const OPTIONAL = { 1: [], 2: [...ID_FIELDS, "clock_skew_ms"] };

/** The hash an entry must carry: over its canonical form without `entry_hash`, lower-case hex. */
export function entryHash(entry: Record<string, unknown>): string {
  const { entry_hash: _, ...hashed } = entry;
  return sha256(encoder.encode(canonicalJson(hashed))).toHex();
}

/**
 * The line for a record at its place, without the line's end.
 *
 * @throws {AuditRecordError} If a reader would reject the line: a blank field, a value without
 * JSON form, an unsafe integer, a line that is too long or nested too deeply.
 */
export function composeLine(record: AuditRecord, place: Place): Uint8Array<ArrayBuffer> {
  const { action, actor, source, status, context, correlation } = record;
  const entry = {
    schema_version: 2,
    seq: place.seq,
    ts: place.ts,
    ...{ action, actor, source, status, context },
    correlation_id: correlation.correlation_id,
    release_candidate_id: correlation.release_candidate_id,
    run_id: correlation.run_id,
    prev_hash: place.prevHash,
    ...(place.clockSkewMs > 0 ? { clock_skew_ms: place.clockSkewMs } : {}),
  };
  let line: Uint8Array<ArrayBuffer>;
  try {
    line = encoder.encode(canonicalJson({ ...entry, entry_hash: entryHash(entry) }));
  } catch (cause) {
    throw new AuditRecordError(`Cannot record "${action}": ${(cause as Error).message}`, { cause });
  }
  const read = readLine(line);
  if ("defect" in read) throw new AuditRecordError(`Cannot record "${action}": ${read.detail}`);
  return line;
}

/** Reads a line, its end removed; says what is wrong instead of throwing. */
export function readLine(bytes: Uint8Array): Line | Defect {
  if (bytes.length > MAX_LINE_BYTES) return malformed(`the line exceeds ${MAX_LINE_BYTES} bytes`);
  if (bytes.length === 0) return malformed("the line is empty");
  let text: string;
  let entry: unknown;
  try {
    text = decoder.decode(bytes);
    entry = JSON.parse(text);
  } catch (error) {
    return malformed(`the line is not JSON in UTF-8 (${(error as Error).message})`);
  }
  const defect = defectOfShape(entry) ?? defectOfValue(entry, 0);
  if (defect !== undefined) return malformed(defect);
  const fields = entry as Record<string, never>;
  const computedHash = fields["schema_version"] === 1 ? hashAs1(text) : hashAs2(text, fields);
  if (computedHash === undefined) {
    return { defect: "re_encoded", detail: "the bytes are not the one form this entry has" };
  }
  return {
    version: fields["schema_version"]!,
    seq: fields["seq"]!,
    ts: fields["ts"]!,
    prevHash: fields["prev_hash"]!,
    entryHash: fields["entry_hash"]!,
    computedHash,
  };
}

function malformed(detail: string): Defect {
  return { defect: "malformed", detail };
}

function hashAs2(text: string, entry: Record<string, unknown>): string | undefined {
  if (canonicalJson(entry) !== text) return undefined;
  // `context`, the one nested member, sorts before: the last occurrence is the entry's own.
  const member = `"entry_hash":"${entry["entry_hash"]}",`;
  const at = text.lastIndexOf(member);
  return sha256(encoder.encode(text.slice(0, at) + text.slice(at + member.length))).toHex();
}

function hashAs1(text: string): string | undefined {
  const entry = parsePredecessor(text);
  if (entry === undefined) return undefined;
  entry.delete("entry_hash");
  return sha256(encoder.encode(compactPredecessor(entry))).toHex();
}

/** What is wrong with the members of an entry, if anything. */
function defectOfShape(entry: unknown): string | undefined {
  if (!isObject(entry)) return "the line is not an object";
  const version = entry["schema_version"];
  if (version !== 1 && version !== 2) return "schema_version is neither 1 nor 2";
  const absent = REQUIRED.find((key) => !Object.hasOwn(entry, key));
  if (absent !== undefined) return `${absent} is missing`;
  const known: string[] = [...REQUIRED, ...OPTIONAL[version]];
  const unknown = Object.keys(entry).find((key) => !known.includes(key));
  if (unknown !== undefined) return `${JSON.stringify(unknown.slice(0, 40))} is not a known field`;
  const blank = TEXT_FIELDS.find((key) => {
    const value = entry[key];
    return typeof value !== "string" || value.trim() === "";
  });
  if (blank !== undefined) return `${blank} is blank`;
  const { seq, ts, context, prev_hash: previous, entry_hash: own, clock_skew_ms: skew } = entry;
  if (!Number.isSafeInteger(seq) || Number(seq) < 1) return "seq is not a count from 1";
  if (typeof ts !== "number" || !(ts > 0 && ts < 1e11)) return "ts is not in epoch seconds";
  if (!isObject(context)) return "context is not an object";
  if (typeof own !== "string" || !HASH.test(own)) return "entry_hash is not a SHA-256";
  if (typeof previous !== "string" || !(previous === "" || HASH.test(previous))) {
    return "prev_hash is neither empty nor a SHA-256";
  }
  const id = ID_FIELDS.find((key) => entry[key] !== undefined && typeof entry[key] !== "string");
  if (id !== undefined) return `${id} is not a string`;
  if (skew !== undefined && !(Number.isSafeInteger(skew) && Number(skew) > 0)) {
    return "clock_skew_ms is not a positive integer";
  }
  return undefined;
}

/** What other readers might read differently: deep nesting, integers beyond 2^53, lone surrogates. */
function defectOfValue(value: unknown, depth: number): string | undefined {
  if (typeof value === "number") {
    const inexact = Number.isInteger(value) && !Number.isSafeInteger(value);
    return inexact ? `${value} is beyond the integers every reader keeps exact` : undefined;
  }
  if (typeof value === "string") return value.isWellFormed() ? undefined : "a surrogate is alone";
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === MAX_DEPTH) return `nesting exceeds ${MAX_DEPTH}`;
  for (const [key, member] of Object.entries(value)) {
    const defect = defectOfValue(key, depth) ?? defectOfValue(member, depth + 1);
    if (defect !== undefined) return defect;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
