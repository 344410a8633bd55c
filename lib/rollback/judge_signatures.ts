import type { RollbackDrillSignaturePolicy } from "../policy/rollback_drill_signature_policy.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import type { DrillFile } from "./drill_files.ts";
import {
  changedArtifacts,
  type JudgedSignature,
  verifyDrillSignature,
} from "./verify_drill_signature.ts";

/** A signature and what it says about the evidence now. */
export interface SignatureRow extends JudgedSignature {
  path: string;
  /** Of the signed time; infinite where nothing authentic says one. */
  ageS: number;
  /** Artifacts that are not as they were signed. */
  changed: string[];
  /** Paths it was made over, relative to root. */
  signed: ReadonlySet<string>;
  /** Evidence that is wanted of it and was not signed. */
  uncovered: string[];
}

/** Evidence of one kind, newest first, and how many of it a signature must be over. */
export interface SignedKind {
  files: readonly DrillFile[];
  minimum: number;
}

/** What signatures must show. */
export interface SignatureDemand {
  root: string;
  policy: RollbackDrillSignaturePolicy;
  key: string | undefined;
  required: boolean;
  maxAgeS: number;
  nowS: number;
  gate: Mode;
  evidence: readonly SignedKind[];
}

/** Signatures that are looked at; older ones are not fresh anyway. */
const MOST_SIGNATURES = 20;
const CLOCK_SKEW_S = 5;
const HINT = "deno task sign_rollback_drill_evidence";

/** The newest reports of each kind, as many as a signature lacks of them. */
function uncoveredBy(signed: ReadonlySet<string>, evidence: readonly SignedKind[]): string[] {
  return evidence.flatMap(({ files, minimum }) => {
    const covered = files.filter(({ path }) => signed.has(path)).length;
    const unsigned = files.filter(({ path }) => !signed.has(path)).map(({ path }) => path);
    return unsigned.slice(0, Math.max(0, minimum - covered));
  });
}

async function look(file: DrillFile, demand: SignatureDemand): Promise<SignatureRow> {
  const { root, policy, key, nowS, evidence } = demand;
  const judged = await verifyDrillSignature(file, policy, key);
  const paths = judged.payload?.artifacts.map(({ path }) => path.replace(/^\.\//, "")) ?? [];
  const signed = new Set(paths);
  return {
    path: file.path,
    ...judged,
    ageS: judged.payload === undefined ? Infinity : nowS - judged.payload.signed_at,
    changed: judged.payload === undefined ? [] : await changedArtifacts(root, judged.payload),
    signed,
    uncovered: uncoveredBy(signed, evidence),
  };
}

const holds = (row: SignatureRow): boolean => row.state === "authentic" && row.changed.length === 0;

const covers = (row: SignatureRow): boolean => row.uncovered.length === 0;

const isFresh = ({ ageS }: SignatureRow, maxAgeS: number): boolean =>
  ageS >= -CLOCK_SKEW_S && ageS <= maxAgeS;

/** The one that is judged: the newest that is best in every respect, else in most. */
function best(rows: readonly SignatureRow[], maxAgeS: number): SignatureRow | undefined {
  return rows.find((row) => holds(row) && isFresh(row, maxAgeS) && covers(row)) ??
    rows.find((row) => holds(row) && isFresh(row, maxAgeS)) ??
    rows.find(holds) ??
    rows.find(({ state }) => state === "authentic") ?? rows[0];
}

const IDS = ["count", "loadable", "fresh", "valid"].map((name) =>
  `rollback_signature_reports_${name}`
);

function keyCheck({ policy, key, required, gate }: SignatureDemand): Check {
  const id = "rollback_signature_key_available";
  const expect = "the key to check signatures with";
  const hmac = policy.algorithm === "hmac-sha256";
  const available = hmac ? key !== undefined : policy.trusted_keys.length > 0;
  if (!available && !required) return notApplicable(id, expect, "no signature is required");
  if (!available && !policy.require_signing_key) {
    return notApplicable(id, expect, "the policy does not require the key");
  }
  return {
    id,
    ok: available,
    mode: gate,
    value: available ? "available" : "missing",
    expect,
    hint: hmac
      ? `set ${policy.key_env}, or ${policy.key_env}_FILE`
      : "list the signer's public key in trusted_keys of the signature policy",
  };
}

function loadableCheck(files: readonly DrillFile[]): Check {
  const faults = files.flatMap((file) => file.faults);
  return {
    id: IDS[1]!,
    ok: faults.length === 0,
    mode: "enforce",
    value: { examined: files.length, faults: faults.slice(0, 20) },
    expect: "reports that can be read",
    hint: faults[0] === undefined ? HINT : `remove or mend ${faults[0]}`,
  };
}

function freshCheck(row: SignatureRow, { maxAgeS, gate }: SignatureDemand): Check {
  const expect = `0..${maxAgeS} s since signed_at`;
  if (row.state !== "authentic") {
    return notApplicable(IDS[2]!, expect, "no authentic signature says when it was made");
  }
  return {
    id: IDS[2]!,
    ok: isFresh(row, maxAgeS),
    mode: row.ageS < -CLOCK_SKEW_S ? "enforce" : gate,
    value: Math.round(row.ageS),
    expect,
    hint: row.ageS < 0 ? "compare the clocks of the machines" : HINT,
    location: { file: row.path },
  };
}

/** An invalid signature, or evidence that changed after it was signed, is tampering in any mode. */
function validCheck(row: SignatureRow, demand: SignatureDemand): Check {
  const { required, gate } = demand;
  const expect = "an authentic signature over enough evidence, which is as it was signed";
  const untouched = row.state === "unsigned" || row.state === "unverifiable";
  if (untouched && !required) return notApplicable(IDS[3]!, expect, row.reason);
  const tampered = row.state === "invalid" || row.changed.length > 0;
  return {
    id: IDS[3]!,
    ok: holds(row) && (covers(row) || !required),
    mode: tampered ? "enforce" : required ? gate : "warn",
    value: {
      state: row.state,
      reason: row.reason,
      changed: row.changed,
      not_covered: row.uncovered,
    },
    expect,
    hint: tampered ? `find out who changed ${row.changed[0] ?? row.path}` : HINT,
    location: { file: row.path },
  };
}

/** What came of the signatures. */
export interface JudgedSignatures {
  rows: SignatureRow[];
  /** The only reports that count as evidence, where a signature is required and holds. */
  signed: ReadonlySet<string> | undefined;
  checks: Check[];
}

/**
 * Judges the signatures on drill evidence. Every recent one is looked at, so that a later bad one
 * cannot hide a good one; where none holds the newest is judged.
 *
 * @param files Signature reports, newest first.
 */
export async function judgeSignatures(
  files: readonly DrillFile[],
  demand: SignatureDemand,
): Promise<JudgedSignatures> {
  const { required, gate, maxAgeS } = demand;
  if (files.length === 0 && !required) {
    const none = [...IDS, "rollback_signature_key_available"].map((id) =>
      notApplicable(id, "a signature", "there is none, and none is required")
    );
    return { rows: [], signed: undefined, checks: none };
  }
  const looked = files.slice(0, MOST_SIGNATURES);
  const rows = await Promise.all(
    looked.filter(({ value }) => value !== undefined).map((file) => look(file, demand)),
  );
  const chosen = best(rows, maxAgeS);
  const count: Check = {
    id: IDS[0]!,
    ok: files.length > 0,
    mode: gate,
    value: files.length,
    expect: ">= 1 signature report",
    hint: HINT,
  };
  const judged = chosen === undefined
    ? [IDS[2]!, IDS[3]!].map((id) => notApplicable(id, "a signature", "there is none to judge"))
    : [freshCheck(chosen, demand), validCheck(chosen, demand)];
  return {
    rows,
    signed: required && chosen !== undefined && holds(chosen) ? chosen.signed : undefined,
    checks: [count, loadableCheck(looked), ...judged, keyCheck(demand)],
  };
}
