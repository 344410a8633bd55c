import type { Context, Outcome } from "../command/command.ts";
import type { Flags } from "../command/flag.ts";
import { UsageError } from "../command/errors.ts";
import { readCodeVersions, sourceFromFlag } from "../governance/versions.ts";
import { ReleasePolicy } from "../policy/release_policy.ts";
import { resolve } from "@std/path/resolve";
import { type Channels, ChannelsError, readChannelsWithDigest } from "./channels.ts";
import { judgeChannels } from "./judge_channels.ts";

interface ValidateFlags {
  file: string;
  "init-file": string | undefined;
  "expected-version": string | undefined;
}

/** The version the code states; the release policy may name where. */
async function codeVersion(
  run: Context<Flags, undefined>,
  initFile: string | undefined,
): Promise<string> {
  const policy = await run.inputs.json("security/release_policy.json", ReleasePolicy);
  const given = initFile === undefined ? undefined : sourceFromFlag(initFile);
  if (initFile !== undefined && given === undefined) {
    throw new UsageError(
      `Cannot tell how "${initFile}" states a version`,
      "give the version with --expected-version",
    );
  }
  const versions = await readCodeVersions(
    run.root,
    policy.state === "ok" ? policy.value : undefined,
    given === undefined ? [] : [given],
  );
  return versions.appVersion;
}

async function readRegistry(
  run: Context<Flags, undefined>,
  file: string,
): Promise<Channels | ChannelsError> {
  try {
    const { store, sha256 } = await readChannelsWithDigest(resolve(run.root, file));
    run.inputs.note(file, "ok", sha256);
    return store;
  } catch (error) {
    if (!(error instanceof ChannelsError)) throw error;
    run.inputs.note(file, error.state);
    return error;
  }
}

/** Judges the registry; reads only. */
export async function validateRegistry(
  run: Context<Flags, undefined>,
  flags: ValidateFlags,
): Promise<Outcome> {
  const store = await readRegistry(run, flags.file);
  const location = { file: flags.file };
  const expect = "a registry that is there and keeps to its schema";
  if (store instanceof ChannelsError) {
    const hint = store.state === "missing"
      ? `create it with: release_channel_control set --init --channel stable --version X.Y.Z`
      : `mend ${flags.file}, or restore it from git`;
    return {
      checks: [{
        id: "registry_loaded",
        ok: false,
        mode: "enforce",
        value: store.message,
        expect,
        hint,
        location,
      }],
      headline: store.message,
      fields: { file: flags.file },
    };
  }
  const expected = flags["expected-version"] ?? await codeVersion(run, flags["init-file"]);
  const checks = judgeChannels(store, {
    strictMode: run.gate,
    nowS: run.nowS,
    ...(expected === "" ? {} : { expectedVersion: expected }),
  });
  const { canary, stable } = store.channels;
  return {
    checks: [
      { id: "registry_loaded", ok: true, mode: "enforce", value: "ok", expect, location },
      ...checks.map((check) => ({ location, ...check })),
    ],
    headline: `revision ${store.revision ?? 0}: stable ${stable?.version ?? "missing"}, canary ${
      canary?.version ?? "missing"
    } at ${canary?.rollout_percent ?? 0} percent`,
    fields: { file: flags.file, expected_version: expected, store },
  };
}
