#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-env=WA_ROLLBACK_DRILL_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Judges whether recent, passing, complete and authentic evidence of rollback drills exists.
 * @module
 */
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { boolean, integer, number, path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { RollbackDrillSignaturePolicy } from "../lib/policy/rollback_drill_signature_policy.ts";
import { type Check, notApplicable } from "../lib/report/check.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";
import { type BundleNow, bundleNow } from "../lib/rollback/bundle_report.ts";
import {
  DRILL_KINDS,
  type DrillFile,
  drillFiles,
  type DrillKind,
  INCIDENT_DRILL,
} from "../lib/rollback/drill_files.ts";
import { DRILL_FLAGS } from "../lib/rollback/drill_flags.ts";
import { drillEvidence } from "../lib/rollback/drill_evidence.ts";
import { judgeBundleReports } from "../lib/rollback/judge_bundle_reports.ts";
import { judgeReports } from "../lib/rollback/judge_drill_reports.ts";
import {
  judgeRehearsals,
  rehearsalRows,
  trafficDrillCheck,
} from "../lib/rollback/judge_rehearsals.ts";
import { type JudgedSignatures, judgeSignatures } from "../lib/rollback/judge_signatures.ts";
import { Channels, type HistoryRow } from "../lib/rollout/channels.ts";

const flags = {
  ...DRILL_FLAGS,
  "signature-pattern": text({
    env: "WA_ROLLBACK_DRILL_SIGNATURE_PATTERN",
    default: ".data/out/rollback_drill_signature_*.json",
    placeholder: "GLOB",
    help: "Signatures on drill evidence",
  }),
  "channels-file": path({ default: "security/release_channels.json", help: "Channel registry" }),
  "max-age-s": number({
    env: "WA_ROLLBACK_DRILL_MAX_AGE_S",
    default: 2_592_000,
    min: 1,
    help: "Oldest drill and bundle that count, seconds",
  }),
  "history-max-age-s": number({
    env: "WA_ROLLBACK_DRILL_HISTORY_MAX_AGE_S",
    default: 3_888_000,
    min: 1,
    help: "Oldest rehearsed rollback that counts, seconds",
  }),
  "signature-max-age-s": number({
    env: "WA_ROLLBACK_DRILL_SIGNATURE_MAX_AGE_S",
    default: 2_592_000,
    min: 1,
    help: "Oldest signature that counts, seconds; the policy's limit holds as well",
  }),
  "min-incident-drills": integer({
    env: "WA_ROLLBACK_DRILL_MIN_INCIDENT_DRILLS",
    default: 1,
    min: 0,
    help: "How many incident drills are needed",
  }),
  "min-rollback-bundles": integer({
    env: "WA_ROLLBACK_DRILL_MIN_ROLLBACK_BUNDLES",
    default: 1,
    min: 1,
    help: "How many rollback bundles are needed",
  }),
  "require-email-drill": boolean({
    env: "WA_ROLLBACK_DRILL_REQUIRE_EMAIL",
    help: "An incident drill must have gone out by mail too",
  }),
  "require-history-rollback": boolean({
    env: "WA_ROLLBACK_DRILL_REQUIRE_HISTORY_ROLLBACK",
    help: "Moving traffic back must have been rehearsed",
  }),
  "require-signature": boolean({
    env: "WA_ROLLBACK_DRILL_REQUIRE_SIGNATURE",
    help: "The evidence must be signed, whatever the policy says",
  }),
};

type Run = Context<typeof flags, undefined>;

/** All evidence, newest first. */
interface Found {
  incidents: DrillFile[];
  bundles: DrillFile[];
  drills: DrillFile[];
  signatures: DrillFile[];
}

async function gather({ root, flags, inputs }: Run): Promise<Found> {
  const look = async (pattern: string, kind: DrillKind): Promise<DrillFile[]> => {
    try {
      return await drillFiles(root, inputs.shown(pattern), kind);
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(error.message);
      throw error;
    }
  };
  return {
    incidents: await look(flags["incident-drill-pattern"], DRILL_KINDS.incidentDrill),
    bundles: await look(flags["rollback-bundle-pattern"], DRILL_KINDS.rollbackBundle),
    drills: await look(flags["rollback-drill-pattern"], DRILL_KINDS.trafficDrill),
    signatures: await look(flags["signature-pattern"], DRILL_KINDS.signature),
  };
}

/** Missing is allowed and said; malformed is not replaced by anything. */
async function loadPolicy(
  { inputs, flags, gate }: Run,
): Promise<{ policy: RollbackDrillSignaturePolicy | undefined; check: Check }> {
  const id = "rollback_signature_policy_loaded";
  const loaded = await inputs.json(flags["signature-policy"], RollbackDrillSignaturePolicy);
  if (loaded.state !== "missing") {
    const policy = loaded.state === "ok" ? loaded.value : undefined;
    return { policy, check: loadedCheck(id, loaded, gate) };
  }
  const reason = `${loaded.path} does not exist, so the schema's defaults hold`;
  const check = notApplicable(id, "a well-formed policy", reason);
  return { policy: RollbackDrillSignaturePolicy.parse({ version: 1 }), check };
}

async function history(run: Run): Promise<{ rows: HistoryRow[]; total: number; checks: Check[] }> {
  const loaded = await run.inputs.json(run.flags["channels-file"], Channels);
  if (loaded.state === "ok") {
    return { rows: rehearsalRows(loaded.value), total: loaded.value.history.length, checks: [] };
  }
  const check = loadedCheck("channels_loaded", loaded, run.gate);
  return { rows: [], total: 0, checks: [check] };
}

function emailCheck({ flags, gate }: Run, judged: readonly DrillFile[]): Check {
  const id = "incident_drill_email_covered";
  const expect = "a passed drill that went out by mail";
  if (!flags["require-email-drill"]) return notApplicable(id, expect, "not required");
  const covered = judged.filter(({ value }) => value?.ok === true && value.with_email === true);
  return {
    id,
    ok: covered.length > 0,
    mode: gate,
    value: { examined: judged.length, with_email: covered.map(({ path }) => path) },
    expect,
    hint: INCIDENT_DRILL,
  };
}

function headline(checks: readonly Check[], found: Found): string {
  const failed = checks.filter((check) => !check.ok);
  if (found.incidents.length + found.bundles.length === 0) return "no drill was run here yet";
  if (failed[0] === undefined) {
    return `${found.incidents.length} incident drill(s) and ${found.bundles.length} bundle(s) prove the way back`;
  }
  return failed.length === 1
    ? `${failed[0].id} does not hold`
    : `${failed[0].id} and ${failed.length - 1} more do not hold`;
}

async function signatures(
  { root, flags, gate, nowS }: Run,
  policy: RollbackDrillSignaturePolicy,
  required: boolean,
  found: Found,
): Promise<JudgedSignatures> {
  return await judgeSignatures(found.signatures, {
    root,
    policy,
    key: flags["signing-key"],
    required,
    maxAgeS: Math.min(flags["signature-max-age-s"], policy.max_signature_age_s),
    nowS,
    gate,
    evidence: [
      { files: found.incidents, minimum: flags["min-incident-drills"] },
      { files: found.bundles, minimum: flags["min-rollback-bundles"] },
    ],
  });
}

/** Drills and bundles, of which only signed ones count where a signature is required. */
async function reports(run: Run, found: Found, signed: ReadonlySet<string> | undefined) {
  const { root, flags, nowS, gate } = run;
  const counting = (files: readonly DrillFile[]): DrillFile[] =>
    files.filter(({ path }) => signed?.has(path) ?? true);
  const age = { maxAgeS: flags["max-age-s"], nowS, gate };
  const incidents = judgeReports(counting(found.incidents), {
    ...age,
    prefix: "incident_drill",
    minimum: flags["min-incident-drills"],
    hint: INCIDENT_DRILL,
  });
  const bundles = judgeReports(counting(found.bundles), {
    ...age,
    prefix: "rollback_bundle",
    minimum: flags["min-rollback-bundles"],
    hint: "deno task create_rollback_bundle --label drill",
  });
  const now: [DrillFile, BundleNow][] = [];
  for (const file of bundles.judged) {
    if (file.value !== undefined) now.push([file, await bundleNow(root, file)]);
  }
  const checks = [
    ...incidents.checks,
    emailCheck(run, incidents.judged),
    ...bundles.checks,
    ...judgeBundleReports(now.map(([, each]) => each), gate),
  ];
  return { checks, incidents: incidents.judged, bundles: now };
}

async function judge(run: Run): Promise<Outcome> {
  const { flags, gate, nowS, strict, inputs } = run;
  const { policy, check: policyCheck } = await loadPolicy(run);
  if (policy === undefined) {
    return { checks: [policyCheck], headline: "the signature policy cannot be used" };
  }
  const required = flags["require-signature"] || policy.required ||
    (strict && policy.required_in_strict);
  const found = await gather(run);
  const signed = await signatures(run, policy, required, found);
  const judged = await reports(run, found, signed.signed);
  const rehearsed = await history(run);
  const rehearsal = {
    required: flags["require-history-rollback"],
    maxAgeS: flags["history-max-age-s"],
    nowS,
    gate,
  };
  for (const file of Object.values(found).flat()) {
    inputs.note(file.path, file.value === undefined ? "malformed" : "ok", file.sha256);
  }
  const checks = [
    policyCheck,
    ...rehearsed.checks,
    ...judged.checks,
    ...signed.checks,
    ...judgeRehearsals(rehearsed.rows, found.drills, rehearsal),
    trafficDrillCheck(found.drills, nowS, gate),
  ];
  return {
    checks,
    headline: headline(checks, found),
    fields: {
      signature_required: required,
      signature_signing_key_required: policy.require_signing_key,
      signature_algorithm: policy.algorithm,
      evidence: drillEvidence(nowS, judged.incidents, judged.bundles, signed.rows, rehearsed),
    },
  };
}

export const command = defineCommand({
  name: "rollback_drill_guard",
  summary: "Judge whether recent and authentic evidence of rollback drills exists",
  kind: "gate",
  artifact: "rollback_drill_guard",
  strictEnv: "WA_ROLLBACK_DRILL_STRICT",
  flags,
  details: [
    "Looks at the newest incident drills, rollback bundles, traffic drills and signatures, by the times inside them. Bundles are verified anew from their files; a signature counts by its signed time. Where one is required, only the reports it is over count.",
    "A bundle that was changed, an invalid signature and evidence from the future fail in every mode; what is merely missing or old fails under --strict.",
  ],
  examples: ["--strict --require-email-drill --require-signature"],
  run: judge,
});

if (import.meta.main) await main(command);
