/**
 * The state file beside an audit log: how far the log had come when it was last appended to.
 *
 * It lets an append check the end of the log instead of all of it, and shows a truncation to a
 * reader who has no checkpoint from outside. Whoever can rewrite the log can rewrite this file
 * too: against them only a checkpoint that is kept elsewhere helps.
 *
 * @module
 */
import { z } from "zod";
import { canonicalJson } from "../store/canonical.ts";
import { writeAtomic } from "../store/write_atomic.ts";
import type { ChainHead } from "./chain.ts";
import type { Fault, FaultKind } from "./fault.ts";
import { Frontier } from "./merkle_tree.ts";
import { sha256 } from "./sha256.ts";

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.int().min(0);

/** What every form of the file says. */
const Recorded = z.object({
  log_path: z.string().describe("The log, relative to the root it was written under"),
  entry_count: Count.describe("Entries in the log"),
  last_hash: Hash.or(z.literal("")).describe("entry_hash of the last entry"),
  last_ts: z.number().min(0).describe("Time of the last entry, epoch seconds"),
  file_size: Count.describe("Length of the log, bytes"),
  updated_at: z.number().describe("When this was written, epoch seconds"),
});

/** The form older logs have beside them; it says nothing about the tree. */
const State1 = Recorded.extend({ schema_version: z.literal(1) });

/** The form that is written. */
export const AuditState = Recorded.extend({
  schema_version: z.literal(2),
  root_hash: Hash.describe("Root of the Merkle tree over all lines"),
  frontier: z.array(Hash).describe("Right edge of that tree, largest subtree first"),
  frontier_before_last: z.array(Hash).describe("Right edge without the last entry"),
  state_sha256: Hash.describe("SHA-256 of the RFC 8785 form of all other members"),
});
export type AuditState = z.output<typeof AuditState>;

/** A state file as it was found. */
export type StateFile =
  | { status: "absent" }
  | { status: "invalid"; fault: Fault }
  | { status: "ok"; state: RecordedState };

/** What a state file of either form says. */
export type RecordedState = AuditState | z.output<typeof State1>;

/** A log has entries, but nothing says how many there should be. */
export const STATE_MISSING: Fault = {
  kind: "state_missing",
  entry: null,
  line: null,
  detail: "there are entries but no state file; verify the log against a checkpoint kept " +
    "elsewhere, then begin a state file with --init-state",
};

/**
 * Reads a state file; what cannot be trusted as written is reported, never replaced.
 *
 * @throws {Deno.errors.PermissionDenied} If it may not be read, or for another error than absence.
 */
export async function readState(path: string): Promise<StateFile> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { status: "absent" };
    if (error instanceof TypeError) return invalid("state_malformed", "it is not UTF-8");
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return invalid("state_malformed", (error as Error).message);
  }
  const parsed = z.discriminatedUnion("schema_version", [State1, AuditState.strict()])
    .safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return invalid("state_malformed", `${path.join(".") || "the file"}: ${message}`);
  }
  const state = parsed.data;
  if (state.schema_version === 2 && !isAsWritten(state)) {
    return invalid("state_edited", "its members do not belong together");
  }
  return { status: "ok", state };
}

function invalid(kind: FaultKind, detail: string): StateFile {
  return { status: "invalid", fault: { kind, entry: null, line: null, detail } };
}

function isAsWritten(state: AuditState): boolean {
  const { state_sha256: digest, ...members } = state;
  if (digestOf(members) !== digest) return false;
  try {
    const root = treeOf(state).root().toHex();
    frontier(Math.max(0, state.entry_count - 1), state.frontier_before_last);
    return root === state.root_hash;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The tree that a state describes. */
export function treeOf(state: AuditState): Frontier {
  return frontier(state.entry_count, state.frontier);
}

/** The tree that a state describes, without its last leaf. */
export function treeBeforeLast(state: AuditState): Frontier {
  return frontier(state.entry_count - 1, state.frontier_before_last);
}

function frontier(size: number, hashes: string[]): Frontier {
  return new Frontier(size, hashes.map((hash) => Uint8Array.fromHex(hash)));
}

function digestOf(members: Omit<AuditState, "state_sha256">): string {
  return sha256(new TextEncoder().encode(canonicalJson(members))).toHex();
}

/**
 * The state of a log whose head is `head`.
 *
 * @param logPath How the log is named in it.
 * @param now Epoch milliseconds.
 */
export function describeState(
  head: ChainHead,
  { logPath, now }: { logPath: string; now: number },
): AuditState {
  const { at } = head;
  const tree = head.tree();
  const hex = (hashes: readonly Uint8Array[]) => hashes.map((hash) => hash.toHex());
  const members = {
    schema_version: 2 as const,
    log_path: logPath,
    entry_count: at.entries,
    last_hash: at.lastHash,
    last_ts: at.lastTs,
    file_size: at.bytes,
    root_hash: tree.root().toHex(),
    frontier: hex(tree.nodes),
    frontier_before_last: hex(head.before),
    updated_at: Math.round(now) / 1000,
  };
  return { ...members, state_sha256: digestOf(members) };
}

/** Replaces a state file. */
export async function writeState(path: string, state: AuditState): Promise<void> {
  await writeAtomic(path, `${JSON.stringify(state, null, 2)}\n`);
}
