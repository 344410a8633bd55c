import { dirname } from "@std/path/dirname";
import { NOTES_REF, readGitAnchors, writeGitAnchor } from "../audit/anchors.ts";
import { describeFault } from "../audit/judge_chain.ts";
import type { CheckpointSource } from "../audit/judge_checkpoints.ts";
import { leavesOf } from "../audit/leaves.ts";
import { readCheckpoint, type SealedCheckpoint } from "../audit/sealed_checkpoint.ts";
import type { Context, Outcome } from "../command/command.ts";
import { IoError, UsageError } from "../command/errors.ts";
import { path, text } from "../command/flag.ts";
import type { EvidenceTrustPolicy } from "../policy/evidence_trust_policy.ts";
import { writeAtomic } from "../store/write_atomic.ts";
import { LOG_FLAGS } from "./log_flags.ts";
import { ownCheckpoint, verifiedLog } from "./verified_log.ts";

/** Where a checkpoint may be kept, besides stdout. */
export const ANCHOR_FLAGS = {
  ...LOG_FLAGS,
  file: path({ help: "Keep it in this file; the run must be granted to write there" }),
  "git-ref": text({ placeholder: "REF", help: "Keep it in these git notes on the current commit" }),
  leaves: path({
    help: "Keep the leaf hashes in this file too, to name a rewritten entry exactly",
  }),
};

type Run = Context<typeof ANCHOR_FLAGS, EvidenceTrustPolicy>;

/** What was kept in these places before. */
async function sourcesBefore({ flags, inputs, root }: Run): Promise<CheckpointSource[]> {
  const ref = flags["git-ref"];
  if (ref !== undefined && !NOTES_REF.test(ref)) {
    throw new UsageError(`--git-ref is "${ref}", expected a name`);
  }
  const notes = ref === undefined ? [] : await readGitAnchors(root, ref);
  if (flags.file === undefined) return notes;
  const name = inputs.shown(flags.file);
  const file = await inputs.text(flags.file);
  if (file.state === "missing") return notes;
  if (file.state !== "ok") throw new IoError(`Cannot replace "${name}": ${file.message}`);
  return [...notes, { name, note: file.text }];
}

/**
 * The checkpoints that were kept there before. What is kept is the witness against whoever rewrote
 * the log here, so it is never replaced unread.
 *
 * @throws {IoError} If one of them is not a checkpoint of this log.
 */
async function keptBefore(run: Run): Promise<SealedCheckpoint[]> {
  const { policy } = run;
  const kept: SealedCheckpoint[] = [];
  for (const { name, note } of await sourcesBefore(run)) {
    const read = await readCheckpoint(name, note, policy, policy.origin);
    if (read.status === "invalid") {
      throw new IoError(
        `Cannot add to what is kept: ${describeFault(read.fault)}`,
        "keep it elsewhere",
      );
    }
    kept.push(read.checkpoint);
  }
  return kept;
}

/** Writes what is kept in a file, in a folder that is made where there is none. */
async function keepFile({ inputs }: Run, file: string, data: string | Uint8Array): Promise<string> {
  const path = inputs.absolute(file);
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeAtomic(path, data);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new UsageError(
      `This run may not write "${inputs.shown(file)}"`,
      `run scripts/audit_log.ts with --allow-write=.data,${dirname(path)}; ` +
        "the checkpoint alone can be redirected there from stdout",
      { cause: error },
    );
  }
  return inputs.shown(file);
}

/** Keeps the newest checkpoint where it was asked for, if the log still holds to it; prints it. */
export async function anchorCheckpoint(run: Run): Promise<Outcome> {
  const { flags, root, policy } = run;
  const own = await ownCheckpoint(run, policy);
  if (own === undefined) {
    throw new UsageError("There is no checkpoint", "make one: deno task audit_log checkpoint");
  }
  const { note, checkpoint } = own;
  const kept = await keptBefore(run);
  const { path, size: until } = await verifiedLog(run, [checkpoint, ...kept]);
  const newer = kept.find(({ size }) => size > checkpoint.size);
  if (newer !== undefined) {
    const found = `${newer.name} has ${newer.size} entries, the newest made here`;
    const hint = "make a new one: deno task audit_log checkpoint";
    throw new UsageError(`Cannot go back: ${found} has ${checkpoint.size}`, hint);
  }
  const places: string[] = [];
  const ref = flags["git-ref"];
  if (ref !== undefined) {
    const answer = await writeGitAnchor(root, ref, note);
    if (!answer.ok) throw new IoError(`Cannot write git notes "${ref}": ${answer.reason}`);
    places.push(`refs/notes/${ref}`);
  }
  if (flags.leaves !== undefined) {
    const hashes = await leavesOf(path, checkpoint.size, until);
    places.push(await keepFile(run, flags.leaves, hashes));
  }
  if (flags.file !== undefined) places.push(await keepFile(run, flags.file, note));
  const headline = places.length === 0 ? "printed" : `kept in ${places.join(" and ")}`;
  return {
    checks: [{
      id: "checkpoint_anchored",
      ok: true,
      mode: "enforce",
      value: places,
      expect: "the newest checkpoint, and a log that still holds to it",
    }],
    headline: `checkpoint of ${checkpoint.size} entries ${headline}`,
    fields: { size: checkpoint.size, places },
    stdout: note,
  };
}
