#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Judges whether the channel registry looks like a disciplined canary-then-stable progression.
 * @module
 */
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { boolean, number, path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { ReleaseRolloutPolicy } from "../lib/policy/release_rollout_policy.ts";
import type { Check } from "../lib/report/check.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";
import { type Channels, ChannelsError, readChannelsWithDigest } from "../lib/rollout/channels.ts";
import { type GuardFacts, judgeRollout } from "../lib/rollout/judge_rollout.ts";

const flags = {
  "channels-file": path({ default: "security/release_channels.json", help: "Channel registry" }),
  policy: path({ default: "security/release_rollout_policy.json", help: "Rollout policy" }),
  "expected-version": text({
    env: "WA_RELEASE_ROLLOUT_EXPECTED_VERSION",
    placeholder: "X.Y.Z",
    help: "Version that canary or stable must serve",
  }),
  "max-history-age-s": number({
    min: 0,
    env: "WA_RELEASE_ROLLOUT_MAX_HISTORY_AGE_S",
    help: "Oldest newest row of a rollout in flight (default: policy), seconds",
  }),
  "min-canary-observe-s": number({
    min: 0,
    env: "WA_RELEASE_ROLLOUT_MIN_CANARY_OBSERVE_S",
    help: "Shortest canary before a promotion (default: policy), seconds",
  }),
  "allow-direct-stable": boolean({
    env: "WA_RELEASE_ROLLOUT_ALLOW_DIRECT_STABLE",
    help: "Accept a stable version that was never a canary",
  }),
};

type Run = Context<typeof flags, undefined>;

/** The registry with the check that it could be read. */
async function readRegistry(
  { inputs, flags }: Run,
): Promise<{ check: Check; store: Channels | undefined }> {
  const file = flags["channels-file"];
  const claim = {
    id: "release_channels_loaded",
    mode: "enforce" as const,
    expect: "a registry that is there and keeps to its schema",
    location: { file },
  };
  try {
    const { store, sha256 } = await readChannelsWithDigest(inputs.absolute(file));
    inputs.note(file, "ok", sha256);
    return { check: { ...claim, ok: true, value: "ok" }, store };
  } catch (error) {
    if (!(error instanceof ChannelsError)) throw error;
    inputs.note(file, error.state);
    const hint = error.state === "missing"
      ? "create it with: release_channel_control set --init"
      : `mend ${file}, or restore it from git`;
    return { check: { ...claim, ok: false, value: error.message, hint }, store: undefined };
  }
}

/** The report's own fields; `policy` values are those in force, flags included. */
function fields(
  run: Run,
  policy: ReleaseRolloutPolicy,
  store: Channels,
  facts: GuardFacts,
): Record<string, unknown> {
  const { canary, stable } = store.channels;
  const { look_back_s: _lookBack, emergency_overrides: _overrides, ...promotion } =
    policy.promotion;
  return {
    channels_file: run.flags["channels-file"],
    policy_file: run.flags.policy,
    settings_in_force: {
      expected_version: run.flags["expected-version"] ?? "",
      history: {
        ...policy.history,
        max_age_s: run.flags["max-history-age-s"] || policy.history.max_age_s,
      },
      promotion: {
        ...promotion,
        min_canary_observe_s: run.flags["min-canary-observe-s"] ?? promotion.min_canary_observe_s,
      },
      rollout: {
        canary_min_rollout_percent: policy.channels.canary.min_rollout_percent,
        canary_max_rollout_percent: policy.channels.canary.max_rollout_percent,
        stable_required_rollout_percent: policy.channels.stable.required_rollout_percent,
      },
    },
    state: {
      canary_version: canary?.version ?? "",
      stable_version: stable?.version ?? "",
      canary_rollout_percent: canary?.rollout_percent ?? 0,
      stable_rollout_percent: stable?.rollout_percent ?? 0,
      canary_updated_at: canary?.updated_at ?? 0,
      stable_updated_at: stable?.updated_at ?? 0,
    },
    history: {
      entries: store.history.length,
      latest_ts: facts.latestTs,
      latest_age_s: facts.latestAgeS ?? "inf",
      stable_change: facts.stableChange ?? {},
      canary_evidence: facts.canaryEvidence ?? {},
      observe_delta_s: facts.observeDeltaS,
    },
  };
}

async function run(context: Run): Promise<Outcome> {
  const { inputs, nowS, gate } = context;
  const policy = await inputs.json(context.flags.policy, ReleaseRolloutPolicy);
  const { check: loaded, store } = await readRegistry(context);
  const policyCheck = loadedCheck("release_rollout_policy_loaded", policy, "enforce");
  if (store === undefined || policy.state !== "ok") {
    return { checks: [loaded, policyCheck], headline: "registry or policy cannot be used" };
  }
  const { history, promotion } = policy.value;
  const facts = judgeRollout(store, policy.value, {
    expectedVersion: context.flags["expected-version"],
    maxHistoryAgeS: context.flags["max-history-age-s"] || history.max_age_s,
    minCanaryObserveS: context.flags["min-canary-observe-s"] ?? promotion.min_canary_observe_s,
    allowDirectStable: context.flags["allow-direct-stable"],
    nowS,
    gate,
  });
  const { canary, stable } = store.channels;
  return {
    checks: [loaded, policyCheck, ...facts.checks],
    headline: `stable ${stable?.version ?? "missing"}, canary ${canary?.version ?? "missing"} at ${
      canary?.rollout_percent ?? 0
    } percent, ${store.history.length} changes on record`,
    fields: fields(context, policy.value, store, facts),
  };
}

export const command = defineCommand({
  name: "release_rollout_guard",
  summary: "Judge whether the registry looks like a disciplined canary-then-stable progression",
  kind: "gate",
  artifact: "release_rollout_guard",
  strictEnv: "WA_RELEASE_ROLLOUT_STRICT",
  flags,
  details: [
    "It reads the registry and its history, and judges every promotion within the look-back of " +
    "the policy, not only the newest.",
  ],
  run,
});

if (import.meta.main) await main(command);
