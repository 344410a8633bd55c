#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-env=WA_AUDIT_CHAIN_*,WA_RELEASE_*,GITHUB_ACTIONS,GITHUB_ACTOR --allow-run=git
/**
 * Appends to the audit log, shows it, proves what is in it, and signs checkpoints of it.
 * @module
 */
import { readRecords } from "../lib/audit/import_records.ts";
import { auditPaths } from "../lib/audit/paths.ts";
import { showEntries } from "../lib/audit/show_entries.ts";
import { ANCHOR_FLAGS, anchorCheckpoint } from "../lib/audit_log/anchor_checkpoint.ts";
import { appendEntries, parseContext } from "../lib/audit_log/append_entries.ts";
import { LOG_FLAGS, TRUST_POLICY } from "../lib/audit_log/log_flags.ts";
import { PROVE_FLAGS, proveLog, verifyProof } from "../lib/audit_log/prove_log.ts";
import { CHECKPOINT_FLAGS, signCheckpoint } from "../lib/audit_log/sign_checkpoint.ts";
import { defineCommands, subcommand } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { boolean, integer, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";

const initState = boolean({ help: "Begin a state file for a log that has none, on the record" });

export const command = defineCommands({
  name: "audit_log",
  summary: "Append to the audit log, show it, prove what is in it, sign checkpoints of it",
  commands: {
    append: subcommand({
      summary: "Append one entry",
      kind: "actor",
      flags: {
        ...LOG_FLAGS,
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
        return appendEntries(run, [record]);
      },
    }),
    import: subcommand({
      summary: "Append all records of a file, one JSON object a line, or none of them",
      kind: "actor",
      operands: { name: "FILE", help: "Records: action, actor, source, status, context", most: 1 },
      flags: { ...LOG_FLAGS, "init-state": initState },
      async run(run) {
        const [file] = run.operands;
        if (file === undefined) throw new UsageError("Name the records: audit_log import FILE");
        const read = await run.inputs.text(file);
        if (read.state !== "ok") throw new UsageError(`Cannot import "${file}": ${read.message}`);
        const parsed = readRecords(read.text, run.correlation);
        if (!parsed.ok) throw new UsageError(`Cannot import "${file}": ${parsed.reason}`);
        return await appendEntries(run, parsed.records);
      },
    }),
    show: subcommand({
      summary: "Print the newest entries, oldest first, one JSON object a line",
      kind: "gate",
      flags: {
        ...LOG_FLAGS,
        limit: integer({ default: 20, min: 1, max: 100_000, help: "How many" }),
        action: text({ help: "Only entries of this action" }),
        candidate: text({ help: "Only entries of this release candidate" }),
      },
      async run(run) {
        const { log, limit, action, candidate } = run.flags;
        const paths = auditPaths(run.root, { log });
        const rows = await showEntries(paths.log, { limit, action, candidate }).catch((error) => {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
          throw new UsageError(`There is no ${paths.logName}`, "name the log with --log");
        });
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
      policy: TRUST_POLICY,
      flags: PROVE_FLAGS,
      run: proveLog,
    }),
    "verify-proof": subcommand({
      summary: "Check a proof from its file alone",
      kind: "gate",
      artifact: "audit_proof_verify",
      policy: TRUST_POLICY,
      operands: { name: "FILE", help: "What prove printed", most: 1 },
      flags: {},
      run: verifyProof,
    }),
    checkpoint: subcommand({
      summary: "Sign size and root of the log, after verifying it against the checkpoint before",
      kind: "actor",
      artifact: "audit_checkpoint",
      policy: TRUST_POLICY,
      flags: CHECKPOINT_FLAGS,
      run: signCheckpoint,
    }),
    anchor: subcommand({
      summary: "Print the newest checkpoint, or keep it in git notes or a file outside",
      kind: "actor",
      policy: TRUST_POLICY,
      flags: ANCHOR_FLAGS,
      details: [
        "Whoever can write the workspace can rewrite log, state file and checkpoint together. What they cannot change is what tells on them: keep the checkpoint where they have no access, and give it to verify_audit_chain with --anchor or --anchor-git-ref.",
        "The note goes to stdout, so any command can take it.",
      ],
      examples: ["--git-ref audit", "| ssh anchor 'cat > checkpoint'"],
      run: anchorCheckpoint,
    }),
  },
});

if (import.meta.main) await main(command);
