import { z } from "zod";
import { canonicalJson } from "../store/canonical.ts";
import { sha256Hex } from "../store/digest.ts";
import type { ArtifactRow } from "./artifacts.ts";
import type { EvidenceMap } from "./evidence_map.ts";

/** What a release consists of and what was proven about it. */
export interface ManifestContent {
  release_candidate_id: string;
  commit: string;
  app: { version: string; state_schema_version: string | null };
  artifacts: ArtifactRow[];
  evidence: EvidenceMap;
}

/** The digests of a manifest. Both are over canonical JSON (RFC 8785), so anybody can redo them. */
export async function manifestDigests(
  content: ManifestContent,
): Promise<{ evidence_sha256: string; manifest_sha256: string }> {
  return {
    evidence_sha256: await sha256Hex(canonicalJson(content.evidence)),
    manifest_sha256: await sha256Hex(canonicalJson(content)),
  };
}

const Artifact = z.looseObject({
  path: z.string(),
  required: z.boolean(),
  exists: z.boolean(),
  size: z.number(),
  sha256: z.string().optional(),
});

const EvidenceRow = z.looseObject({ path: z.string(), state: z.string(), sha256: z.string() });

const Evidence = z.record(
  z.string(),
  z.looseObject({
    pattern: z.string(),
    state: z.string(),
    rows: z.array(EvidenceRow),
  }),
);

/** A manifest as it is read back. */
export const ReleaseManifest = z.looseObject({
  kind: z.literal("release_manifest"),
  ok: z.boolean(),
  checks: z.array(z.looseObject({ id: z.string(), ok: z.boolean() })),
  version: z.literal(2),
  git: z.looseObject({ commit: z.string() }),
  app: z.object({
    version: z.string(),
    state_schema_version: z.string().nullable(),
    release_candidate_id: z.string(),
  }),
  artifacts: z.array(Artifact),
  gate_evidence_map: z.record(
    z.string(),
    z.looseObject({
      release_candidate_id: z.string(),
      evidence: Evidence,
      evidence_sha256: z.string(),
    }),
  ),
  manifest_sha256: z.string(),
});
export type ReleaseManifest = z.output<typeof ReleaseManifest>;

/** The part of a written manifest that its digests cover. */
export function contentOf(manifest: ReleaseManifest): ManifestContent {
  const { release_candidate_id, version, state_schema_version } = manifest.app;
  return {
    release_candidate_id,
    commit: manifest.git.commit,
    app: { version, state_schema_version },
    artifacts: manifest.artifacts as unknown as ArtifactRow[],
    evidence:
      (manifest.gate_evidence_map[release_candidate_id]?.evidence ?? {}) as unknown as EvidenceMap,
  };
}
