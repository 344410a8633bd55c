import { join } from "@std/path/join";
import type { Check } from "../report/check.ts";
import { sha256File } from "../store/digest.ts";
import { artifactRow } from "./artifacts.ts";
import { contentOf, manifestDigests, type ReleaseManifest } from "./manifest.ts";
import { readIndex } from "./release_index.ts";

const HINT =
  "what differs was changed after the seal: restore it, or run preflight again and seal anew";

/** Files whose digest is no longer the one that was sealed, each with what is wrong. */
async function changedEvidence(
  root: string,
  manifest: ReleaseManifest,
): Promise<{ examined: number; changed: string[] }> {
  const rows = Object.values(contentOf(manifest).evidence).flatMap((entry) => entry.rows);
  const changed: string[] = [];
  for (const { path, sha256 } of rows) {
    try {
      if ((await sha256File(join(root, path))).sha256 !== sha256) {
        changed.push(`${path} was changed`);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      changed.push(`${path} is gone`);
    }
  }
  return { examined: rows.length, changed };
}

async function changedArtifacts(root: string, manifest: ReleaseManifest): Promise<string[]> {
  const changed: string[] = [];
  for (const sealed of contentOf(manifest).artifacts) {
    const now = await artifactRow(root, sealed.path, sealed.required);
    if (!now.exists && sealed.exists) changed.push(`${sealed.path} is gone`);
    else if (now.sha256 !== sealed.sha256 || now.link_target !== sealed.link_target) {
      changed.push(`${sealed.path} was changed`);
    }
  }
  return changed;
}

function comparison(id: string, found: string, wanted: string, expect: string): Check {
  return {
    id,
    ok: found === wanted,
    mode: "enforce",
    value: found,
    expect: `${expect}: ${wanted}`,
    hint: HINT,
  };
}

function files(id: string, examined: number, faults: string[], expect: string): Check {
  return {
    id,
    ok: faults.length === 0 && examined > 0,
    mode: "enforce",
    value: faults.length === 0 ? { examined } : { examined, faults },
    expect,
    hint: examined === 0
      ? "a manifest without content proves nothing: seal with gate evidence"
      : HINT,
  };
}

/** No digest covers what the map says of another candidate, so there must be none. */
function onlyCandidate({ gate_evidence_map: map }: ReleaseManifest, candidate: string): Check {
  const named = Object.entries(map).flatMap(([key, row]) => [key, row.release_candidate_id]);
  const candidates = [...new Set(named)];
  return {
    id: "only_candidate_mapped",
    ok: candidates.length === 1 && candidates[0] === candidate,
    mode: "enforce",
    value: candidates,
    expect: `evidence of ${candidate} alone`,
    hint: HINT,
  };
}

/** Checks a manifest from files alone: its own digests, every file it binds, and its index. */
export async function verifyManifest(
  root: string,
  path: string,
  manifest: ReleaseManifest,
): Promise<Check[]> {
  const candidate = manifest.app.release_candidate_id;
  const digests = await manifestDigests(contentOf(manifest));
  const stated = manifest.gate_evidence_map[candidate]?.evidence_sha256 ?? "";
  const evidence = await changedEvidence(root, manifest);
  const index = await readIndex(root, candidate);
  const sealed = index?.revisions.find((row) => row.manifest_sha256 === manifest.manifest_sha256);
  const last = index?.revisions.at(-1);
  return [
    onlyCandidate(manifest, candidate),
    comparison(
      "evidence_sha256_holds",
      digests.evidence_sha256,
      stated,
      "the digest over the evidence map",
    ),
    comparison(
      "manifest_sha256_holds",
      digests.manifest_sha256,
      manifest.manifest_sha256,
      "the digest over the content",
    ),
    files(
      "evidence_unchanged",
      evidence.examined,
      evidence.changed,
      "every evidence file as it was sealed",
    ),
    files(
      "artifacts_unchanged",
      manifest.artifacts.length,
      await changedArtifacts(root, manifest),
      "every artifact as it was sealed",
    ),
    {
      id: "sealed_in_index",
      ok: sealed !== undefined,
      mode: "enforce",
      value: sealed === undefined
        ? "no such revision"
        : { revision: sealed.revision, manifest_path: sealed.manifest_path },
      expect: `a revision of ${candidate} with the content of ${path}`,
      hint: "this content was never sealed, or the index was replaced: compare with the audit log",
    },
    {
      id: "not_superseded",
      ok: sealed !== undefined && last?.revision === sealed.revision,
      mode: "warn",
      value: last === undefined
        ? "no index"
        : { last_revision: last.revision, reason: last.reason },
      expect: "the last revision of its candidate",
      hint: `verify ${last?.manifest_path ?? "the newest manifest"} instead`,
    },
    {
      id: "verdict_positive",
      ok: manifest.ok,
      mode: "enforce",
      value: manifest.ok,
      expect: "a manifest that was sealed as ok",
      hint: "the candidate did not pass: read the failed checks in the manifest",
    },
  ];
}
