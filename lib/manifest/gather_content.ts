import { UsageError } from "../command/errors.ts";
import { readCodeVersions, sourceFromFlag } from "../governance/versions.ts";
import { ReleasePolicy } from "../policy/release_policy.ts";
import { STEPS } from "../preflight/registry.ts";
import { CANDIDATE_ID, candidateId } from "../project/candidate.ts";
import type { Check } from "../report/check.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import { collectArtifacts } from "./artifacts.ts";
import { defaultPatterns, evidenceSources, mapEvidence } from "./evidence_map.ts";
import type { ManifestContent } from "./manifest.ts";
import type { ManifestRun } from "./manifest_flags.ts";

/** Gathers what would be sealed now: candidate, artifacts and the evidence of every gate. */
export async function gatherContent(
  run: ManifestRun,
): Promise<{ content: ManifestContent; policyCheck: Check }> {
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

/** The fields of the report that hold the content and its digests. */
export function manifestFields(
  run: ManifestRun,
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
