#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-env=WA_ROLLBACK_DRILL_*,WA_AUDIT_CHAIN_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Bundles what a rollback needs, verifies the bundle, and rehearses its restoration.
 * @module
 */
import { auditPaths } from "../lib/audit/paths.ts";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { integer, list, path, secret, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { readCodeVersions } from "../lib/governance/versions.ts";
import { ReleasePolicy } from "../lib/policy/release_policy.ts";
import { stamp } from "../lib/report/artifact.ts";
import type { Check } from "../lib/report/check.ts";
import { bundleCorrelation, correlationChecks } from "../lib/rollback/bundle_correlation.ts";
import { type BundleSource, bundleSources } from "../lib/rollback/bundle_sources.ts";
import { judgeBundle } from "../lib/rollback/judge_bundle.ts";
import { makeBundle } from "../lib/rollback/make_bundle.ts";
import { recordAudit } from "../lib/rollback/record_audit.ts";
import { restoreBundle, RestoreError } from "../lib/rollback/restore_bundle.ts";
import { verifyBundle } from "../lib/rollback/verify_bundle.ts";
import { AUDIT_FLAGS } from "../lib/rollout/change_registry.ts";

const flags = {
  "out-dir": path({ default: ".data/out", help: "Folder that gets the bundle" }),
  label: text({ help: "End of the bundle's name: letters, digits, dot, dash, underscore" }),
  recent: integer({ default: 2, min: 1, help: "How many of the newest reports of each kind" }),
  require: list({ placeholder: "PATH", help: "Further file without which no bundle is made" }),
  "max-bytes": integer({ default: 268_435_456, min: 1, help: "Largest bundle, bytes" }),
  verify: path({ placeholder: "BUNDLE", help: "Check a bundle from its files, instead" }),
  restore: path({ placeholder: "BUNDLE", help: "Restore a bundle into --into, instead" }),
  into: path({ default: ".data/restored", help: "Empty folder that a bundle is restored into" }),
  "signing-key": secret({
    env: "WA_ROLLBACK_DRILL_SIGNING_KEY",
    help: "Not used; given so that no file that holds it is copied",
  }),
  ...AUDIT_FLAGS,
};

type Run = Context<typeof flags, undefined>;

const LABEL = /^[A-Za-z0-9._-]{1,64}$/;

function bundleName(label: string | undefined, nowS: number): string {
  const name = `rollback_bundle_${stamp(nowS)}`;
  if (label === undefined) return name;
  if (LABEL.test(label) && !/^\.+$/.test(label)) return `${name}_${label}`;
  throw new UsageError(
    `--label is "${label}", expected 1 to 64 letters, digits, dots, dashes or underscores`,
  );
}

async function sources(run: Run): Promise<BundleSource[]> {
  const { root, inputs, flags } = run;
  const loaded = await inputs.json("security/release_policy.json", ReleasePolicy);
  const policy = loaded.state === "ok" ? loaded.value : undefined;
  const { stated } = await readCodeVersions(root, policy, []);
  const paths = auditPaths(root, { log: flags["audit-log"], stateFile: flags["audit-state-file"] });
  const outside = flags.require.find((path) => inputs.shown(path) !== path);
  if (outside !== undefined) {
    throw new UsageError(`--require is "${outside}", expected a path inside the repository`);
  }
  return await bundleSources(root, {
    policy,
    versionFiles: stated.filter(({ answer }) => answer.state === "ok").map(({ source }) =>
      source.path
    ),
    alsoRequired: flags.require,
    recent: flags.recent,
    auditFiles: [paths.log, paths.state].map((path) => inputs.shown(path))
      .filter((path) => !path.startsWith("/")),
  });
}

async function create(run: Run): Promise<Outcome> {
  const { root, inputs, flags, nowS, correlation } = run;
  const label = flags.label ?? "";
  const key = flags["signing-key"];
  const name = bundleName(flags.label, nowS);
  const paths = auditPaths(root, { log: flags["audit-log"], stateFile: flags["audit-state-file"] });
  const made = await makeBundle({
    root,
    outDir: inputs.absolute(flags["out-dir"]),
    name,
    label,
    nowS,
    commit: (await run.git()).commit,
    correlation: {
      correlation_id: correlation.correlation_id,
      release_candidate_id: correlation.release_candidate_id,
    },
    sources: await sources(run),
    auditLog: paths.log,
    maxBytes: flags["max-bytes"],
    secrets: key === undefined ? [] : [key],
  });
  const ids = await bundleCorrelation(root, nowS);
  const checks = [
    ...judgeBundle(made, flags["max-bytes"]),
    ...correlationChecks(ids, run.gate),
  ];
  const bundleRoot = made.folder === undefined ? "" : inputs.shown(made.folder);
  const missing = made.inventory.filter((row) => row.required && !row.copied)
    .map((row) => row.path);
  const ok = checks.every((check) => check.ok || check.mode === "warn");
  const { check, audit } = await recordAudit(run, {
    action: "rollback_bundle_create",
    source: "create_rollback_bundle",
    ok,
    context: {
      bundle_root: bundleRoot,
      label,
      strict: run.strict,
      missing_required_count: missing.length,
      file_count: made.manifest?.files.length ?? 0,
      manifest_sha256: made.manifest?.manifest_sha256 ?? "",
    },
  });
  const files = made.manifest?.files.length ?? 0;
  return {
    label,
    checks: [...checks, check],
    headline: bundleRoot === ""
      ? `no bundle was made: ${missing[0] ?? "it"} cannot be copied`
      : `${files} files in ${bundleRoot}, restored and compared in ${
        made.rehearsal?.restore_s ?? 0
      } s`,
    fields: {
      generated_at: nowS,
      bundle_root: bundleRoot,
      bundle_manifest_sha256: made.manifest?.manifest_sha256 ?? "",
      bundle_bytes: made.bytes,
      label,
      missing_required: missing,
      bundle_correlation: ids,
      release: made.manifest?.release ?? null,
      restore: made.manifest?.restore ?? [],
      rehearsal: made.rehearsal ?? null,
      swept_staging_folders: made.swept,
      files: made.inventory,
      audit,
    },
  };
}

async function verify(run: Run, bundle: string): Promise<Outcome> {
  const shown = run.inputs.shown(bundle);
  const { ok, examined, faults, manifest } = await verifyBundle(run.inputs.absolute(bundle));
  const check: Check = {
    id: "bundle_verified",
    ok: ok && examined > 0,
    mode: "enforce",
    value: { examined, faults: faults.slice(0, 50) },
    expect: "every file has the digest of the manifest",
    hint: "do not use this bundle; make one with: deno task create_rollback_bundle",
    location: { file: shown },
  };
  return {
    artifact: "rollback_bundle_verify",
    checks: [check],
    headline: check.ok
      ? `${shown} holds: ${examined} files`
      : `${shown} does not hold: ${faults[0]}`,
    fields: { bundle_root: shown, bundle_manifest_sha256: manifest?.manifest_sha256 ?? "", faults },
  };
}

async function restore(run: Run, bundle: string): Promise<Outcome> {
  const { inputs, flags } = run;
  const shown = inputs.shown(bundle);
  const artifact = "rollback_bundle_restore";
  const expect = "a bundle that verifies, in an empty folder";
  const into = inputs.shown(flags.into);
  const row = { id: "bundle_restored", mode: "enforce" as const, expect };
  try {
    const { files, restore } = await restoreBundle(
      inputs.absolute(bundle),
      inputs.absolute(flags.into),
    );
    return {
      artifact,
      checks: [{ ...row, ok: true, value: { files: files.length, into } }],
      headline: `${files.length} files of ${shown} are in ${into}`,
      fields: { bundle_root: shown, into, files },
      nextActions: [
        `compare ${into} with the repository, then copy what is to go back`,
        ...restore,
      ],
    };
  } catch (error) {
    if (!(error instanceof RestoreError)) throw error;
    const hint = "choose a bundle that verifies, and an empty folder with --into";
    return {
      artifact,
      checks: [{ ...row, ok: false, value: error.message, hint }],
      headline: error.message,
      fields: { bundle_root: shown, into, files: [] },
    };
  }
}

export const command = defineCommand({
  name: "create_rollback_bundle",
  summary: "Bundle what a rollback needs, and rehearse its restoration",
  kind: "producer",
  artifact: "rollback_bundle_report",
  flags,
  details: [
    "Copies the channel registry, every policy, the files that state versions, lockfiles, runtime state, the audit log and the newest reports of each kind into .data/out/rollback_bundle_<time>_<label>, with a manifest of digests. The folder gets its name in one step once it is whole; sha256sum --check SHA256SUMS verifies it without this toolkit.",
    "Then it is verified from its files, restored into a temporary root, compared byte by byte, and registry and policies are read from there. A file that holds a secret is left out; when it is a required one no bundle is made.",
  ],
  examples: [
    "--label drill --recent 4",
    "--verify .data/out/rollback_bundle_20260131T080000Z_drill",
    "--restore .data/out/rollback_bundle_20260131T080000Z_drill --into .data/restored",
  ],
  run(run) {
    if (run.flags.verify !== undefined) return verify(run, run.flags.verify);
    if (run.flags.restore !== undefined) return restore(run, run.flags.restore);
    return create(run);
  },
});

if (import.meta.main) await main(command);
