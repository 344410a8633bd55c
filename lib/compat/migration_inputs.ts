import { z } from "zod";
import type { Inputs } from "../command/inputs.ts";
import type { ReleasePolicy } from "../policy/release_policy.ts";
import { type Check, notApplicable } from "../report/check.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import { sha256Hex } from "../store/digest.ts";
import { type BreakingNotes, breakingNotes } from "./breaking_notes.ts";
import type { MigrationFacts } from "./judge_migration.ts";
import type { KeptFile } from "./plan_markdown.ts";

/** What the stable channel serves; undefined where there is no such channel. */
export type Stable = { version: string; percent: number } | undefined;

const StableChannel = z.looseObject({
  channels: z.looseObject({
    stable: z.looseObject({ version: z.string(), rollout_percent: z.number() }).optional(),
  }),
});

/** A registry that is absent is no fault: then the matrix says where to come from. */
export async function stableChannel(
  inputs: Inputs,
  file: string,
): Promise<{ stable: Stable; check: Check }> {
  const id = "channel_registry_loaded";
  const loaded = await inputs.json(file, StableChannel);
  if (loaded.state === "missing") {
    const reason = `${loaded.path} does not exist, so nothing says what stable serves`;
    return { stable: undefined, check: notApplicable(id, "a well-formed registry", reason) };
  }
  const stable = loaded.state === "ok" ? loaded.value.channels.stable : undefined;
  return {
    stable: stable && { version: stable.version, percent: stable.rollout_percent },
    check: loadedCheck(id, loaded, "enforce"),
  };
}

/** The runtime files that the release policy wants to survive, as they are now. */
export async function keptFiles(policy: ReleasePolicy, inputs: Inputs): Promise<KeptFile[]> {
  const kept: KeptFile[] = [];
  for (const { path, required } of policy.runtime_data?.files ?? []) {
    const { state, bytes } = await inputs.text(path);
    kept.push({
      path,
      required,
      exists: state !== "missing",
      size: bytes?.length ?? 0,
      sha256: bytes === undefined ? null : await sha256Hex(bytes),
    });
  }
  return kept;
}

/** What the changelog warns of, for the versions that the move passes. */
export async function notesOf(
  { versions, direction }: MigrationFacts,
  inputs: Inputs,
  file: string,
  compare: (a: string, b: string) => number,
): Promise<BreakingNotes[]> {
  if (direction !== "upgrade" && direction !== "downgrade") return [];
  const changes = await inputs.text(file);
  if (changes.state !== "ok") return [];
  const [low, high] = direction === "upgrade"
    ? [versions.from, versions.to]
    : [versions.to, versions.from];
  return breakingNotes(changes.text, { low, high }, compare);
}
