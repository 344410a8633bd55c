import { NOTES_REF, writeGitAnchor } from "../audit/anchors.ts";
import { leavesOf } from "../audit/leaves.ts";
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

/** Keeps the newest checkpoint where it was asked for, if the log still holds to it; prints it. */
export async function anchorCheckpoint(
  run: Context<typeof ANCHOR_FLAGS, EvidenceTrustPolicy>,
): Promise<Outcome> {
  const { flags, inputs, root, policy } = run;
  const own = await ownCheckpoint(run, policy);
  if (own === undefined) {
    throw new UsageError("There is no checkpoint", "make one: deno task audit_log checkpoint");
  }
  const { note, checkpoint } = own;
  const { path, size: until } = await verifiedLog(run, checkpoint);
  const places: string[] = [];
  const ref = flags["git-ref"];
  if (ref !== undefined) {
    if (!NOTES_REF.test(ref)) throw new UsageError(`--git-ref is "${ref}", expected a name`);
    const answer = await writeGitAnchor(root, ref, note);
    if (!answer.ok) throw new IoError(`Cannot write git notes "${ref}": ${answer.reason}`);
    places.push(`refs/notes/${ref}`);
  }
  if (flags.leaves !== undefined) {
    const hashes = await leavesOf(path, checkpoint.size, until);
    await writeAtomic(inputs.absolute(flags.leaves), hashes);
    places.push(inputs.shown(flags.leaves));
  }
  if (flags.file !== undefined) {
    await writeAtomic(inputs.absolute(flags.file), note);
    places.push(inputs.shown(flags.file));
  }
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
