#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-env=WA_AUDIT_CHAIN_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Verifies that the audit log is as it was written.
 * @module
 */
import { NOTES_REF, readGitAnchors } from "../lib/audit/anchors.ts";
import type { Fault } from "../lib/audit/fault.ts";
import { describeFault, judgeChain } from "../lib/audit/judge_chain.ts";
import {
  type CheckpointSource,
  judgeCheckpoints,
  readCheckpoints,
} from "../lib/audit/judge_checkpoints.ts";
import { judgeFreshness, judgeFuture } from "../lib/audit/judge_freshness.ts";
import { judgeIntents } from "../lib/audit/judge_intents.ts";
import { readLeaves } from "../lib/audit/leaves.ts";
import { type AuditPaths, auditPaths } from "../lib/audit/paths.ts";
import { readPosition, writePosition } from "../lib/audit/position.ts";
import { NotAFileError, snapshot } from "../lib/audit/snapshot.ts";
import type { StateFile } from "../lib/audit/state.ts";
import { type Verification, verifyLog, type Vouchers } from "../lib/audit/verify.ts";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { IoError, UsageError } from "../lib/command/errors.ts";
import { boolean, number, path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { EvidenceTrustPolicy } from "../lib/policy/evidence_trust_policy.ts";
import { type Check, notApplicable } from "../lib/report/check.ts";
import { LOG_FLAGS } from "../lib/audit_log/log_flags.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";

const flags = {
  ...LOG_FLAGS,
  "require-log": boolean({
    env: "WA_AUDIT_CHAIN_REQUIRE_LOG",
    help: "Enforce that there is a log with entries that this run did not write",
  }),
  "require-state": boolean({
    env: "WA_AUDIT_CHAIN_REQUIRE_STATE",
    help: "Enforce that there is a state file",
  }),
  "max-age-s": number({
    env: "WA_AUDIT_CHAIN_MAX_AGE_S",
    default: 0,
    min: 0,
    help: "Oldest acceptable newest entry that this run did not write, seconds; 0: any age",
  }),
  "no-write-state": boolean({
    env: "WA_AUDIT_CHAIN_NO_WRITE_STATE",
    help: "Do not remember how far the log was verified",
  }),
  policy: path({
    env: "WA_AUDIT_CHAIN_POLICY_FILE",
    default: "security/evidence_trust_policy.json",
    help: "Whose signatures on checkpoints count",
  }),
  checkpoint: path({
    env: "WA_AUDIT_CHAIN_CHECKPOINT_FILE",
    default: ".data/audit/operations_audit_chain.checkpoint",
    help: "Newest checkpoint made here",
  }),
  anchor: path({
    env: "WA_AUDIT_CHAIN_ANCHOR_FILE",
    help: "Checkpoint that was kept outside the workspace",
  }),
  "anchor-git-ref": text({
    env: "WA_AUDIT_CHAIN_ANCHOR_GIT_REF",
    placeholder: "REF",
    help: "Git notes that hold checkpoints, such as audit",
  }),
  "anchor-leaves": path({
    env: "WA_AUDIT_CHAIN_ANCHOR_LEAVES",
    help: "Leaf hashes kept with the anchor; they name the first rewritten entry exactly",
  }),
  "require-checkpoint": boolean({
    env: "WA_AUDIT_CHAIN_REQUIRE_CHECKPOINT",
    help: "Enforce that a checkpoint, signed as the policy asks, was compared",
  }),
  incremental: boolean({
    help: "Begin where the last verification ended; under --strict only if a checkpoint covers it",
  }),
};

type Run = Context<typeof flags, undefined>;

/** Checkpoints to compare with; one that was asked for and is not there is a fault. */
async function sources(run: Run): Promise<{ sources: CheckpointSource[]; faults: Fault[] }> {
  const { flags, inputs, root } = run;
  const found: CheckpointSource[] = [];
  const faults: Fault[] = [];
  for (const [file, needed] of [[flags.checkpoint, false], [flags.anchor, true]] as const) {
    if (file === undefined) continue;
    const read = await inputs.text(file);
    const name = inputs.shown(file);
    if (read.state === "ok") found.push({ name, note: read.text });
    else if (needed || read.state !== "missing") {
      const detail = `${name}: ${read.message}`;
      faults.push({ kind: "checkpoint_malformed", entry: null, line: null, detail });
    }
  }
  const ref = flags["anchor-git-ref"];
  if (ref === undefined) return { sources: found, faults };
  if (!NOTES_REF.test(ref)) throw new UsageError(`--anchor-git-ref is "${ref}", expected a name`);
  const notes = await readGitAnchors(root, ref);
  if (notes.length === 0) {
    const detail = `git notes "${ref}" hold no checkpoint`;
    faults.push({ kind: "checkpoint_malformed", entry: null, line: null, detail });
  }
  return { sources: [...found, ...notes], faults };
}

/** Follows the log from its beginning, or from where it was verified to when that is enough. */
async function follow(run: Run, paths: AuditPaths, vouchers: Vouchers): Promise<Verification> {
  const head = run.flags.incremental ? await readPosition(run.root, paths) : undefined;
  if (head === undefined || head.at.bytes > (vouchers.until ?? 0)) {
    return await verifyLog(paths.log, vouchers);
  }
  const found = await verifyLog(paths.log, vouchers, head);
  const enough = found.faults.length === 0 && (!run.strict || found.compared.length > 0);
  return enough ? found : await verifyLog(paths.log, vouchers);
}

function existing({ flags }: Run, log: string, exists: boolean): Check {
  const expect = "a log";
  if (!exists && !flags["require-log"]) {
    return notApplicable("audit_log_exists", expect, `there is no ${log}`);
  }
  return {
    id: "audit_log_exists",
    ok: exists,
    mode: "enforce",
    value: exists ? log : "missing",
    expect,
    ...(exists ? {} : { hint: "restore the log of earlier runs", location: { file: log } }),
  };
}

/** Remembers how far the log holds; a failure to write is the only thing judged. */
async function remember(
  run: Run,
  paths: AuditPaths,
  found: Verification,
  ok: boolean,
): Promise<{ check: Check; written: boolean }> {
  const id = "audit_state_write_ok";
  const expect = "the verified position is written";
  if (run.flags["no-write-state"]) {
    return { check: notApplicable(id, expect, "--no-write-state"), written: false };
  }
  if (!ok) return { check: notApplicable(id, expect, "the log does not hold"), written: false };
  try {
    const written = await writePosition(run.root, paths, found.head, run.nowS * 1000);
    return { check: { id, ok: true, mode: run.gate, value: written, expect }, written };
  } catch (error) {
    const value = (error as Error).message;
    const hint = "let it write beside the state file, or give --no-write-state";
    return { check: { id, ok: false, mode: run.gate, value, expect, hint }, written: false };
  }
}

function fieldsOf(
  run: Run,
  paths: AuditPaths,
  stateFile: StateFile,
  found: Verification | undefined,
): Record<string, unknown> {
  const at = found?.head.at;
  return {
    log_path: paths.logName,
    state_file: run.inputs.shown(paths.state),
    state_loaded: stateFile.status === "ok",
    require_log: run.flags["require-log"],
    require_state: run.flags["require-state"],
    max_age_s: run.flags["max-age-s"],
    entry_count: at?.entries ?? 0,
    predecessor_entry_count: at?.predecessorEntries ?? 0,
    examined_count: found?.examined ?? 0,
    resumed_from: found?.resumedFrom ?? 0,
    last_hash: at?.lastHash ?? "",
    last_ts: at?.lastTs ?? 0,
    root_hash: found?.head.tree().root().toHex() ?? "",
  };
}

async function verify(run: Run): Promise<Outcome> {
  const { flags, inputs, root, nowS, gate } = run;
  const paths = auditPaths(root, { log: flags.log, stateFile: flags["state-file"] });
  const required = flags["require-checkpoint"];
  const loaded = await inputs.json(flags.policy, EvidenceTrustPolicy);
  const policy = loaded.state === "ok" ? loaded.value : undefined;
  const policyCheck = loadedCheck("trust_policy_loaded", loaded, required ? "enforce" : "warn");
  const { size, stateFile } = await snapshot(root, paths).catch((error) => {
    if (error instanceof NotAFileError) throw new IoError(error.message, "name the log with --log");
    throw error;
  });
  const given = await sources(run);
  if (size === 0 && stateFile.status === "absent" && given.sources.length === 0) {
    const checks = [policyCheck, existing(run, paths.logName, false)];
    const headline = `there is no audit log at ${paths.logName}`;
    return { checks, headline, fields: fieldsOf(run, paths, stateFile, undefined) };
  }
  const { checkpoints, faults } = await readCheckpoints(given.sources, policy);
  const leaves = await readLeaves(
    flags["anchor-leaves"] && inputs.absolute(flags["anchor-leaves"]),
    checkpoints,
  );
  const vouchers: Vouchers = {
    stateFile,
    logName: paths.logName,
    checkpoints,
    leaves: leaves.hashes,
    until: size,
  };
  const found = await follow(run, paths, vouchers);
  const all = [...given.faults, ...faults, ...leaves.faults, ...found.faults];
  const modes = { gate, requireState: flags["require-state"], log: paths.logName };
  const judged = [
    policyCheck,
    existing(run, paths.logName, size > 0),
    ...judgeChain(found, all, modes),
    ...pathChecks(stateFile, paths),
    ...judgeCheckpoints(checkpoints, found, policy, { require: required, gate, nowS }),
    await judgeIntents(paths.log, found.head.at.bytes),
    judgeFuture(found.head.at.lastTs, nowS, policy?.max_clock_skew_s ?? 120),
    ...await judgeFreshness(paths.log, found.head.at.bytes, {
      runId: run.correlation.run_id,
      requireLog: flags["require-log"],
      maxAgeS: flags["max-age-s"],
      nowS,
      gate,
    }),
  ];
  const ok = all.length === 0 && judged.every((check) => check.ok || check.mode === "warn");
  const { check, written } = await remember(run, paths, found, ok);
  return {
    checks: [...judged, check],
    headline: headlineOf(found, all, [...judged, check]),
    fields: { ...fieldsOf(run, paths, stateFile, found), faults: all, state_written: written },
  };
}

/** A log that was moved is told apart from one whose state file is another's by its content. */
function pathChecks(stateFile: StateFile, paths: AuditPaths): Check[] {
  if (stateFile.status !== "ok") return [];
  const found = stateFile.state.log_path;
  const ok = found === paths.logName;
  const hint = "the log was moved or copied; the next append names the new place";
  const row: Check = {
    id: "audit_state_log_path_match",
    ok,
    mode: "warn",
    value: found,
    expect: paths.logName,
  };
  return [ok ? row : { ...row, hint }];
}

function headlineOf(found: Verification, faults: readonly Fault[], checks: Check[]): string {
  const first = [...found.faults, ...faults][0];
  if (first !== undefined) return describeFault(first);
  const failed = checks.find((check) => !check.ok && check.mode === "enforce");
  if (failed !== undefined) return `${failed.id} does not hold`;
  const { entries } = found.head.at;
  const from = found.resumedFrom === 0 ? "" : `, ${found.examined} of them read now`;
  return `${entries} entries hold${from}`;
}

export const command = defineCommand({
  name: "verify_audit_chain",
  summary: "Verify that the audit log is as it was written, against all that was recorded of it",
  kind: "gate",
  artifact: "audit_chain_verify",
  strictEnv: "WA_AUDIT_CHAIN_STRICT",
  flags,
  details: [
    "Follows every entry (RFC 8785 form, hash, number, predecessor, time), then compares the log with its state file and with checkpoints: the one made here, and those kept outside the workspace. The first entry that is not as it was written is named, with its line and what happened to it.",
    "Log and state file are only read. After a log was found to hold, the position is remembered beside the state file for --incremental.",
    "Without a checkpoint from outside, whoever can write the workspace can rewrite log and state file together unseen.",
  ],
  examples: ["--strict --require-log", "--anchor /mnt/anchor/checkpoint --require-checkpoint"],
  run: verify,
});

if (import.meta.main) await main(command);
