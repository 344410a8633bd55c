import { path, secret, text } from "../command/flag.ts";
import { SIGNING_KEY_ENV } from "../policy/rollback_drill_signature_policy.ts";

/** Where evidence of drills lies and how it is signed; the same for signer and guard. */
export const DRILL_FLAGS = {
  "incident-drill-pattern": text({
    default: ".data/out/incident_notify_drill_*.json",
    placeholder: "GLOB",
    help: "Reports of incident drills",
  }),
  "rollback-bundle-pattern": text({
    default: ".data/out/rollback_bundle_report_*.json",
    placeholder: "GLOB",
    help: "Reports of rollback bundles",
  }),
  "rollback-drill-pattern": text({
    default: ".data/out/rollback_drill_*.json",
    placeholder: "GLOB",
    help: "Reports of traffic drills",
  }),
  "signature-policy": path({
    env: "WA_ROLLBACK_DRILL_SIGNATURE_POLICY",
    default: "security/rollback_drill_signature_policy.json",
    help: "How evidence is signed, and whether it must be",
  }),
  "signing-key": secret({
    env: SIGNING_KEY_ENV,
    help: "Key for HMAC signatures, or the Ed25519 key to sign with",
  }),
};
