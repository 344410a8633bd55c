/**
 * Proofs as files: what somebody needs to check one entry, or one checkpoint, without the log.
 *
 * @module
 */
import { z } from "zod";
import { leavesOf } from "./leaves.ts";
import { visitLines } from "./log_lines.ts";
import {
  proveConsistency,
  proveInclusion,
  rangeRoot,
  verifyConsistency,
  verifyInclusion,
} from "./merkle_proof.ts";
import { HASH_BYTES, leafHash } from "./merkle_tree.ts";

const Hash = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);
const Count = z.int().min(1);

const Common = z.strictObject({
  size: Count.describe("Entries of the log the proof leads to"),
  root: Hash.describe("Root of that log, base64"),
  proof: z.array(Hash).max(64).describe("Hashes, lowest first, base64"),
  checkpoint: z.string().nullable().describe("Signed checkpoint of that log, if there is one"),
});

/** That an entry is in a log. */
const InclusionProof = Common.extend({
  kind: z.literal("audit_inclusion_proof"),
  seq: Count.describe("Number of the entry"),
  line: z.string().describe("The entry, byte for byte"),
});

/** That a log begins with all entries of an earlier one. */
const ConsistencyProof = Common.extend({
  kind: z.literal("audit_consistency_proof"),
  from: Count.describe("Entries of the earlier log"),
  from_root: Hash.describe("Root of the earlier log, base64"),
});

/** A proof file. */
export const ProofFile = z.discriminatedUnion("kind", [InclusionProof, ConsistencyProof]);
export type ProofFile = z.output<typeof ProofFile>;

/** A log and a checkpoint of it, if there is one for the size asked for. */
export interface Provable {
  path: string;
  size: number;
  /** Length of the part that is `size` entries long or longer, bytes. */
  until: number;
  checkpoint: string | null;
}

/**
 * Proves that entry `seq` is in the log of `size` entries.
 *
 * @throws {RangeError} If it is not.
 */
export async function makeInclusionProof(log: Provable, seq: number): Promise<ProofFile> {
  const leaf = await readLeavesOf(log);
  const proof = proveInclusion(leaf, seq - 1, log.size);
  const line = await lineAt(log.path, seq);
  return { kind: "audit_inclusion_proof", seq, line, ...common(log, leaf, proof) };
}

/**
 * Proves that the log of `size` entries begins with that of `from` entries.
 *
 * @throws {RangeError} Unless `from` is within 1 and `size`.
 */
export async function makeConsistencyProof(log: Provable, from: number): Promise<ProofFile> {
  const leaf = await readLeavesOf(log);
  const proof = proveConsistency(leaf, from, log.size);
  const from_root = rangeRoot(leaf, 0, from).toBase64();
  return { kind: "audit_consistency_proof", from, from_root, ...common(log, leaf, proof) };
}

type Leaf = (index: number) => Uint8Array;

function common(log: Provable, leaf: Leaf, proof: Uint8Array[]): z.output<typeof Common> {
  const { size, checkpoint } = log;
  const root = rangeRoot(leaf, 0, size).toBase64();
  return { size, root, proof: proof.map((hash) => hash.toBase64()), checkpoint };
}

async function readLeavesOf({ path, size, until }: Provable): Promise<Leaf> {
  const hashes = await leavesOf(path, size, until);
  return (i) => hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
}

async function lineAt(path: string, seq: number): Promise<string> {
  let at = 0;
  let line = "";
  await visitLines(path, 0, (bytes) => {
    at += 1;
    if (at === seq) line = new TextDecoder().decode(bytes);
    return at < seq;
  });
  return line;
}

/** Whether the hashes of a proof lead to its root; who vouches for the root is another question. */
export function checkProof(file: ProofFile): boolean {
  const bytes = (text: string) => Uint8Array.fromBase64(text);
  const proof = file.proof.map(bytes);
  const root = bytes(file.root);
  if (file.kind === "audit_consistency_proof") {
    const { from: end, size } = file;
    return verifyConsistency({ end, size, earlierRoot: bytes(file.from_root), root, proof });
  }
  const leaf = leafHash(new TextEncoder().encode(file.line));
  return verifyInclusion({ index: file.seq - 1, size: file.size, leaf, proof, root });
}
