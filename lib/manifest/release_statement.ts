/**
 * The in-toto statement about a release: its subjects are the manifest, the commit and every
 * artifact; its predicate is a SLSA verification summary (VSA v1) of all gates.
 *
 * Fields beyond VSA v1 (`gates`, `policies`, and the digests of the manifest) are additions, which
 * readers of in-toto predicates ignore where they do not know them.
 *
 * @module
 */
import { z } from "zod";
import { Statement, STATEMENT_TYPE } from "../audit/statement.ts";
import { contentOf, type ReleaseManifest } from "./manifest.ts";
import type { PolicyDigests } from "./policy_digests.ts";

/** `predicateType` of the statement. */
export const VERIFICATION_SUMMARY_TYPE = "https://slsa.dev/verification_summary/v1";

/**
 * Name, in a digest set, of the digest over a folder: SHA-256 of the RFC 8785 form of its sorted
 * `[path, digest]` pairs. in-toto has no name for it.
 */
const FOLDER_DIGEST = "canonicalTreeSha256";

const Digest = z.record(z.string(), z.string());
const Reference = z.object({ uri: z.string(), digest: Digest });

/** The predicate as it is read back. */
export const VerificationSummary = z.looseObject({
  verifier: z.looseObject({ id: z.string() }),
  timeVerified: z.iso.datetime({ offset: true }),
  resourceUri: z.string(),
  policy: Reference,
  inputAttestations: z.array(Reference),
  verificationResult: z.enum(["PASSED", "FAILED"]),
  verifiedLevels: z.array(z.string()),
  releaseCandidateId: z.string(),
  manifestSha256: z.string().describe("Over the content of the manifest"),
  evidenceSha256: z.string().describe("Over its evidence map"),
  gates: z.array(z.looseObject({ name: z.string(), state: z.string(), accepted: z.boolean() })),
  policies: z.array(Reference),
});
export type VerificationSummary = z.output<typeof VerificationSummary>;

/** A written manifest and what is known around it. */
export interface StatementFacts {
  manifest: ReleaseManifest;
  /** Path of the manifest, relative to root, and SHA-256 of its bytes. */
  file: { path: string; sha256: string };
  policies: PolicyDigests;
  /** Policy that says what a release consists of. */
  policyPath: string;
  /** When the gates were judged, epoch seconds. */
  verifiedAtS: number;
  toolkitVersion: string;
}

const reference = (uri: string, sha256: string): z.output<typeof Reference> => (
  { uri, digest: { sha256 } }
);

function subjectsOf({ manifest, file }: StatementFacts): Statement["subject"] {
  const { commit, artifacts } = contentOf(manifest);
  const rows = artifacts.filter((row) => row.exists && row.sha256 !== undefined);
  return [
    { name: file.path, digest: { sha256: file.sha256 } },
    { name: "commit", digest: { gitCommit: commit } },
    ...rows.map(({ path, kind, sha256 }) => ({
      name: path,
      digest: { [kind === "folder" ? FOLDER_DIGEST : "sha256"]: sha256! },
    })),
  ];
}

/** Every gate with what its evidence was worth and whether the seal accepted it. */
function gatesOf(manifest: ReleaseManifest): VerificationSummary["gates"] {
  const accepted = new Map(manifest.checks.map(({ id, ok }) => [id, ok]));
  return Object.entries(contentOf(manifest).evidence).map(([name, { state, rows }]) => ({
    name,
    state,
    accepted: accepted.get(`gate_evidence_valid::${name}`) === true,
    evidence: rows.map(({ path, sha256 }) => reference(path, sha256)),
  }));
}

/** The statement about a manifest; the same facts always give the same statement. */
export function releaseStatement(facts: StatementFacts): Statement {
  const { manifest, policies, verifiedAtS, toolkitVersion } = facts;
  const candidate = manifest.app.release_candidate_id;
  const gates = gatesOf(manifest);
  const passed = manifest.ok && gates.length > 0 && gates.every((gate) => gate.accepted);
  const predicate: VerificationSummary = {
    verifier: {
      id: "urn:release-governance:generate_release_manifest",
      version: { "release-governance": toolkitVersion },
    },
    timeVerified: new Date(verifiedAtS * 1000).toISOString(),
    resourceUri: `urn:release-candidate:${candidate}`,
    policy: reference(facts.policyPath, policies[facts.policyPath] ?? ""),
    inputAttestations: Object.values(contentOf(manifest).evidence)
      .flatMap(({ rows }) => rows.map(({ path, sha256 }) => reference(path, sha256))),
    verificationResult: passed ? "PASSED" : "FAILED",
    verifiedLevels: passed ? ["RELEASE_GATES_PASSED"] : [],
    releaseCandidateId: candidate,
    manifestSha256: manifest.manifest_sha256,
    evidenceSha256: manifest.gate_evidence_map[candidate]?.evidence_sha256 ?? "",
    gates,
    policies: Object.entries(policies).map(([path, sha256]) => reference(path, sha256)),
  };
  return Statement.parse({
    _type: STATEMENT_TYPE,
    subject: subjectsOf(facts),
    predicateType: VERIFICATION_SUMMARY_TYPE,
    predicate,
  });
}
