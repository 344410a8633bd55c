import { type Check, notApplicable } from "../report/check.ts";
import type { MadeBundle } from "./make_bundle.ts";

function secretsCheck({ inventory }: MadeBundle): Check {
  const found = inventory.filter(({ reason }) => reason.startsWith("holds a secret"));
  return {
    id: "bundle_free_of_secrets",
    ok: found.length === 0,
    mode: found.some((row) => row.required) ? "enforce" : "warn",
    value: {
      examined: inventory.filter((row) => row.exists).length,
      left_out: found.map(({ path, reason }) => `${path} ${reason}`),
    },
    expect: "no key, token, password or webhook address in any file",
    hint: "replace the secret by the name of an environment variable, and renew it",
    ...(found[0] === undefined ? {} : { location: { file: found[0].path } }),
  };
}

function sourceChecks(made: MadeBundle, maxBytes: number): Check[] {
  const { inventory, bytes } = made;
  const required = inventory.filter((row) => row.required);
  const missing = required.filter((row) => !row.copied);
  const leftOut = inventory.filter((row) => !row.required && row.exists && !row.copied);
  return [
    {
      id: "required_files_present",
      ok: required.length > 0 && missing.length === 0,
      mode: "enforce",
      value: {
        examined: required.length,
        missing: missing.map(({ path, reason }) => `${path} ${reason}`),
      },
      expect: "every required file is copied",
      hint: missing[0] === undefined
        ? "name required files in the release policy"
        : `mend or create ${missing[0].path}`,
      ...(missing[0] === undefined ? {} : { location: { file: missing[0].path } }),
    },
    {
      id: "optional_files_copied",
      ok: leftOut.length === 0,
      mode: "warn",
      value: {
        examined: inventory.length - required.length,
        left_out: leftOut.map(({ path, reason }) => `${path} ${reason}`),
      },
      expect: "every optional file that exists is copied",
      hint: "make them regular, readable files without secrets",
    },
    secretsCheck(made),
    {
      id: "bundle_size_within_budget",
      ok: bytes <= maxBytes,
      mode: "enforce",
      value: bytes,
      expect: `<= ${maxBytes} bytes`,
      hint: "lower --recent, or raise --max-bytes",
    },
  ];
}

function bundleChecks({ folder, verification, rehearsal, releaseFault }: MadeBundle): Check[] {
  const nothing = "no bundle was made";
  if (folder === undefined || verification === undefined || rehearsal === undefined) {
    return [
      notApplicable("bundle_verified", "the bundle verifies from its files", nothing),
      notApplicable("restore_rehearsed", "the bundle can be restored", nothing),
    ];
  }
  return [
    {
      id: "bundle_verified",
      ok: verification.ok && verification.examined > 0,
      mode: "enforce",
      value: { examined: verification.examined, faults: verification.faults },
      expect: "every file has the digest of the manifest",
      hint: "make the bundle again; if it fails again, look at the disk",
    },
    {
      id: "restore_rehearsed",
      ok: rehearsal.ok && rehearsal.files > 0,
      mode: "enforce",
      value: rehearsal,
      expect: "restored files are the same byte by byte, and can be read",
      hint: rehearsal.faults[0] === undefined ? "make it again" : `mend ${rehearsal.faults[0]}`,
    },
    {
      id: "release_state_recorded",
      ok: releaseFault === undefined,
      mode: "enforce",
      value: releaseFault ?? "recorded",
      expect: "versions and traffic weight of the channel registry",
      hint: "run deno task release_channel_control validate",
    },
  ];
}

/** Every row about a bundle that was, or was not, made. */
export function judgeBundle(made: MadeBundle, maxBytes: number): Check[] {
  return [...sourceChecks(made, maxBytes), ...bundleChecks(made)];
}
