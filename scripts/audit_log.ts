#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-env=WA_AUDIT_CHAIN_*,WA_RELEASE_*,GITHUB_ACTIONS,GITHUB_ACTOR --allow-run=git
/**
 * Appends to the audit log, shows it, proves what is in it, and signs checkpoints of it.
 * @module
 */
import { NOTES_REF, writeGitAnchor } from "../lib/audit/anchors.ts";
import { appendAudit, type AppendReceipt } from "../lib/audit/append.ts";
import { readOwnCheckpoint, storeCheckpoint } from "../lib/audit/checkpoint_store.ts";
import { type AuditRecord, AuditRecordError } from "../lib/audit/entry.ts";
import { AuditChainError } from "../lib/audit/fault.ts";
import { readRecords } from "../lib/audit/import_records.ts";
import { describeFault } from "../lib/audit/judge_chain.ts";
import { judgeProof } from "../lib/audit/judge_proof.ts";
import { parseSigningKey } from "../lib/audit/keys.ts";
import { leavesOf } from "../lib/audit/leaves.ts";
import { auditPaths } from "../lib/audit/paths.ts";
import { makeConsistencyProof, makeInclusionProof, ProofFile } from "../lib/audit/proof_file.ts";
import { readCheckpoint, sealCheckpoint } from "../lib/audit/sealed_checkpoint.ts";
import { showEntries } from "../lib/audit/show_entries.ts";
import { snapshot } from "../lib/audit/snapshot.ts";
import { type Verification, verifyLog } from "../lib/audit/verify.ts";
import { type Context, defineCommands, type Outcome, subcommand } from "../lib/command/command.ts";
import { IoError, UsageError } from "../lib/command/errors.ts";
import { boolean, type Flags, integer, path, secret, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { EvidenceTrustPolicy } from "../lib/policy/evidence_trust_policy.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";
import { writeAtomic } from "../lib/store/write_atomic.ts";

const LOG = {
  log: path({
    env: "WA_AUDIT_CHAIN_LOG",
    default: ".data/audit/operations_audit_chain.ndjson",
    help: "Audit log",
  }),
  "state-file": path({
    env: "WA_AUDIT_CHAIN_STATE_FILE",
    default: ".data/audit/operations_audit_chain_state.json",
    help: "State file of the audit log",
  }),
};
const POLICY = {
  path: "security/evidence_trust_policy.json",
  schema: EvidenceTrustPolicy,
  env: "WA_AUDIT_CHAIN_POLICY_FILE",
};
const initState = boolean({ help: "Begin a state file for a log that has none, on the record" });

interface LogRun {
  root: string;
  flags: { log: string; "state-file": string };
}

/** Appends, and says in the operator's words why a record or the log was refused. */
async function append(
  run: LogRun & { flags: { "init-state": boolean } },
  records: AuditRecord[],
): Promise<Outcome> {
  const { log, "state-file": stateFile, "init-state": initState } = run.flags;
  let receipts: AppendReceipt[];
  try {
    receipts = await appendAudit(run.root, records, { log, stateFile, initState });
  } catch (error) {
    if (error instanceof AuditRecordError) throw new UsageError(error.message);
    if (!(error instanceof AuditChainError)) throw error;
    throw new IoError(error.message, "deno task verify_audit_chain says what is wrong");
  }
  const last = receipts.at(-1)!;
  return {
    checks: [{
      id: "entries_appended",
      ok: true,
      mode: "enforce",
      value: receipts.length,
      expect: "entries on disk",
    }],
    headline: receipts.length === 1
      ? `entry ${last.sequence} appended`
      : `${receipts.length} entries appended, the last is ${last.sequence}`,
    fields: { receipts },
    stdout: receipts.map((receipt) => `${JSON.stringify(receipt)}\n`).join(""),
  };
}

function parseContext(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (cause) {
    throw new UsageError(`--context is no JSON: ${(cause as Error).message}`, undefined, { cause });
  }
  throw new UsageError("--context is no JSON object");
}

/** The log, verified: nothing is signed or proved of a log that does not hold. */
async function verified(
  run: LogRun,
  checkpoint?: { name: string; size: number; root: Uint8Array },
): Promise<Verification & { path: string; size: number }> {
  const { log, "state-file": stateFile } = run.flags;
  const paths = auditPaths(run.root, { log, stateFile });
  const { size, stateFile: state } = await snapshot(run.root, paths);
  const checkpoints = checkpoint === undefined ? [] : [checkpoint];
  const found = await verifyLog(paths.log, { stateFile: state, checkpoints, until: size });
  const fault = found.faults.find(({ kind }) => !["torn_tail", "state_behind"].includes(kind));
  if (fault !== undefined) {
    const hint = "deno task verify_audit_chain says more";
    throw new IoError(`Cannot vouch for "${paths.logName}": ${describeFault(fault)}`, hint);
  }
  if (found.head.at.entries === 0) throw new UsageError(`"${paths.logName}" has no entries`);
  return { ...found, path: paths.log, size };
}

async function ownCheckpoint(run: LogRun, policy: EvidenceTrustPolicy) {
  const { log } = auditPaths(run.root, { log: run.flags.log });
  const note = await readOwnCheckpoint(log);
  if (note === undefined) return undefined;
  const read = await readCheckpoint("the newest checkpoint", note, policy, policy.origin);
  if (read.status === "invalid") throw new IoError(describeFault(read.fault));
  return { note, checkpoint: read.checkpoint };
}

const SIGNING_KEY = {
  "signing-key": secret({
    env: "WA_AUDIT_CHAIN_SIGNING_KEY",
    help: "Ed25519 key in PKCS#8 PEM, as signing_key generate makes it",
  }),
};

async function checkpoint(
  run: Context<typeof LOG & typeof SIGNING_KEY, EvidenceTrustPolicy>,
): Promise<Outcome> {
  const { policy, nowS, flags } = run;
  const pem = flags["signing-key"];
  if (pem === undefined) {
    throw new UsageError(
      "A checkpoint needs a key",
      "set WA_AUDIT_CHAIN_SIGNING_KEY_FILE to a file made by: deno task signing_key generate",
    );
  }
  const key = await parseSigningKey(pem).catch((error) => {
    throw new UsageError((error as Error).message, "see: deno task signing_key generate");
  });
  const earlier = await ownCheckpoint(run, policy);
  const { head, path } = await verified(run, earlier?.checkpoint);
  const { entries } = head.at;
  const root = head.tree().root();
  const note = await sealCheckpoint({ origin: policy.origin, size: entries, root }, key);
  await storeCheckpoint(path, note, nowS);
  return {
    checks: [{
      id: "checkpoint_signed",
      ok: true,
      mode: "enforce",
      value: entries,
      expect: "a checkpoint that continues the one before",
    }],
    headline: `checkpoint of ${entries} entries signed`,
    fields: { origin: policy.origin, size: entries, root_hash: root.toHex(), note },
    stdout: note,
    nextActions: ["keep it elsewhere: deno task audit_log anchor"],
  };
}

const ANCHOR = {
  ...LOG,
  file: path({ help: "Keep it in this file; the run must be granted to write there" }),
  "git-ref": text({ placeholder: "REF", help: "Keep it in these git notes on the current commit" }),
  leaves: path({
    help: "Keep the leaf hashes in this file too, to name a rewritten entry exactly",
  }),
};

async function anchor(run: Context<typeof ANCHOR, EvidenceTrustPolicy>): Promise<Outcome> {
  const { flags, inputs, root, policy } = run;
  const own = await ownCheckpoint(run, policy);
  if (own === undefined) {
    throw new UsageError("There is no checkpoint", "make one: deno task audit_log checkpoint");
  }
  const { note, checkpoint } = own;
  const { path, size: until } = await verified(run, checkpoint);
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

const PROVE = {
  ...LOG,
  seq: integer({ min: 1, help: "Prove that this entry is in the log" }),
  from: integer({ min: 1, help: "Prove that the log begins with its first N entries" }),
  size: integer({
    min: 1,
    help: "Entries of the log the proof leads to (default: the checkpoint's)",
  }),
};

async function prove(run: Context<typeof PROVE, EvidenceTrustPolicy>): Promise<Outcome> {
  const { seq, from, size: wanted } = run.flags;
  if ((seq === undefined) === (from === undefined)) {
    throw new UsageError("Give --seq to prove an entry, or --from to prove an earlier size");
  }
  const own = await ownCheckpoint(run, run.policy);
  const { head, path, size: until } = await verified(run, own?.checkpoint);
  const size = wanted ?? own?.checkpoint.size ?? head.at.entries;
  const note = own?.checkpoint.size === size ? own.note : null;
  const log = { path, size, until, checkpoint: note };
  const asked = seq ?? from!;
  if (size > head.at.entries || asked > size) {
    throw new UsageError(`There are ${head.at.entries} entries; asked for ${asked} in ${size}`);
  }
  const proof = seq === undefined
    ? await makeConsistencyProof(log, asked)
    : await makeInclusionProof(log, asked);
  const [row] = judgeProof(proof, undefined);
  return {
    checks: [row!],
    headline: `${
      seq === undefined ? `first ${asked} entries` : `entry ${asked}`
    } of ${size} proved`,
    fields: { proof },
    stdout: `${JSON.stringify(proof, null, 2)}\n`,
    unrecorded: true,
  };
}

async function verifyProof(run: Context<Flags, EvidenceTrustPolicy>): Promise<Outcome> {
  const [file] = run.operands;
  if (file === undefined) throw new UsageError("Name the proof: audit_log verify-proof FILE");
  const loaded = await run.inputs.json(file, ProofFile);
  const checks = [loadedCheck("proof_loaded", loaded, "enforce")];
  if (loaded.state === "ok") {
    const { checkpoint: note } = loaded.value;
    const read = note === null
      ? undefined
      : await readCheckpoint("its checkpoint", note, run.policy, run.policy.origin);
    checks.push(
      ...judgeProof(loaded.value, { read, policy: run.policy, gate: run.gate, nowS: run.nowS }),
    );
  }
  const failed = checks.find((check) => !check.ok);
  const headline = failed === undefined ? "the proof holds" : `${failed.id} does not hold`;
  return { checks, headline, fields: { proof_path: run.inputs.shown(file) } };
}

export const command = defineCommands({
  name: "audit_log",
  summary: "Append to the audit log, show it, prove what is in it, sign checkpoints of it",
  commands: {
    append: subcommand({
      summary: "Append one entry",
      kind: "actor",
      flags: {
        ...LOG,
        action: text({ help: "What was done, such as drill_announced" }),
        actor: text({ env: "GITHUB_ACTOR", help: "Who did it" }),
        source: text({ default: "audit_log", help: "What it was done with" }),
        status: text({ default: "ok", help: "How it ended" }),
        context: text({
          default: "{}",
          placeholder: "JSON",
          help: "What else to record, an object",
        }),
        "init-state": initState,
      },
      run(run) {
        const { action, actor, source, status, context } = run.flags;
        if (action === undefined) throw new UsageError("--action is needed");
        if (actor === undefined) throw new UsageError("--actor is needed");
        const { correlation } = run;
        const record = {
          action,
          actor,
          source,
          status,
          context: parseContext(context),
          correlation,
        };
        return append(run, [record]);
      },
    }),
    import: subcommand({
      summary: "Append all records of a file, one JSON object a line, or none of them",
      kind: "actor",
      operands: { name: "FILE", help: "Records: action, actor, source, status, context", most: 1 },
      flags: { ...LOG, "init-state": initState },
      async run(run) {
        const [file] = run.operands;
        if (file === undefined) throw new UsageError("Name the records: audit_log import FILE");
        const read = await run.inputs.text(file);
        if (read.state !== "ok") throw new UsageError(`Cannot import "${file}": ${read.message}`);
        const parsed = readRecords(read.text, run.correlation);
        if (!parsed.ok) throw new UsageError(`Cannot import "${file}": ${parsed.reason}`);
        return await append(run, parsed.records);
      },
    }),
    show: subcommand({
      summary: "Print the newest entries, oldest first, one JSON object a line",
      kind: "gate",
      flags: {
        ...LOG,
        limit: integer({ default: 20, min: 1, max: 100_000, help: "How many" }),
        action: text({ help: "Only entries of this action" }),
        candidate: text({ help: "Only entries of this release candidate" }),
      },
      async run(run) {
        const { log, limit, action, candidate } = run.flags;
        const paths = auditPaths(run.root, { log });
        const rows = await showEntries(paths.log, { limit, action, candidate });
        return {
          checks: [{
            id: "log_read",
            ok: true,
            mode: "enforce",
            value: rows.length,
            expect: "entries as they stand; verify_audit_chain says whether they hold",
          }],
          headline: `${rows.length} entries of ${paths.logName}, not verified`,
          stdout: rows.map((row) => `${row}\n`).join(""),
          unrecorded: true,
        };
      },
    }),
    prove: subcommand({
      summary: "Print a proof that an entry is in the log, or that the log was only appended to",
      kind: "producer",
      policy: POLICY,
      flags: PROVE,
      run: prove,
    }),
    "verify-proof": subcommand({
      summary: "Check a proof from its file alone",
      kind: "gate",
      artifact: "audit_proof_verify",
      policy: POLICY,
      operands: { name: "FILE", help: "What prove printed", most: 1 },
      flags: {},
      run: verifyProof,
    }),
    checkpoint: subcommand({
      summary: "Sign size and root of the log, after verifying it against the checkpoint before",
      kind: "actor",
      artifact: "audit_checkpoint",
      policy: POLICY,
      flags: { ...LOG, ...SIGNING_KEY },
      run: checkpoint,
    }),
    anchor: subcommand({
      summary: "Print the newest checkpoint, or keep it in git notes or a file outside",
      kind: "actor",
      policy: POLICY,
      flags: ANCHOR,
      details: [
        "Whoever can write the workspace can rewrite log, state file and checkpoint together. What they cannot change is what tells on them: keep the checkpoint where they have no access, and give it to verify_audit_chain with --anchor or --anchor-git-ref.",
        "The note goes to stdout, so any command can take it.",
      ],
      examples: ["--git-ref audit", "| ssh anchor 'cat > checkpoint'"],
      run: anchor,
    }),
  },
});

if (import.meta.main) await main(command);
