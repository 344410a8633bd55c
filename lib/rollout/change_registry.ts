import { RECORD_FLAGS } from "../audit_log/record_flags.ts";
import { appendAudit, type AuditRecord } from "../audit/append.ts";
import type { Context, Outcome } from "../command/command.ts";
import { boolean, text, type Values } from "../command/flag.ts";
import { UsageError } from "../command/errors.ts";
import type { Check } from "../report/check.ts";
import { createExclusive } from "../store/write_atomic.ts";
import { ChannelRuleError } from "./channel_change.ts";
import { type Channels, ChannelsError, RevisionConflictError } from "./channels.ts";
import { loadRegistry, unreadable } from "./load_registry.ts";
import { updateChannels } from "./update_channels.ts";

/** Where and how a change is put on record; the same for every script that changes state. */
export const AUDIT_FLAGS = {
  ...RECORD_FLAGS,
  "audit-actor": text({ help: "Actor in the audit log, where it is not --actor" }),
  "audit-strict": boolean({ help: "Refuse the change when it cannot be put on record" }),
  "skip-audit-log": boolean({ help: "Do not record the change" }),
};

/** The flags every change has. */
export interface ChangeFlags extends Values<typeof AUDIT_FLAGS> {
  file: string;
  reason: string | undefined;
  actor: string | undefined;
  "expect-revision": number | undefined;
  "dry-run": boolean;
}

type Run =
  & Pick<
    Context<Record<string, never>, undefined>,
    "root" | "inputs" | "nowS" | "correlation" | "checkpoint"
  >
  & {
    flags: ChangeFlags;
  };

/** The names a mutation cannot do without, such as --channel; and who decides it, and why. */
function demandFlags(
  flags: ChangeFlags,
  names: Record<string, string | undefined>,
  required: readonly string[],
): void {
  const given: Record<string, string | undefined> = {
    ...names,
    reason: flags.reason,
    actor: flags["audit-actor"] ?? flags.actor,
  };
  for (const name of [...required, "reason", "actor"]) {
    if (given[name] === undefined) {
      throw new UsageError(`--${name} is needed`, "--help shows what a change needs");
    }
  }
}

const REQUIRED: Record<string, readonly string[]> = { set: ["channel", "version"] };

/** One record of what was meant or done. */
async function record(
  run: Run,
  action: string,
  status: string,
  context: Record<string, unknown>,
): Promise<string | undefined> {
  const { flags } = run;
  if (flags["skip-audit-log"]) return undefined;
  const entry: AuditRecord = {
    action: `release_channel_${action}`,
    actor: flags["audit-actor"] ?? flags.actor ?? "",
    source: "release_channel_control",
    status,
    context: { reason: flags.reason ?? "", file: flags.file, ...context },
    correlation: run.correlation,
  };
  try {
    await appendAudit(run.root, entry, {
      log: flags["audit-log"],
      stateFile: flags["audit-state-file"],
    });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function auditCheck(fault: string | undefined, flags: ChangeFlags): Check {
  return {
    id: "change_recorded",
    ok: fault === undefined,
    mode: flags["audit-strict"] ? "enforce" : "warn",
    value: fault ?? (flags["skip-audit-log"] ? "left out by --skip-audit-log" : "recorded"),
    expect: "the change is in the audit log",
    hint: "run scripts/verify_audit_chain.ts to see what is wrong with the log",
    ...(flags["skip-audit-log"] ? { not_applicable: "left out by --skip-audit-log" } : {}),
  };
}

function refused(error: ChannelRuleError | RevisionConflictError, file: string): Check {
  return {
    id: error instanceof ChannelRuleError ? `change_allowed::${error.rule}` : "revision_expected",
    ok: false,
    mode: "enforce",
    value: error.message,
    expect: "a change that the rules allow",
    hint: `look at the registry with: release_channel_control status; then decide again`,
    location: { file },
  };
}

/** Creates the registry when asked to and there is none; another process may have been first. */
async function initialise(run: Run, initial: () => Channels): Promise<void> {
  try {
    await createExclusive(
      run.inputs.absolute(run.flags.file),
      JSON.stringify(initial(), null, 2) + "\n",
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** A change whose report has no place is not begun. */
async function announce(run: Run, action: string): Promise<void> {
  const { file } = run.flags;
  const check: Check = {
    id: "change_allowed",
    ok: true,
    mode: "enforce",
    value: action,
    expect: "a change that the rules allow",
    location: { file },
  };
  const headline = `${action}: begun, not ended`;
  await run.checkpoint({ checks: [check], headline, fields: { action, file } });
}

/** The registry as it is, or as it would begin. */
async function presentRegistry(run: Run, initial: (() => Channels) | undefined): Promise<Channels> {
  try {
    return await loadRegistry(run.root, run.flags.file, run.inputs);
  } catch (error) {
    const { cause } = error as Error;
    const missing = cause instanceof ChannelsError && cause.state === "missing";
    if (missing && initial !== undefined) return initial();
    throw error;
  }
}

/**
 * Changes the registry on the record: the intent is written to the audit log, then the registry
 * changes under its lock, then the outcome is written. A change that the log cannot take is refused
 * under `--audit-strict`, before anything was written.
 */
export async function changeRegistry(
  run: Run,
  action: string,
  names: Record<string, string | undefined>,
  change: (store: Channels) => Channels,
  initial?: () => Channels,
): Promise<Outcome> {
  const { flags, root, inputs, nowS } = run;
  demandFlags(flags, names, REQUIRED[action] ?? []);
  const context = Object.fromEntries(
    Object.entries(names).filter(([, value]) => value !== undefined),
  );
  try {
    if (flags["dry-run"]) {
      const before = await loadRegistry(root, flags.file, inputs);
      return outcome(
        action,
        before,
        change(before),
        auditCheck(undefined, { ...flags, "skip-audit-log": true }),
        true,
      );
    }
    change(await presentRegistry(run, initial)); // what is refused leaves no intent on record
    await announce(run, action);
    const fault = await record(run, action, "intent", context);
    if (fault !== undefined && flags["audit-strict"]) {
      return {
        checks: [auditCheck(fault, flags)],
        headline: `not changed: ${fault}`,
        fields: { action, file: flags.file },
      };
    }
    const expectRevision = flags["expect-revision"];
    const { before, after } = await Promise.try(async () => {
      if (initial !== undefined) await initialise(run, initial);
      return await updateChannels(root, inputs.absolute(flags.file), {
        purpose: `release_channel_control ${action}`,
        nowS,
        waitMs: 30_000,
        ...(expectRevision === undefined ? {} : { expectRevision }),
      }, change);
    }).catch(async (error: unknown) => {
      await record(run, action, "failed", { ...context, error: (error as Error).message });
      throw error;
    });
    const late = await record(run, action, "ok", { ...context, revision: after.revision ?? 0 });
    return outcome(action, before, after, auditCheck(fault ?? late, flags), false);
  } catch (error) {
    if (error instanceof ChannelsError) throw unreadable(error, flags.file);
    if (!(error instanceof ChannelRuleError || error instanceof RevisionConflictError)) throw error;
    return {
      checks: [refused(error, flags.file)],
      headline: error.message,
      fields: { action, file: flags.file },
    };
  }
}

function outcome(
  action: string,
  before: Channels,
  after: Channels,
  audited: Check,
  dryRun: boolean,
): Outcome {
  const row = after.history.at(-1);
  const revision = after.revision ?? 0;
  const words = row === undefined
    ? action
    : `${row.action} ${row.channel} ${row.from_version ?? ""} -> ${row.to_version ?? ""}`;
  return {
    checks: [
      {
        id: "change_allowed",
        ok: true,
        mode: "enforce",
        value: words,
        expect: "a change that the rules allow",
      },
      audited,
    ],
    headline: `${dryRun ? "would change: " : ""}${words.trim()}${
      dryRun ? "" : `, now at revision ${revision}`
    }`,
    fields: {
      action,
      dry_run: dryRun,
      channel: row?.channel ?? "",
      from_version: row?.from_version ?? "",
      to_version: row?.to_version ?? "",
      revision: { before: before.revision ?? 0, after: revision },
      history_row: row ?? null,
    },
  };
}
