import type { Context } from "../command/command.ts";
import { readCodeVersions, sourceFromFlag } from "../governance/versions.ts";
import { ReleasePolicy } from "../policy/release_policy.ts";
import type { Check } from "../report/check.ts";
import { ChannelsError, type ReadChannels, readChannelsWithDigest } from "./channels.ts";
import type { EXECUTOR_FLAGS } from "./executor_flags.ts";
import { type Intent, isPending } from "./intent.ts";
import { IntentJournalError, readIntents } from "./intent_journal.ts";
import { judgeChannels } from "./judge_channels.ts";

/** What the executor is run with. */
export type ExecutorContext = Context<typeof EXECUTOR_FLAGS, undefined>;

/** What to do when something is left over. */
export const RECOVER_HINT = "run deno task release_rollout_executor --recover";

/** The version to roll out: the flag's, or the one the code states. */
export async function targetVersion({ flags, root, inputs }: ExecutorContext): Promise<string> {
  const given = flags["target-version"];
  if (given !== undefined) return given;
  const policy = await inputs.json("security/release_policy.json", ReleasePolicy);
  const source = flags["init-file"] === undefined ? undefined : sourceFromFlag(flags["init-file"]);
  const policyValue = policy.state === "ok" ? policy.value : undefined;
  return (await readCodeVersions(root, policyValue, source === undefined ? [] : [source]))
    .appVersion;
}

/** The registry as a check; reading it never changes it. */
export async function readRegistry(
  run: ExecutorContext,
): Promise<{ check: Check; read: ReadChannels | undefined }> {
  const file = run.flags["channels-file"];
  const common = {
    id: "channels_store_loaded",
    mode: "enforce" as const,
    expect: "a registry that is there and keeps to its schema",
    location: { file },
  };
  try {
    const read = await readChannelsWithDigest(run.inputs.absolute(file));
    run.inputs.note(file, "ok", read.sha256);
    return { check: { ...common, ok: true, value: "ok" }, read };
  } catch (error) {
    if (!(error instanceof ChannelsError)) throw error;
    run.inputs.note(file, error.state);
    const hint = error.state === "missing"
      ? "create it with: release_channel_control set --init"
      : `mend ${file} by hand or restore it from git; nothing was written`;
    return { check: { ...common, ok: false, value: error.message, hint }, read: undefined };
  }
}

/** A registry whose canary or stable makes no sense stands for no traffic at all. */
export function soundCheck({ store }: ReadChannels, file: string): Check {
  const unsound = judgeChannels(store, { strictMode: "warn" })
    .filter(({ ok, mode }) => !ok && mode === "enforce").map(({ id }) => id);
  return {
    id: "channels_sound",
    ok: unsound.length === 0,
    mode: "enforce",
    value: unsound,
    expect: "canary and stable with SemVer versions and integer percents 0..100",
    hint: "see what is wrong with: release_channel_control validate",
    location: { file },
  };
}

/** What earlier runs left. A journal that cannot be read blocks like a pending intent. */
export async function pendingCheck(root: string): Promise<{ check: Check; pending: Intent[] }> {
  const common = { id: "no_pending_intent", mode: "enforce" as const, expect: "none pending" };
  try {
    const intents = await readIntents(root);
    const pending = intents.filter(isPending);
    const value = {
      examined: intents.length,
      pending: pending.map(({ intent_id, state, plan }) => ({
        intent_id,
        state,
        action: plan.action,
      })),
    };
    return { check: { ...common, ok: pending.length === 0, value, hint: RECOVER_HINT }, pending };
  } catch (error) {
    if (!(error instanceof IntentJournalError)) throw error;
    const hint = "mend or restore the file; it says what an earlier run was doing";
    return { check: { ...common, ok: false, value: error.message, hint }, pending: [] };
  }
}
