import { Channels } from "../../lib/rollout/channels.ts";
import { runScript, type ScriptEnd } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";

/** The script under test. */
export const SCRIPT = "release_channel_control";
/** Where the registry stands. */
export const FILE = "security/release_channels.json";
/** Where the audit log stands. */
export const LOG = ".data/audit/operations_audit_chain.ndjson";
/** Who changes it, and why. */
export const WHO = ["--reason=a test", "--actor=tester"];
/** When the sample registry was made, epoch seconds. */
export const T0 = 1_767_225_600;

/** A channel of the sample registry. */
export const channel = (version: string, rollout_percent: number): object => ({
  version,
  rollout_percent,
  updated_at: T0,
});
/** A history row of the sample registry. */
export const row = (name: string, from_version: string, to_version: string): object => ({
  ts: T0,
  action: "set",
  channel: name,
  from_version,
  to_version,
  reason: "r",
  actor: "a",
});

/** A sound registry, with a channel and fields that the toolkit does not know. */
export const REGISTRY = {
  version: 1,
  updated_at: T0,
  revision: 3,
  team: { pager: "ops" },
  channels: {
    canary: { ...channel("1.3.0", 5), region: "eu" },
    stable: channel("1.2.0", 100),
    "beta-us": channel("1.4.0-rc.1", 50),
  },
  history: [
    { ...row("stable", "1.0.0", "1.1.0"), ticket: "T-1" },
    row("stable", "1.1.0", "1.2.0"),
    row("canary", "1.2.0", "1.3.0"),
  ],
};

/** A repository whose registry this is. */
export function governed(registry: Content = REGISTRY): Promise<TempRepository> {
  return TempRepository.make({ "deno.json": { version: "1.3.0" }, [FILE]: registry });
}

/** Runs the script for its report. */
export const control = (repository: TempRepository, ...args: string[]): Promise<ScriptEnd> =>
  runScript(SCRIPT, [...args, "--json"], { root: repository.root });

/** Reads the registry, which must be sound. */
export const registryOf = async (repository: TempRepository): Promise<Channels> =>
  Channels.parse(await repository.json(FILE));
