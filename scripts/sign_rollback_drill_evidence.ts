#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-env=WA_ROLLBACK_DRILL_*,WA_AUDIT_CHAIN_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Signs the evidence of rollback drills: its digests, its times, and what it belongs to.
 * @module
 */
import { keyIdOf, parseSigningKey, type SigningKey } from "../lib/audit/keys.ts";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { boolean, integer, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import {
  RollbackDrillSignaturePolicy,
  SIGNING_KEY_ENV,
  SIGNING_KEY_ID_ENV,
} from "../lib/policy/rollback_drill_signature_policy.ts";
import { type Check, notApplicable } from "../lib/report/check.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";
import { INCIDENT_DRILL } from "../lib/rollback/drill_files.ts";
import { DRILL_FLAGS } from "../lib/rollback/drill_flags.ts";
import { gatherDrills, type GatheredDrills } from "../lib/rollback/gather_drills.ts";
import { hmacHex, keyBytes, SHORTEST_KEY_BYTES } from "../lib/rollback/drill_hmac.ts";
import { DRILL_CONTEXT, type DrillPayload } from "../lib/rollback/drill_payload.ts";
import { signStatement } from "../lib/rollback/drill_statement.ts";
import { recordAudit } from "../lib/rollback/record_audit.ts";
import { AUDIT_FLAGS } from "../lib/rollout/change_registry.ts";
import { canonicalJson } from "../lib/store/canonical.ts";

const flags = {
  ...DRILL_FLAGS,
  "incident-report-pattern": text({
    default: ".data/out/incident_report_drill_*.json",
    placeholder: "GLOB",
    help: "Incident reports that drills made",
  }),
  recent: integer({ default: 4, min: 1, help: "How many of the newest files of each pattern" }),
  "key-id": text({
    env: SIGNING_KEY_ID_ENV,
    default: "default",
    placeholder: "NAME",
    help: "Name of an HMAC key; an Ed25519 key is named by its digest",
  }),
  "require-key": boolean({ help: "Enforce that there is a key, and a signature" }),
  ...AUDIT_FLAGS,
};

type Run = Context<typeof flags, undefined>;

/** A key that fits the algorithm, and the name it has in the signature. */
type Signer =
  | { algorithm: "hmac-sha256"; keyId: string; key: string }
  | { algorithm: "ed25519-dsse"; keyId: string; key: SigningKey };

async function signerOf(
  { flags }: Run,
  { algorithm }: RollbackDrillSignaturePolicy,
): Promise<Signer | undefined> {
  const key = flags["signing-key"];
  if (key === undefined || key.trim() === "") return undefined;
  if (algorithm === "hmac-sha256") return { algorithm, keyId: flags["key-id"], key };
  try {
    const signing = await parseSigningKey(key);
    return { algorithm, keyId: keyIdOf(signing.publicKey), key: signing };
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof SyntaxError)) throw cause;
    throw new UsageError(
      `Cannot use the key in ${SIGNING_KEY_ENV}: the policy wants an Ed25519 key in PEM (PKCS#8)`,
      "make one with: deno task signing_key generate",
      { cause },
    );
  }
}

function keyChecks(
  run: Run,
  policy: RollbackDrillSignaturePolicy,
  signer: Signer | undefined,
): Check[] {
  const required = run.flags["require-key"] || policy.require_signing_key;
  const mode = run.flags["require-key"] ? "enforce" as const : run.gate;
  const available: Check = signer === undefined && !required
    ? notApplicable("drill_signature_key_available", "a key", "no key is required")
    : {
      id: "drill_signature_key_available",
      ok: signer !== undefined,
      mode,
      value: signer === undefined ? "missing" : signer.keyId,
      expect: "a key to sign with",
      hint: `set ${SIGNING_KEY_ENV}, or ${SIGNING_KEY_ENV}_FILE`,
    };
  if (signer?.algorithm !== "hmac-sha256") return [available];
  const known = policy.key_ids === undefined || policy.key_ids.includes(signer.keyId);
  return [
    available,
    {
      id: "drill_signature_key_strong",
      ok: keyBytes(signer.key) >= SHORTEST_KEY_BYTES,
      mode: run.gate,
      value: `${keyBytes(signer.key)} bytes`,
      expect: `>= ${SHORTEST_KEY_BYTES} bytes`,
      hint: "make a key with: openssl rand -hex 32",
    },
    {
      id: "drill_signature_key_id_known",
      ok: known,
      mode: "enforce",
      value: signer.keyId,
      expect: policy.key_ids === undefined ? "any name" : `one of ${policy.key_ids.join(", ")}`,
      hint: `set ${SIGNING_KEY_ID_ENV}, or list the key in key_ids of the policy`,
    },
  ];
}

function evidenceChecks({ gate }: Run, gathered: GatheredDrills): Check[] {
  const { artifacts, incidents, bundles, faults, failed } = gathered;
  const hint = `${INCIDENT_DRILL}; deno task create_rollback_bundle --label drill`;
  return [
    {
      id: "drill_evidence_artifacts_found",
      ok: artifacts.length > 0,
      mode: gate,
      value: artifacts.length,
      expect: ">= 1 artifact",
      hint,
    },
    {
      id: "drill_evidence_has_incident_and_rollback",
      ok: incidents > 0 && bundles > 0,
      mode: gate,
      value: { incident_drills: incidents, rollback_bundles: bundles },
      expect: ">= 1 of each",
      hint,
    },
    {
      id: "drill_evidence_loadable",
      ok: faults.length === 0,
      mode: "enforce",
      value: { examined: artifacts.length, faults: faults.slice(0, 20) },
      expect: "evidence that can be read, and bundles that are intact",
      hint: faults[0] === undefined ? hint : `remove or mend ${faults[0]}`,
    },
    {
      id: "drill_evidence_passed",
      ok: failed.length === 0,
      mode: gate,
      value: { examined: artifacts.length, failed },
      expect: "evidence whose verdict is positive; the signature says so otherwise",
      hint,
    },
  ];
}

async function payloadOf(
  run: Run,
  signer: Signer | undefined,
  policy: RollbackDrillSignaturePolicy,
  { artifacts, failed }: GatheredDrills,
): Promise<DrillPayload> {
  const { flags, nowS, correlation } = run;
  return {
    version: 1,
    context: DRILL_CONTEXT,
    signed_at: Math.floor(nowS),
    algorithm: policy.algorithm,
    key_id: signer?.keyId ?? flags["key-id"],
    artifact_patterns: {
      incident_drill_pattern: flags["incident-drill-pattern"],
      rollback_bundle_pattern: flags["rollback-bundle-pattern"],
      incident_report_pattern: flags["incident-report-pattern"],
      rollback_drill_pattern: flags["rollback-drill-pattern"],
    },
    artifacts,
    result: failed.length === 0 ? "passed" : "failed",
    commit: (await run.git()).commit,
    correlation_id: correlation.correlation_id,
    release_candidate_id: correlation.release_candidate_id,
    nonce: crypto.randomUUID(),
  };
}

function createdCheck(run: Run, created: boolean, why: string): Check {
  return {
    id: "drill_signature_created",
    ok: created,
    mode: run.flags["require-key"] ? "enforce" : run.gate,
    value: created ? "created" : why,
    expect: "a signature over the evidence",
    hint: "mend the failed rows above, then sign again",
  };
}

/** Why nothing may be signed; undefined where something may. */
function obstacle(checks: readonly Check[], signer: Signer | undefined): string | undefined {
  if (signer === undefined) return "there is no key";
  const grave = ["drill_evidence_artifacts_found", "drill_evidence_has_incident_and_rollback"];
  const failed = checks.find((check) =>
    !check.ok && (check.mode === "enforce" || grave.includes(check.id))
  );
  return failed === undefined ? undefined : `${failed.id} does not hold`;
}

async function sign(run: Run): Promise<Outcome> {
  const { root, flags, inputs } = run;
  const loaded = await inputs.json(flags["signature-policy"], RollbackDrillSignaturePolicy);
  const policyCheck = loadedCheck("rollback_signature_policy_loaded", loaded, "enforce");
  if (loaded.state !== "ok") {
    return { checks: [policyCheck], headline: "the signature policy cannot be used" };
  }
  const policy = loaded.value;
  const signer = await signerOf(run, policy);
  const gathered = await gatherDrills(root, {
    incidentDrills: inputs.shown(flags["incident-drill-pattern"]),
    rollbackBundles: inputs.shown(flags["rollback-bundle-pattern"]),
    incidentReports: inputs.shown(flags["incident-report-pattern"]),
    trafficDrills: inputs.shown(flags["rollback-drill-pattern"]),
  }, flags.recent);
  const judged = [
    policyCheck,
    ...evidenceChecks(run, gathered),
    ...keyChecks(run, policy, signer),
  ];
  const why = obstacle(judged, signer);
  const payload = await payloadOf(run, signer, policy, gathered);
  const text = canonicalJson(payload);
  const signable = why === undefined;
  const signature = signable && signer?.algorithm === "hmac-sha256"
    ? await hmacHex(signer.key, text)
    : "";
  const envelope = signable && signer?.algorithm === "ed25519-dsse"
    ? await signStatement(payload, signer.key)
    : null;
  const { check, audit } = await recordAudit(run, {
    action: "rollback_drill_sign",
    source: "sign_rollback_drill_evidence",
    ok: signable,
    context: {
      algorithm: policy.algorithm,
      key_id: payload.key_id,
      artifact_count: gathered.artifacts.length,
      nonce: payload.nonce ?? "",
      signed: signable,
    },
  });
  for (const { path, sha256 } of gathered.artifacts) inputs.note(path, "ok", sha256);
  return {
    checks: [...judged, createdCheck(run, signable, why ?? ""), check],
    headline: signable
      ? `${gathered.artifacts.length} artifacts signed with ${policy.algorithm} by ${payload.key_id}`
      : `nothing was signed: ${why}`,
    fields: {
      generated_at: run.nowS,
      algorithm: policy.algorithm,
      key_id: payload.key_id,
      payload,
      payload_canonical_json: text,
      signature,
      envelope,
      audit,
    },
  };
}

export const command = defineCommand({
  name: "sign_rollback_drill_evidence",
  summary: "Sign the evidence of rollback drills",
  kind: "actor",
  artifact: "rollback_drill_signature",
  strictEnv: "WA_ROLLBACK_DRILL_STRICT",
  flags,
  details: [
    "Hashes the newest drill reports, the incident reports they made and the manifests of the bundles, and signs the list with its time and what it belongs to: by HMAC-SHA256, or as an in-toto statement in a DSSE envelope with Ed25519, as the policy says.",
    "The key comes from WA_ROLLBACK_DRILL_SIGNING_KEY or the file that WA_ROLLBACK_DRILL_SIGNING_KEY_FILE names; there is no flag for it.",
  ],
  examples: ["--strict --require-key --key-id github-actions"],
  run: sign,
});

if (import.meta.main) await main(command);
