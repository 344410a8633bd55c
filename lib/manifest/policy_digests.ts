import { join } from "@std/path/join";
import { z } from "zod";
import { POLICIES, policyPath } from "../policy/catalogue.ts";
import { loadJson } from "../policy/load.ts";
import { sha256File } from "../store/digest.ts";
import type { EvidenceMap } from "./evidence_map.ts";

/** Path of a policy, relative to root, to its SHA-256. */
export type PolicyDigests = Record<string, string>;

/** What a gate did not judge by the policy that is sealed with it. */
export interface OtherPolicy {
  gate: string;
  path: string;
  /** Digest of the policy that the gate read. */
  read: string;
}

const Inputs = z.looseObject({
  inputs: z.array(z.looseObject({ path: z.string(), sha256: z.string().optional() })).default([]),
});

/** The SHA-256 of a file, or undefined when there is none. */
async function digestOf(path: string): Promise<string | undefined> {
  try {
    return (await sha256File(path)).sha256;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Policies that each gate read, by gate, as its evidence states. */
async function policiesRead(
  root: string,
  evidence: EvidenceMap,
): Promise<{ gate: string; path: string; sha256: string }[]> {
  const read: { gate: string; path: string; sha256: string }[] = [];
  for (const [gate, { rows }] of Object.entries(evidence)) {
    const newest = rows[0];
    if (newest === undefined || newest.state === "malformed") continue;
    const loaded = await loadJson(join(root, newest.path), Inputs, { shown: newest.path });
    if (loaded.state !== "ok") continue; // judged, by digest, where the evidence itself is judged
    for (const { path, sha256 } of loaded.value.inputs) {
      if (sha256 !== undefined && /^security\/[^/]+\.json$/.test(path)) {
        read.push({ gate, path, sha256 });
      }
    }
  }
  return read;
}

/**
 * Digests of every policy in force: those this toolkit knows, and any other that a gate read.
 *
 * @param releasePolicy The policy that says what a release consists of.
 * @returns The digests as the files are now, and the gates that read something else.
 */
export async function policyDigests(
  root: string,
  evidence: EvidenceMap,
  releasePolicy: string,
): Promise<{ policies: PolicyDigests; others: OtherPolicy[] }> {
  const read = await policiesRead(root, evidence);
  const paths = new Set([
    releasePolicy,
    ...POLICIES.map(({ name }) => policyPath(name)),
    ...read.map(({ path }) => path),
  ]);
  const policies: PolicyDigests = {};
  for (const path of [...paths].sort()) {
    const digest = await digestOf(join(root, path));
    if (digest !== undefined) policies[path] = digest;
  }
  const others = read.filter(({ path, sha256 }) => policies[path] !== sha256)
    .map(({ gate, path, sha256 }) => ({ gate, path, read: sha256 }));
  return { policies, others };
}
