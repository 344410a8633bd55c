import { type Check, type Mode, notApplicable } from "../report/check.ts";
import type { Fault } from "./fault.ts";
import {
  countSigners,
  findFork,
  readCheckpoint,
  type SealedCheckpoint,
} from "./sealed_checkpoint.ts";
import type { Trust } from "./trust.ts";
import type { Verification } from "./verify.ts";

/** The part of the evidence trust policy that judges checkpoints. */
export interface CheckpointTrust extends Trust {
  origin: string;
  thresholds: { checkpoint: number; witness: number };
  checkpoint_max_lag_entries: number;
}

/** A checkpoint as text, and where it is from. */
export interface CheckpointSource {
  name: string;
  note: string;
}

/** Checkpoints that could be read, and what is wrong with the others. */
export interface CheckpointsRead {
  checkpoints: SealedCheckpoint[];
  faults: Fault[];
}

/** Reads checkpoints; without a policy no origin is asked for and no signature can be judged. */
export async function readCheckpoints(
  sources: readonly CheckpointSource[],
  policy: CheckpointTrust | undefined,
): Promise<CheckpointsRead> {
  const trust = policy ?? { keys: [], revoked: [] };
  const read = await Promise.all(
    sources.map(({ name, note }) => readCheckpoint(name, note, trust, policy?.origin)),
  );
  const checkpoints = read.flatMap((it) => it.status === "ok" ? [it.checkpoint] : []);
  const faults = read.flatMap((it) => it.status === "invalid" ? [it.fault] : []);
  const fork = findFork(checkpoints);
  return { checkpoints, faults: fork === undefined ? faults : [...faults, fork] };
}

/** How the rows about checkpoints are to be taken. */
export interface CheckpointModes {
  require: boolean;
  gate: Mode;
  nowS: number;
}

/** The rows about who vouches for the log, and up to which entry. */
export function judgeCheckpoints(
  checkpoints: readonly SealedCheckpoint[],
  { compared, head }: Pick<Verification, "compared" | "head">,
  policy: CheckpointTrust | undefined,
  { require, gate, nowS }: CheckpointModes,
): Check[] {
  const mode = require ? "enforce" : gate;
  const hint =
    "deno task audit_log checkpoint signs one; deno task audit_log anchor keeps it elsewhere";
  if (!require && (policy === undefined || policy.keys.length === 0)) {
    const reason = "the trust policy names no key";
    return [notApplicable("audit_checkpoint_signature_valid", "a signed checkpoint", reason)];
  }
  const timeOf = new Map(compared.map(({ name, lastTs }) => [name, lastTs]));
  const trusted = policy === undefined ? [] : checkpoints.filter((checkpoint) => {
    const at = timeOf.get(checkpoint.name) ?? nowS;
    return countSigners(checkpoint, policy, "checkpoint", at) >= policy.thresholds.checkpoint &&
      countSigners(checkpoint, policy, "witness", at) >= policy.thresholds.witness;
  });
  const matched = trusted.filter(({ name }) => timeOf.has(name));
  const covered = Math.max(0, ...matched.map(({ size }) => size));
  const lag = head.at.entries - covered;
  const mostLag = policy?.checkpoint_max_lag_entries ?? 0;
  return [{
    id: "audit_checkpoint_signature_valid",
    ok: matched.length > 0,
    mode,
    value: { checkpoints: checkpoints.length, trusted: trusted.length, compared: matched.length },
    expect: ">= 1 checkpoint of this log, signed as the trust policy asks",
    ...(matched.length > 0 ? {} : { hint }),
  }, {
    id: "audit_checkpoint_recent",
    ok: lag <= mostLag,
    mode: "warn",
    value: lag,
    expect: `<= ${mostLag} entries after the newest signed checkpoint`,
    ...(lag <= mostLag ? {} : { hint }),
  }];
}
