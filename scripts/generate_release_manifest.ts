#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-env=WA_RELEASE_*,WA_AUDIT_CHAIN_*,GITHUB_ACTIONS,GITHUB_ACTOR --allow-run=git
/**
 * Seals a release candidate: one record of what is released and of the evidence of its gates.
 * @module
 */
import { appendAudit } from "../lib/audit/append.ts";
import { Envelope } from "../lib/audit/dsse.ts";
import type { SigningKey } from "../lib/audit/keys.ts";
import { recheckPending } from "../lib/catalogue/recheck_pending.ts";
import { defineCommand, type Outcome, type WrittenReport } from "../lib/command/command.ts";
import { main } from "../lib/command/main.ts";
import { TOOLKIT_VERSION } from "../lib/command/toolkit.ts";
import { auditedSeal, SEAL_ACTION } from "../lib/manifest/audited_seal.ts";
import { gatherContent, manifestFields } from "../lib/manifest/gather_content.ts";
import { judgeManifest } from "../lib/manifest/judge_manifest.ts";
import { judgeSigning } from "../lib/manifest/judge_signing.ts";
import {
  type ManifestContent,
  manifestDigests,
  ReleaseManifest,
} from "../lib/manifest/manifest.ts";
import { MANIFEST_FLAGS, type ManifestRun as Run } from "../lib/manifest/manifest_flags.ts";
import { policyDigests } from "../lib/manifest/policy_digests.ts";
import { decideSeal, readIndex, sealRevision } from "../lib/manifest/release_index.ts";
import {
  addSignature,
  envelopePath,
  manifestKey,
  signManifest,
} from "../lib/manifest/sign_manifest.ts";
import { verifyManifest } from "../lib/manifest/verify_manifest.ts";
import { verifySignature } from "../lib/manifest/verify_signature.ts";
import { EvidenceTrustPolicy } from "../lib/policy/evidence_trust_policy.ts";
import type { Check } from "../lib/report/check.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";
import { sha256File } from "../lib/store/digest.ts";

/** The key to sign with; undefined when nothing is to be signed. */
async function signingKey({ flags, env, inputs }: Run): Promise<SigningKey | undefined> {
  if (!flags.sign) return undefined;
  const direct = env("WA_RELEASE_SIGNING_KEY");
  const file = direct === undefined ? env("WA_RELEASE_SIGNING_KEY_FILE") : undefined;
  return await manifestKey(
    flags["signing-key"],
    file === undefined ? undefined : inputs.absolute(file),
  );
}

const failure = (checks: readonly Check[]): Check | undefined =>
  checks.find((check) => !check.ok && check.mode === "enforce");

/** Everything that a manifest and its envelope can be checked for from files. */
async function verifyAll(run: Run, shown: string, manifest: ReleaseManifest): Promise<Check[]> {
  const { root, flags, inputs, gate, nowS } = run;
  const { check: audited, sealedAtS } = await auditedSeal(root, manifest, {
    log: flags["audit-log"],
    stateFile: flags["audit-state-file"],
  }, gate);
  const required = flags["require-signature"];
  const trust = await inputs.json(flags["trust-policy"], EvidenceTrustPolicy);
  const envelope = await inputs.json(envelopePath(shown), Envelope);
  const { sha256 } = await sha256File(inputs.absolute(shown));
  return [
    ...await verifyManifest(root, shown, manifest),
    audited,
    ...(trust.state === "missing" && !required
      ? []
      : [loadedCheck("trust_policy_loaded", trust, required ? "enforce" : "warn")]),
    ...await verifySignature(root, envelope, {
      manifest,
      file: { path: shown, sha256 },
      trust: trust.state === "ok" ? trust.value : undefined,
      atS: sealedAtS ?? nowS,
      required,
      gate,
    }),
  ];
}

/** Signs, as a further signer, a manifest in which nothing but the signatures is wrong. */
async function countersign(run: Run, shown: string, checks: readonly Check[]): Promise<Check> {
  const key = await signingKey(run);
  const wrong = checks.find((check) =>
    !check.ok && check.mode === "enforce" && check.id !== "manifest_signature_valid"
  );
  const row = {
    id: "manifest_countersigned",
    mode: "enforce" as const,
    expect: "one more signature on a manifest that holds",
    hint: "sign when sealing, with --sign; then every further signer runs --verify --sign",
  };
  const loaded = await run.inputs.json(envelopePath(shown), Envelope);
  if (key === undefined || wrong !== undefined || loaded.state !== "ok") {
    return { ...row, ok: false, value: wrong?.id ?? `there is no ${envelopePath(shown)}` };
  }
  const signed = await addSignature(run.root, envelopePath(shown), loaded.value, key);
  return { ...row, ok: true, value: { signatures: signed.signatures.length } };
}

async function verify(run: Run, file: string): Promise<Outcome> {
  const shown = run.inputs.shown(file);
  const loaded = await run.inputs.json(file, ReleaseManifest);
  const checks = [loadedCheck("manifest_loaded", loaded, "enforce")];
  if (loaded.state === "ok") {
    checks.push(...await verifyAll(run, shown, loaded.value));
    if (run.flags.sign) checks.push(await countersign(run, shown, checks));
  }
  const first = failure(checks);
  return {
    artifact: "release_manifest_verify",
    checks,
    headline: first === undefined ? `${shown} holds` : `${shown} does not hold: ${first.id}`,
    fields: { manifest: shown },
  };
}

/** What signing needs to know before anything is sealed. */
interface Signing {
  key: SigningKey;
  checks: Check[];
  policies: Record<string, string>;
}

async function prepareSigning(run: Run, content: ManifestContent): Promise<Signing | undefined> {
  const key = await signingKey(run);
  if (key === undefined) return undefined;
  const trust = await run.inputs.json(run.flags["trust-policy"], EvidenceTrustPolicy);
  const { policies, others } = await policyDigests(run.root, content.evidence, run.flags.policy);
  return {
    key,
    policies,
    checks: judgeSigning({
      commit: content.commit,
      key,
      trust: trust.state === "ok" ? trust.value : undefined,
      others,
      nowS: run.nowS,
      gate: run.gate,
    }),
  };
}

async function seal(run: Run): Promise<Outcome> {
  const { root, flags, correlation, nowS } = run;
  const { content, policyCheck } = await gatherContent(run);
  const signing = await prepareSigning(run, content);
  const candidate = content.release_candidate_id;
  const digests = await manifestDigests(content);
  const fields = manifestFields(run, content, digests);
  const judged = [
    policyCheck,
    ...judgeManifest(content, await run.git(), {
      requireEvidence: flags["require-gate-evidence"],
      requireCleanGit: flags["require-clean-git"],
      allowFailed: flags["allow-failed"],
      gate: run.gate,
    }),
    await recheckPending(root, {
      runId: correlation.run_id,
      nowS,
      gate: run.gate,
      own: ["release_manifest", "release_preflight", "release_preflight_seal"],
    }),
    ...(signing?.checks ?? []),
  ];
  const reason = flags.supersede ?? "";
  const decision = decideSeal(await readIndex(root, candidate), digests.manifest_sha256, reason);
  if (
    failure(judged) !== undefined || decision.seal === "refused"
  ) {
    const checks = decision.seal === "refused"
      ? [...judged, refusedCheck(candidate, decision.last.manifest_path)]
      : judged;
    return { checks, headline: `${candidate} is not sealed: ${failure(checks)?.id}`, fields };
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
    action: SEAL_ACTION,
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
    fields: {
      ...fields,
      seal: { revision, audit: receipt ?? null },
      envelope: signing === undefined ? null : envelopePath(manifestPath),
    },
    ...(signing === undefined ? {} : { after: (written) => sign(run, signing, written) }),
  };
}

/** Signs the manifest as it was written. */
async function sign(
  { root, flags, nowS }: Run,
  { key, policies }: Signing,
  { report, path, sha256 }: WrittenReport,
): Promise<void> {
  const manifest = ReleaseManifest.parse(report);
  if (!manifest.ok) throw new TypeError("Cannot sign: the manifest is not sealed");
  await signManifest(root, {
    manifest,
    file: { path: path ?? "", sha256 },
    policies,
    policyPath: flags.policy,
    verifiedAtS: nowS,
    toolkitVersion: TOOLKIT_VERSION,
  }, key);
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
  flags: MANIFEST_FLAGS,
  details: [
    "Maps the newest evidence of every gate under the release candidate, with a digest over the map and one over the whole content (RFC 8785, SHA-256). A candidate is immutable: sealing different content for it is refused without --supersede. The seal goes into .data/releases and the audit log.",
    "With --sign the sealed manifest gets an envelope beside it (DSSE, in-toto Statement v1): its subjects are the manifest, the commit and every artifact, its predicate is a summary of all gates with the digests of all policies. The key is an Ed25519 key from WA_RELEASE_SIGNING_KEY or the file that WA_RELEASE_SIGNING_KEY_FILE names.",
    "--verify checks a manifest from files alone: its digests, every file it binds, its index, its entry in the audit log, and its signatures against the trust policy.",
    "Inside preflight only evidence of the same run counts; alone, evidence of the same commit does.",
  ],
  examples: [
    "--require-gate-evidence --require-clean-git",
    "--require-gate-evidence --sign",
    "--verify .data/out/release_manifest_20260101T000000Z.json --require-signature",
  ],
  run: (run) => run.flags.verify === undefined ? seal(run) : verify(run, run.flags.verify),
});

if (import.meta.main) await main(command);
