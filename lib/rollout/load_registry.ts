import { IoError } from "../command/errors.ts";
import type { Inputs } from "../command/inputs.ts";
import { resolve } from "@std/path/resolve";
import { type Channels, ChannelsError, readChannelsWithDigest } from "./channels.ts";

/**
 * Reads the registry for a script and records it among the inputs.
 *
 * @throws {IoError} If it is missing or broken; it is left as it is.
 */
export async function loadRegistry(root: string, path: string, inputs: Inputs): Promise<Channels> {
  try {
    const { store, sha256 } = await readChannelsWithDigest(resolve(root, path));
    inputs.note(path, "ok", sha256);
    return store;
  } catch (error) {
    if (!(error instanceof ChannelsError)) throw error;
    inputs.note(path, error.state);
    throw unreadable(error, path);
  }
}

/** What a broken registry means for the operator. */
export function unreadable(error: ChannelsError, path: string): IoError {
  const hint = error.state === "missing"
    ? `create it with: release_channel_control set --init --channel stable --version X.Y.Z, or name it with --file`
    : `mend ${path} by hand or restore it from git; nothing was written`;
  return new IoError(error.message, hint, { cause: error });
}

/** A registry for a repository that has none: both channels serve the same version. */
export function initialRegistry(version: string, nowS: number): Channels {
  const channel = { version, rollout_percent: 0, updated_at: nowS };
  return {
    version: 1,
    updated_at: nowS,
    revision: 0,
    channels: { canary: channel, stable: { ...channel, rollout_percent: 100 } },
    history: [],
  };
}
