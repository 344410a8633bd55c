#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data,security --allow-env=WA_RELEASE_*,WA_AUDIT_CHAIN_*,GITHUB_ACTIONS,GITHUB_ACTOR --allow-run=git
/**
 * Holds and changes which version each release channel serves.
 * @module
 */
import { defineCommands, subcommand } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { boolean, integer, path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { AUDIT_FLAGS, type ChangeFlags, changeRegistry } from "../lib/rollout/change_registry.ts";
import {
  freeze,
  promote,
  rollback,
  setVersion,
  unfreeze,
} from "../lib/rollout/channel_operations.ts";
import {
  type ChangeBy,
  channelOf,
  demandVersion,
  demandWho,
  withRow,
} from "../lib/rollout/channel_change.ts";
import { type Channels, ChannelsError, type HistoryRow } from "../lib/rollout/channels.ts";
import { historyArchivePath, readHistoryArchive } from "../lib/rollout/history_archive.ts";
import { initialRegistry, loadRegistry, unreadable } from "../lib/rollout/load_registry.ts";
import { validateRegistry } from "../lib/rollout/validate_registry.ts";

const file = path({ default: "security/release_channels.json", help: "Channel registry" });
const actor = text({
  env: "GITHUB_ACTOR",
  help: "Who decides this; recorded in history and audit log",
});
const reason = text({ help: "Why, in a sentence; recorded in history and audit log" });

const change = {
  file,
  reason,
  actor,
  "expect-revision": integer({ min: 0, help: "Refuse if the registry is at another revision" }),
  "dry-run": boolean({ help: "Show the change, write nothing" }),
  ...AUDIT_FLAGS,
};

const by = (flags: ChangeFlags, nowS: number): ChangeBy => ({
  reason: flags.reason ?? "",
  actor: flags.actor ?? flags["audit-actor"] ?? "",
  nowS,
});

function untilS(text: string | undefined): number | null {
  if (text === undefined) return null;
  try {
    return Temporal.Instant.from(text).epochMilliseconds / 1000;
  } catch (cause) {
    const hint = "write --until=2026-01-31T18:00:00Z";
    throw new UsageError(`--until is "${text}", expected an RFC 3339 time`, hint, { cause });
  }
}

/** What `set` is asked for. */
interface Setting {
  channel: string;
  version: string;
  rolloutPercent?: number;
}

/** A first registry, only of what a change could be made to as well: nothing else is written. */
function firstRegistry({ channel, version }: Setting, nowS: number): Channels {
  const action = "begin a registry";
  demandVersion(version, action);
  const registry = initialRegistry(version, nowS);
  channelOf(registry, channel, action);
  return registry;
}

/** Puts on record who began a registry, where it began with what shall be set. */
function beginOrSet(store: Channels, setting: Setting, who: ChangeBy): Channels {
  const { channel, version, rolloutPercent } = setting;
  const now = store.channels[channel];
  const begun = store.history.length === 0 && now?.version === version &&
    (rolloutPercent ?? now.rollout_percent) === now.rollout_percent;
  if (!begun) return setVersion(store, { ...setting, ...who });
  demandWho(who, "begin a registry");
  const row = { action: "init", channel, from_version: "", to_version: version };
  return withRow(store, row, who);
}

/** Rows that have left the registry, for a rollback that reaches far back. */
async function archivedRows(path: string): Promise<HistoryRow[]> {
  try {
    return await readHistoryArchive(path);
  } catch (error) {
    if (!(error instanceof ChannelsError)) throw error;
    throw unreadable(error, historyArchivePath(path));
  }
}

export const command = defineCommands({
  name: "release_channel_control",
  summary: "Hold and change which version each release channel serves",
  commands: {
    validate: subcommand({
      summary: "Judge whether the registry is sound and names the version under release",
      kind: "gate",
      artifact: "release_channels_validate",
      strictEnv: "WA_RELEASE_CHANNEL_STRICT",
      flags: {
        file,
        "init-file": path({ help: "File that states the version, of any supported kind" }),
        "expected-version": text({ help: "Version some channel must serve (default: the code's)" }),
      },
      run: (run) => validateRegistry(run, run.flags),
    }),
    status: subcommand({
      summary: "Print the registry as JSON",
      kind: "gate",
      flags: { file },
      async run({ root, flags, inputs }) {
        const store = await loadRegistry(root, flags.file, inputs);
        const { channels, revision = 0 } = store;
        return {
          checks: [{
            id: "registry_readable",
            ok: true,
            mode: "enforce",
            value: flags.file,
            expect: "a registry",
          }],
          headline: `revision ${revision}: ${
            Object.entries(channels).map(([name, { version, rollout_percent }]) =>
              `${name} ${version} at ${rollout_percent} percent`
            ).join(", ")
          }`,
          fields: { store },
          stdout: JSON.stringify(store, null, 2) + "\n",
        };
      },
    }),
    history: subcommand({
      summary: "Print the changes of the registry, newest last, one JSON object a line",
      kind: "gate",
      flags: { file, limit: integer({ default: 20, min: 1, help: "How many of the newest rows" }) },
      async run({ root, flags, inputs }) {
        const { history } = await loadRegistry(root, flags.file, inputs);
        const rows = history.slice(-flags.limit);
        return {
          checks: [{
            id: "registry_readable",
            ok: true,
            mode: "enforce",
            value: rows.length,
            expect: "a registry",
          }],
          headline: `${rows.length} of ${history.length} changes`,
          fields: { history: rows },
          stdout: rows.map((row) => JSON.stringify(row) + "\n").join(""),
        };
      },
    }),
    set: subcommand({
      summary: "Set the version of a channel",
      kind: "actor",
      artifact: "release_channels_change",
      flags: {
        ...change,
        channel: text({ help: "Channel to change", placeholder: "NAME" }),
        version: text({ help: "Version it serves from now on", placeholder: "X.Y.Z" }),
        "rollout-percent": integer({
          min: 0,
          max: 100,
          help: "Share of traffic; stable always has 100",
        }),
        init: boolean({ help: "Create the registry if there is none" }),
      },
      run: (run) => {
        const { channel, version, "rollout-percent": percent } = run.flags;
        const setting = {
          channel: channel ?? "",
          version: version ?? "",
          ...(percent === undefined ? {} : { rolloutPercent: percent }),
        };
        const who = by(run.flags, run.nowS);
        const names = { channel, version };
        return run.flags.init
          ? changeRegistry(
            run,
            "set",
            names,
            (store) => beginOrSet(store, setting, who),
            () => firstRegistry(setting, run.nowS),
          )
          : changeRegistry(run, "set", names, (store) => setVersion(store, { ...setting, ...who }));
      },
    }),
    promote: subcommand({
      summary: "Let a channel serve the version that another one has proven",
      kind: "actor",
      artifact: "release_channels_change",
      flags: {
        ...change,
        source: text({ default: "canary", help: "Channel that serves the version now" }),
        target: text({ default: "stable", help: "Channel that shall serve it" }),
        version: text({
          help: "Must be the source's version (default: that)",
          placeholder: "X.Y.Z",
        }),
        "override-version": boolean({
          help: "Accept another version than the source's, and record that",
        }),
      },
      run: (run) => {
        const { source, target, version } = run.flags;
        return changeRegistry(
          run,
          "promote",
          { source, target, version },
          (store) =>
            promote(store, {
              source,
              target,
              ...(version === undefined ? {} : { version }),
              overrideVersion: run.flags["override-version"],
              ...by(run.flags, run.nowS),
            }),
        );
      },
    }),
    rollback: subcommand({
      summary: "Set a channel back to a version it has served before",
      kind: "actor",
      artifact: "release_channels_change",
      flags: {
        ...change,
        channel: text({ default: "stable", help: "Channel to set back" }),
        "to-version": text({
          help: "Default: the last lower version it served",
          placeholder: "X.Y.Z",
        }),
        "allow-unknown": boolean({ help: "Accept a version it is not known to have served" }),
        "allow-forward": boolean({ help: "Accept a version that is not lower" }),
      },
      run: async (run) => {
        const { channel, "to-version": toVersion } = run.flags;
        const archived = await archivedRows(run.inputs.absolute(run.flags.file));
        return await changeRegistry(
          run,
          "rollback",
          { channel, "to-version": toVersion },
          (store) =>
            rollback(store, {
              channel,
              ...(toVersion === undefined ? {} : { toVersion }),
              allowUnknown: run.flags["allow-unknown"],
              allowForward: run.flags["allow-forward"],
              archived,
              ...by(run.flags, run.nowS),
            }),
        );
      },
    }),
    freeze: subcommand({
      summary: "Forbid promotions and new rollouts; the way back stays open",
      kind: "actor",
      artifact: "release_channels_change",
      flags: {
        ...change,
        until: text({ placeholder: "TIME", help: "RFC 3339 time; without it, until lifted" }),
      },
      run: (run) =>
        changeRegistry(
          run,
          "freeze",
          { until: run.flags.until },
          (store) => freeze(store, { untilS: untilS(run.flags.until), ...by(run.flags, run.nowS) }),
        ),
    }),
    unfreeze: subcommand({
      summary: "Lift a freeze",
      kind: "actor",
      artifact: "release_channels_change",
      flags: change,
      run: (run) =>
        changeRegistry(run, "unfreeze", {}, (store) => unfreeze(store, by(run.flags, run.nowS))),
    }),
  },
});

if (import.meta.main) await main(command);
