import type { Check, Mode } from "../report/check.ts";
import { readLine } from "./entry.ts";
import type { CheckpointTrust } from "./judge_checkpoints.ts";
import { checkProof, type ProofFile } from "./proof_file.ts";
import { type CheckpointRead, countSigners } from "./sealed_checkpoint.ts";

/** The checkpoint that came with a proof, and whose signatures count. */
export interface ProofVoucher {
  nowS: number;
  read: CheckpointRead | undefined;
  policy: CheckpointTrust;
  gate: Mode;
}

/** The rows about a proof: its hashes, its entry, and who vouches for the root they lead to. */
export function judgeProof(file: ProofFile, voucher: ProofVoucher | undefined): Check[] {
  const checks = [row("proof_holds", checkProof(file), "enforce", "hashes that lead to the root")];
  let atS = 0;
  if (file.kind === "audit_inclusion_proof") {
    const line = readLine(new TextEncoder().encode(file.line));
    const whole = !("defect" in line) && line.entryHash === line.computedHash &&
      line.seq === file.seq;
    if (whole) atS = line.ts;
    checks.push(
      row("proof_entry_intact", whole, "enforce", `entry ${file.seq}, as it was written`),
    );
  }
  if (voucher !== undefined) checks.push(...judgeVoucher(file, voucher, atS));
  return checks;
}

function judgeVoucher(
  file: ProofFile,
  { read, policy, gate, nowS }: ProofVoucher,
  atS: number,
): Check[] {
  const id = "proof_checkpoint_signed";
  const expect = "a checkpoint with this size and root, signed as the trust policy asks";
  if (read === undefined) return [row(id, false, gate, expect, "no checkpoint")];
  if (read.status === "invalid") return [row(id, false, "enforce", expect, read.fault.detail)];
  const { checkpoint } = read;
  const same = checkpoint.size === file.size && checkpoint.root.toBase64() === file.root;
  if (!same) return [row(id, false, "enforce", expect, "the checkpoint has another size or root")];
  const signers = countSigners(checkpoint, policy, "checkpoint", atS || nowS);
  const witnesses = countSigners(checkpoint, policy, "witness", atS || nowS);
  const { thresholds } = policy;
  const enough = signers >= thresholds.checkpoint && witnesses >= thresholds.witness;
  return [row(id, enough, gate, expect, `${signers} trusted signers, ${witnesses} witnesses`)];
}

function row(id: string, ok: boolean, mode: Mode, expect: string, value: unknown = ok): Check {
  const hint = "ask for the proof again where it was made: deno task audit_log prove";
  return { id, ok, mode, value, expect, ...(ok ? {} : { hint }) };
}
