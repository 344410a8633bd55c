#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write --allow-env=WA_DISASTER_RECOVERY_*,WA_AUDIT_CHAIN_*,WA_RELEASE_*,GITHUB_ACTIONS,PATH,HOME,LANG,TMPDIR,DENO_DIR --allow-run=git,deno
/**
 * Copies the data to a second place, restores it in a third, and proves that it came back.
 *
 * Writing is not limited to a folder: a copy belongs on another disk, and the runtime lets a program
 * restore symbolic links only so.
 * @module
 */
import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { main } from "../lib/command/main.ts";
import { DisasterRecoveryPolicy } from "../lib/policy/disaster_recovery_policy.ts";
import { OUT_DIR } from "../lib/report/artifact.ts";
import { type Check, notApplicable } from "../lib/report/check.ts";
import { asIoError } from "../lib/recovery/disk_error.ts";
import { judgeRecovery } from "../lib/recovery/judge_recovery.ts";
import { judgeReturn } from "../lib/recovery/judge_return.ts";
import { probeTemplate } from "../lib/recovery/probe_copy.ts";
import type { Probe } from "../lib/recovery/prove_copy.ts";
import { readTree } from "../lib/recovery/read_tree.ts";
import { copyFields, recoveryFields } from "../lib/recovery/recovery_fields.ts";
import { checkRegion } from "../lib/recovery/region.ts";
import { RECOVERY_FLAGS } from "../lib/recovery/recovery_flags.ts";
import { type RecoveryPaths, recoveryPaths, restoreTarget } from "../lib/recovery/region_paths.ts";
import { type RecoveryResult, runRecovery } from "../lib/recovery/run_recovery.ts";
import { restoreCopy } from "../lib/recovery/restore_copy.ts";
import { recordAudit } from "../lib/rollback/record_audit.ts";
import { writeAtomic } from "../lib/store/write_atomic.ts";

type Run = Context<typeof RECOVERY_FLAGS, DisasterRecoveryPolicy>;

/** Name that the newest report has as well, for whoever looks for one fixed file. */
const ALIAS = `${OUT_DIR}/disaster_recovery_drill.json`;

/** What a probe is given of the environment: a program finds its files by these. */
const PROBE_ENVIRONMENT = ["PATH", "HOME", "LANG", "TMPDIR", "DENO_DIR"];

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}

/** Whether there is anything to copy. */
async function primaryChecks(run: Run, { primary, excluded }: RecoveryPaths): Promise<Check[]> {
  const ids = ["primary_exists", "primary_not_empty"] as const;
  const expect = "a folder whose loss is rehearsed";
  const some = "at least one file with content, besides what is left out";
  if (run.flags["from-current"]) {
    const reason = "--from-current takes the primary for lost";
    return [notApplicable(ids[0], expect, reason), notApplicable(ids[1], some, reason)];
  }
  const hint = "name the folder with the data: --primary DIR; was it lost, --restore-into DIR";
  const there = await isFolder(primary);
  const value = run.inputs.shown(run.flags.primary);
  const exists: Check = { id: ids[0], ok: there, mode: "enforce", value, expect, hint };
  if (!there) return [exists, notApplicable(ids[1], some, "there is no primary")];
  const { entries } = await readTree(primary, { excluded, signal: run.signal });
  const files = entries.filter(({ type }) => type === "file");
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const found = { files: files.length, bytes, excluded };
  return [
    exists,
    { id: ids[1], ok: bytes > 0, mode: "enforce", value: found, expect: some, hint },
  ];
}

function probeOf({ flags, policy, env }: Run): Probe | undefined {
  const command = flags["probe-command"];
  if (command === undefined) return undefined;
  const pairs = PROBE_ENVIRONMENT.flatMap((name) => {
    const value = env(name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    template: probeTemplate(command),
    timeoutMs: (policy.probe?.timeout_s ?? 60) * 1000,
    env: { ...Object.fromEntries(pairs), NO_COLOR: "1" },
  };
}

function headline(result: RecoveryResult | undefined, checks: readonly Check[]): string {
  const failed = checks.find((check) => !check.ok && check.mode === "enforce");
  const fault = `${failed?.id ?? "restore_region_b"} does not hold`;
  if (result === undefined) return fault;
  const was = result.current === undefined
    ? "there is no good copy"
    : `the last good copy is ${result.current.snapshot}`;
  const { proof } = result;
  if (failed !== undefined || proof === undefined) return `${fault}; ${was}`;
  const { files, links } = proof.comparison;
  const linked = links === 0 ? "" : `, ${links} of them links,`;
  return `${files + links} files${linked} came back whole in ${proof.rto_s} s; ${was}`;
}

async function rehearse(
  run: Run,
  paths: RecoveryPaths,
  probe: Probe | undefined,
): Promise<{ result: RecoveryResult; checks: Check[] }> {
  const { root, flags, policy, correlation, signal, progress } = run;
  const { correlation_id, release_candidate_id } = correlation;
  const fromCurrent = flags["from-current"];
  const result = await runRecovery({
    ...paths,
    root,
    policy,
    fromCurrent,
    shown: run.inputs.shown(flags.primary),
    commit: (await run.git()).commit,
    correlation: { correlation_id, release_candidate_id },
    signal,
    progress,
    ...(probe && { probe }),
  });
  const checks = judgeRecovery(result, {
    maxRpoS: flags["max-rpo-s"] ?? policy.max_rpo_s,
    maxRtoS: flags["max-rto-s"] ?? policy.max_rto_s,
    policy,
    fromCurrent,
    probe: probe !== undefined,
    gate: run.gate,
  });
  return { result, checks };
}

/** The report under its fixed name too; a reader sees the one before or this one, never half. */
async function writeAlias(root: string, written: string | undefined): Promise<void> {
  if (written === undefined || written === ALIAS) return;
  await Deno.mkdir(join(root, OUT_DIR), { recursive: true });
  await writeAtomic(join(root, ALIAS), await Deno.readTextFile(resolve(root, written)));
}

async function drill(run: Run): Promise<Outcome> {
  const { root, flags, policy, inputs } = run;
  const paths = await recoveryPaths(root, {
    primary: inputs.absolute(flags.primary),
    regionA: inputs.absolute(flags["region-a"]),
    regionB: inputs.absolute(flags["region-b"]),
  }, policy.exclude);
  const probe = probeOf(run);
  await checkRegion(paths.regionA, "backup_region");
  await checkRegion(paths.regionB, "restore_region");
  const before = await primaryChecks(run, paths);
  const begun = before.every(({ ok }) => ok) ? await rehearse(run, paths, probe) : undefined;
  const checks = [...before, ...begun?.checks ?? []];
  const fields = {
    primary: inputs.shown(flags.primary),
    region_a: inputs.shown(flags["region-a"]),
    region_b: inputs.shown(flags["region-b"]),
    excluded: paths.excluded,
    from_current: flags["from-current"],
    max_rpo_s: flags["max-rpo-s"] ?? policy.max_rpo_s,
    max_rto_s: flags["max-rto-s"] ?? policy.max_rto_s,
    ...(begun === undefined ? { proven: false } : recoveryFields(begun.result)),
  };
  const { check, audit } = await recordAudit(run, {
    action: "disaster_recovery_drill",
    source: "disaster_recovery_drill",
    ok: checks.every(({ ok, mode }) => ok || mode === "warn"),
    context: auditContext(fields, begun?.result, checks),
  });
  return {
    checks: [...checks, check],
    headline: headline(begun?.result, checks),
    fields: { ...fields, audit },
    after: ({ path }) => writeAlias(root, path),
  };
}

function auditContext(
  fields: Record<string, unknown>,
  result: RecoveryResult | undefined,
  checks: readonly Check[],
): Record<string, unknown> {
  const { primary, region_a, region_b, from_current, rpo_s = null, rto_s = null } = fields;
  return {
    ...{ primary, region_a, region_b, from_current, rpo_s, rto_s },
    proven: result?.proven ?? false,
    snapshot: result?.copy?.name ?? "",
    manifest_sha256: result?.copy?.manifest?.manifest_sha256 ?? "",
    pruned_snapshots: result?.pruned ?? [],
    failed_checks: checks.filter(({ ok }) => !ok).map(({ id }) => id),
  };
}

/** Brings a copy back for good, compared and probed. */
async function restore(run: Run, into: string): Promise<Outcome> {
  const { root, flags, inputs, signal, progress } = run;
  const region = inputs.absolute(flags["region-a"]);
  const target = await restoreTarget(inputs.absolute(into), region);
  const probe = probeOf(run);
  const { snapshot } = flags;
  const returned = await restoreCopy({
    ...{ region, target, root, signal, progress },
    ...(snapshot !== undefined && { snapshot }),
    ...(probe && { probe }),
  });
  const { copy, back } = returned;
  const checks = judgeReturn(returned, probe !== undefined);
  const ok = checks.every((check) => check.ok);
  const shown = inputs.shown(into);
  const context = { region_a: inputs.shown(region), into: shown, snapshot: copy?.name ?? "" };
  const { check, audit } = await recordAudit(run, {
    ...{ action: "disaster_recovery_restore", source: "disaster_recovery_drill", ok, context },
  });
  const written = back === undefined ? "nothing was written" : `see what is in ${shown}`;
  return {
    artifact: "disaster_recovery_restore",
    checks: [...checks, check],
    headline: ok
      ? `${copy?.name} is in ${shown}, compared file by file`
      : `${copy?.name ?? "no copy"} was not restored as it was; ${written}`,
    fields: {
      ...context,
      copy: copyFields(copy),
      restored_files: back?.comparison.files ?? 0,
      rto_s: back?.rto_s ?? null,
      probe: back?.probe ?? null,
      audit,
    },
    nextActions: ok ? [`compare ${shown} with what is left, then let the application use it`] : [],
  };
}

export const command = defineCommand({
  name: "disaster_recovery_drill",
  summary: "Rehearse the loss of the data: copy it, restore the copy, and prove that it came back",
  kind: "producer",
  artifact: "disaster_recovery_drill",
  strictEnv: "WA_DISASTER_RECOVERY_STRICT",
  policy: {
    path: "security/disaster_recovery_policy.json",
    schema: DisasterRecoveryPolicy,
    env: "WA_DISASTER_RECOVERY_POLICY_FILE",
  },
  flags: RECOVERY_FLAGS,
  details: [
    "Copies the primary into region A with a manifest of digests, permission bits and links; reads it back; restores it into region B; compares every entry; lets the probe read it; then flips a byte, drops a file and cuts one off there, each of which the comparison must notice. What was restored is removed again.",
    "A copy gets its name, and current.json names it, only after all that; then the oldest copies beyond /keep_snapshots of the policy go. A drill that fails or is killed leaves the last good copy as it was.",
    "A primary that changes while it is copied is copied anew, up to /copy_attempts times; then the drill fails, because files of different moments are no copy. Stop the writers, or give a snapshot of the file system as the primary.",
    ".data/dr is never copied, nor are .data/locks and .data/tmp, so that the regions may lie in the primary; any other overlap is refused. Owner, extended attributes and hard links are not kept.",
    "The recovery point is the age of the newest restored record when the drill began, by file times or by /newest_record of the policy; the recovery time is restoration, comparison and probe.",
  ],
  examples: [
    "--region-a /mnt/backup/app --region-b /mnt/scratch/app",
    '--probe-command "sqlite3 {restored}/app.db .schema" --max-rto-s 300',
    "--from-current",
    "--restore-into .data/restored",
  ],
  async run(run) {
    const { "restore-into": into, "from-current": fromCurrent, snapshot } = run.flags;
    if (into !== undefined && fromCurrent) {
      throw new UsageError("--from-current is for a drill, --restore-into brings a copy back");
    }
    if (into === undefined && snapshot !== undefined) {
      throw new UsageError("--snapshot is for --restore-into only");
    }
    try {
      return into === undefined ? await drill(run) : await restore(run, into);
    } catch (error) {
      throw asIoError(error); // a place that may not be read is no defect of the drill
    }
  },
});

if (import.meta.main) await main(command);
