#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_RELEASE_*,WA_AUDIT_CHAIN_*,GITHUB_ACTIONS,GITHUB_ACTOR --allow-run=git
/**
 * Seals a release candidate: one record of what is released and of the evidence of its gates.
 * @module
 */
import { appendAudit } from "../lib/audit/append.ts";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { boolean, integer, list, number, path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { readCodeVersions, sourceFromFlag } from "../lib/governance/versions.ts";
import { collectArtifacts } from "../lib/manifest/artifacts.ts";
import { defaultPatterns, evidenceSources, mapEvidence } from "../lib/manifest/evidence_map.ts";
import { judgeManifest } from "../lib/manifest/judge_manifest.ts";
import {
  type ManifestContent,
  manifestDigests,
  ReleaseManifest,
} from "../lib/manifest/manifest.ts";
import { decideSeal, readIndex, sealRevision } from "../lib/manifest/release_index.ts";
import { verifyManifest } from "../lib/manifest/verify_manifest.ts";
import { ReleasePolicy } from "../lib/policy/release_policy.ts";
import { STEPS } from "../lib/preflight/registry.ts";
import { CANDIDATE_ID, candidateId } from "../lib/project/candidate.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";

const flags = {
  policy: path({
    default: "security/release_policy.json",
    help: "Release policy; names the artifacts",
  }),
  "init-file": path({ help: "File that states the version, of any supported kind" }),
  "release-candidate-id": text({
    env: "WA_RELEASE_CANDIDATE_ID",
    help: "Default: rc-<version>-<commit>",
  }),
  "gate-evidence-pattern": list({
    placeholder: "GLOB",
    help: "Evidence to map, instead of that of every preflight gate",
  }),
  "gate-evidence-recent": integer({
    default: 1,
    min: 1,
    help: "How many of the newest files of each gate",
  }),
  "max-evidence-age-s": number({
    default: 86_400,
    min: 0,
    help: "Oldest evidence that counts, seconds",
  }),
  "require-gate-evidence": boolean({
    env: "WA_RELEASE_MANIFEST_REQUIRE_GATE_EVIDENCE",
    help: "Enforce that every gate has valid evidence",
  }),
  "allow-failed": list({
    placeholder: "GATE",
    help: "Gate whose failed evidence is accepted, on the record",
  }),
  "require-clean-git": boolean({
    env: "WA_RELEASE_REQUIRE_CLEAN_GIT",
    help: "Enforce that the working tree is exactly a commit",
  }),
  artifact: list({ placeholder: "PATH", help: "Further artifact of the release" }),
  supersede: text({
    placeholder: "REASON",
    help: "Seal different content for the same candidate, as a further revision",
  }),
  verify: path({
    placeholder: "MANIFEST",
    help: "Check a sealed manifest from files alone, instead of sealing",
  }),
  actor: text({
    env: "GITHUB_ACTOR",
    default: "preflight",
    help: "Who seals; recorded in the audit log",
  }),
  "audit-log": path({
    env: "WA_AUDIT_CHAIN_LOG",
    default: ".data/audit/operations_audit_chain.ndjson",
    help: "Audit log",
  }),
  "audit-state-file": path({
    env: "WA_AUDIT_CHAIN_STATE_FILE",
    default: ".data/audit/operations_audit_chain_state.json",
    help: "State file of the audit log",
  }),
};

type Run = Context<typeof flags, undefined>;

async function verify(run: Run, file: string): Promise<Outcome> {
  const shown = run.inputs.shown(file);
  const loaded = await run.inputs.json(file, ReleaseManifest);
  const checks = [loadedCheck("manifest_loaded", loaded, "enforce")];
  if (loaded.state === "ok") checks.push(...await verifyManifest(run.root, shown, loaded.value));
  const failed = checks.filter((check) => !check.ok && check.mode === "enforce");
  return {
    artifact: "release_manifest_verify",
    checks,
    headline: failed[0] === undefined
      ? `${shown} holds`
      : `${shown} does not hold: ${failed[0].id}`,
    fields: { manifest: shown },
  };
}

async function gather(
  run: Run,
): Promise<{ content: ManifestContent; policyCheck: ReturnType<typeof loadedCheck> }> {
  const { root, inputs, flags, nowS, correlation } = run;
  const git = await run.git();
  const loaded = await inputs.json(flags.policy, ReleasePolicy);
  const policy = loaded.state === "ok" ? loaded.value : undefined;
  const given = flags["init-file"] === undefined ? undefined : sourceFromFlag(flags["init-file"]);
  const { appVersion } = await readCodeVersions(root, policy, given === undefined ? [] : [given]);
  const candidate = candidateId({
    explicit: flags["release-candidate-id"],
    version: appVersion,
    git,
    nowS,
  });
  if (!CANDIDATE_ID.test(candidate)) {
    throw new UsageError(
      `The release candidate id is "${candidate}", expected letters, digits, dot, dash, plus and underscore`,
    );
  }
  const patterns = flags["gate-evidence-pattern"];
  const kinds = STEPS.flatMap((step) => step.group === "seal" ? [] : [step.kind]);
  const sources = evidenceSources(patterns.length > 0 ? patterns : defaultPatterns(kinds));
  const evidence = await mapEvidence(
    root,
    sources,
    {
      nowS,
      maxAgeS: flags["max-evidence-age-s"],
      ...(git.commit === "" ? {} : { commit: git.commit }),
      ...(correlation.run_id === "" ? {} : { runId: correlation.run_id }),
      demandClean: run.strict,
    },
    candidate,
    flags["gate-evidence-recent"],
  );
  for (const row of Object.values(evidence).flatMap((entry) => entry.rows)) {
    inputs.note(row.path, row.state === "malformed" ? "malformed" : "ok", row.sha256);
  }
  const artifacts = await collectArtifacts(root, {
    required: policy?.manifest?.required ?? [],
    optional: [...policy?.manifest?.optional ?? [], ...flags.artifact],
  });
  return {
    policyCheck: loadedCheck("release_policy_loaded", loaded, "enforce"),
    content: {
      release_candidate_id: candidate,
      commit: git.commit,
      app: { version: appVersion, state_schema_version: policy?.state_schema?.current ?? null },
      artifacts,
      evidence,
    },
  };
}

function fieldsOf(
  run: Run,
  content: ManifestContent,
  digests: { evidence_sha256: string; manifest_sha256: string },
): Record<string, unknown> {
  const { release_candidate_id: candidate, app, artifacts, evidence } = content;
  return {
    version: 2,
    generated_at: run.nowS,
    app: { ...app, release_candidate_id: candidate },
    artifacts,
    gate_evidence_map: {
      [candidate]: {
        release_candidate_id: candidate,
        generated_at: run.nowS,
        evidence,
        evidence_sha256: digests.evidence_sha256,
      },
    },
    manifest_sha256: digests.manifest_sha256,
  };
}

async function seal(run: Run): Promise<Outcome> {
  const { root, flags, correlation, nowS } = run;
  const { content, policyCheck } = await gather(run);
  const candidate = content.release_candidate_id;
  const digests = await manifestDigests(content);
  const fields = fieldsOf(run, content, digests);
  const judged = [
    policyCheck,
    ...judgeManifest(content, await run.git(), {
      requireEvidence: flags["require-gate-evidence"],
      requireCleanGit: flags["require-clean-git"],
      allowFailed: flags["allow-failed"],
      gate: run.gate,
    }),
  ];
  const reason = flags.supersede ?? "";
  const decision = decideSeal(await readIndex(root, candidate), digests.manifest_sha256, reason);
  if (
    judged.some((check) => !check.ok && check.mode === "enforce") || decision.seal === "refused"
  ) {
    const checks = decision.seal === "refused"
      ? [...judged, refusedCheck(candidate, decision.last.manifest_path)]
      : judged;
    const first = checks.find((check) => !check.ok && check.mode === "enforce");
    return { checks, headline: `${candidate} is not sealed: ${first?.id}`, fields };
  }
  // The file comes first, marked as not sealed: whatever happens next, no half-done seal says ok.
  const manifestPath = await run.checkpoint({
    checks: [...judged, notSealedYet(candidate)],
    headline: `sealing ${candidate}`,
    fields,
  });
  const row = {
    manifest_path: manifestPath,
    ...digests,
    reason,
    run_id: correlation.run_id,
    sealed_at: nowS,
  };
  const sealed = await sealRevision(root, candidate, row);
  if (sealed.seal === "refused") {
    return {
      checks: [...judged, refusedCheck(candidate, sealed.last.manifest_path)],
      headline: `${candidate} is not sealed: another run was first`,
      fields,
    };
  }
  const revision = sealed.seal ? sealed.revision : sealed.already.revision;
  const [receipt] = await appendAudit(root, {
    action: "release_manifest_seal",
    actor: flags.actor,
    source: "generate_release_manifest",
    status: "ok",
    context: {
      release_candidate_id: candidate,
      revision,
      manifest_path: manifestPath,
      reason,
      ...digests,
    },
    correlation,
  }, { log: flags["audit-log"], stateFile: flags["audit-state-file"] });
  const gates = Object.keys(content.evidence).length;
  return {
    checks: [...judged, {
      id: "sealed",
      ok: true,
      mode: "enforce",
      value: { revision, audit_sequence: receipt?.sequence },
      expect: "a revision in the index and an entry in the audit log",
    }],
    headline:
      `${candidate} sealed, revision ${revision}: ${gates} gates, ${content.artifacts.length} artifacts, evidence ${
        digests.evidence_sha256.slice(0, 12)
      }`,
    fields: { ...fields, seal: { revision, audit: receipt ?? null } },
  };
}

function refusedCheck(candidate: string, sealedPath: string) {
  return {
    id: "candidate_immutable",
    ok: false,
    mode: "enforce" as const,
    value: `${candidate} is sealed already with other content`,
    expect: "the same content, or a reason to supersede it",
    hint: `say why with --supersede "REASON", or release a new candidate`,
    location: { file: sealedPath },
  };
}

function notSealedYet(candidate: string) {
  return {
    id: "sealed",
    ok: false,
    mode: "enforce" as const,
    value: `${candidate} is being sealed`,
    expect: "a finished seal",
    hint: "seal again: this run was stopped half-way",
  };
}

export const command = defineCommand({
  name: "generate_release_manifest",
  summary: "Seal a release candidate: its artifacts and the evidence of its gates, by digest",
  kind: "actor",
  artifact: "release_manifest",
  flags,
  details: [
    "Maps the newest evidence of every gate under the release candidate, with a digest over the map and one over the whole content (RFC 8785, SHA-256). A candidate is immutable: sealing different content for it is refused without --supersede. The seal goes into .data/releases and the audit log.",
    "Inside preflight only evidence of the same run counts; alone, evidence of the same commit does.",
  ],
  examples: [
    "--require-gate-evidence --require-clean-git",
    "--verify .data/out/release_manifest_20260101T000000Z.json",
  ],
  run: (run) => run.flags.verify === undefined ? seal(run) : verify(run, run.flags.verify),
});

if (import.meta.main) await main(command);
