import { judgeProof } from "../audit/judge_proof.ts";
import { makeConsistencyProof, makeInclusionProof, ProofFile } from "../audit/proof_file.ts";
import { readCheckpoint } from "../audit/sealed_checkpoint.ts";
import type { Context, Outcome } from "../command/command.ts";
import { UsageError } from "../command/errors.ts";
import { type Flags, integer } from "../command/flag.ts";
import type { EvidenceTrustPolicy } from "../policy/evidence_trust_policy.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import { LOG_FLAGS } from "./log_flags.ts";
import { ownCheckpoint, verifiedLog } from "./verified_log.ts";

/** What to prove. */
export const PROVE_FLAGS = {
  ...LOG_FLAGS,
  seq: integer({ min: 1, help: "Prove that this entry is in the log" }),
  from: integer({ min: 1, help: "Prove that the log begins with its first N entries" }),
  size: integer({
    min: 1,
    help: "Entries of the log the proof leads to (default: the checkpoint's)",
  }),
};

/** Prints a proof, after verifying the log it is about. */
export async function proveLog(
  run: Context<typeof PROVE_FLAGS, EvidenceTrustPolicy>,
): Promise<Outcome> {
  const { seq, from, size: wanted } = run.flags;
  if ((seq === undefined) === (from === undefined)) {
    throw new UsageError("Give --seq to prove an entry, or --from to prove an earlier size");
  }
  const own = await ownCheckpoint(run, run.policy);
  const { head, path, size: until } = await verifiedLog(
    run,
    own === undefined ? [] : [own.checkpoint],
  );
  const size = wanted ?? own?.checkpoint.size ?? head.at.entries;
  const note = own?.checkpoint.size === size ? own.note : null;
  const log = { path, size, until, checkpoint: note };
  const asked = seq ?? from!;
  if (size > head.at.entries || asked > size) {
    throw new UsageError(`There are ${head.at.entries} entries; asked for ${asked} in ${size}`);
  }
  const proof = seq === undefined
    ? await makeConsistencyProof(log, asked)
    : await makeInclusionProof(log, asked);
  const [row] = judgeProof(proof, undefined);
  return {
    checks: [row!],
    headline: `${
      seq === undefined ? `first ${asked} entries` : `entry ${asked}`
    } of ${size} proved`,
    fields: { proof },
    stdout: `${JSON.stringify(proof, null, 2)}\n`,
    unrecorded: true,
  };
}

/** Checks a proof from its file alone. */
export async function verifyProof(run: Context<Flags, EvidenceTrustPolicy>): Promise<Outcome> {
  const [file] = run.operands;
  if (file === undefined) throw new UsageError("Name the proof: audit_log verify-proof FILE");
  const loaded = await run.inputs.json(file, ProofFile);
  const checks = [loadedCheck("proof_loaded", loaded, "enforce")];
  if (loaded.state === "ok") {
    const { checkpoint: note } = loaded.value;
    const read = note === null
      ? undefined
      : await readCheckpoint("its checkpoint", note, run.policy, run.policy.origin);
    checks.push(
      ...judgeProof(loaded.value, { read, policy: run.policy, gate: run.gate, nowS: run.nowS }),
    );
  }
  const failed = checks.find((check) => !check.ok);
  const headline = failed === undefined ? "the proof holds" : `${failed.id} does not hold`;
  return { checks, headline, fields: { proof_path: run.inputs.shown(file) } };
}
