import { join } from "@std/path/join";
import { changedChannel, type Channels, readChannels, revisionOf } from "../rollout/channels.ts";
import { splitOf } from "../rollout/traffic_split.ts";
import type { BundleRelease } from "./bundle_manifest.ts";
import { REGISTRY_PATH } from "./bundle_sources.ts";

/** The version stable served before the one it serves, by the registry's history. */
function previousStable({ channels, history }: Channels): string | null {
  const version = channels.stable?.version;
  const row = history.findLast((each) =>
    changedChannel(each) === "stable" && each.to_version === version &&
    each.from_version !== undefined && each.from_version !== "" && each.from_version !== version
  );
  return row?.from_version ?? null;
}

/**
 * What a copied registry says is released.
 *
 * @param folder Folder that holds the copy.
 * @throws {ChannelsError} If it is missing or malformed.
 * @throws {RangeError} If it lacks canary or stable.
 */
export async function bundleRelease(folder: string): Promise<BundleRelease> {
  const store = await readChannels(join(folder, REGISTRY_PATH));
  const split = splitOf(store);
  return {
    canary_version: split.canary_version,
    stable_version: split.stable_version,
    previous_stable_version: previousStable(store),
    canary_weight: split.canary_weight,
    revision: revisionOf(store),
  };
}

/** The commands that bring back what a bundle holds, in order. */
export function restorePlan(name: string, release: BundleRelease | null): string[] {
  const restore = [
    `deno task create_rollback_bundle --verify .data/out/${name}`,
    `deno task create_rollback_bundle --restore .data/out/${name} --into .data/restored`,
  ];
  if (release === null) return restore;
  const { previous_stable_version: previous } = release;
  return [
    ...restore,
    'deno task release_rollout_executor --abort --apply --reason "REASON"',
    ...(previous === null ? [] : [
      `deno task release_rollout_executor --rollback-stable --to-version ${previous} --apply --reason "REASON"`,
    ]),
  ];
}
