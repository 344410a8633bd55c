import { RECORD_FLAGS } from "../audit_log/record_flags.ts";
import type { Context } from "../command/command.ts";
import { boolean, integer, list, number, path, secret, text } from "../command/flag.ts";

/** Every flag of `generate_release_manifest`. */
export const MANIFEST_FLAGS = {
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
  sign: boolean({
    env: "WA_RELEASE_MANIFEST_SIGN",
    help: "Sign what is sealed; with --verify: add a signature to a manifest that holds",
  }),
  "signing-key": secret({
    env: "WA_RELEASE_SIGNING_KEY",
    help: "Ed25519 key that signs, PKCS#8 in PEM",
  }),
  "require-signature": boolean({
    env: "WA_RELEASE_MANIFEST_REQUIRE_SIGNATURE",
    help: "Enforce with --verify that as many trusted keys signed as the trust policy asks",
  }),
  "trust-policy": path({
    env: "WA_RELEASE_TRUST_POLICY_FILE",
    default: "security/evidence_trust_policy.json",
    help: "Whose signatures count",
  }),
  actor: text({
    env: "GITHUB_ACTOR",
    default: "preflight",
    help: "Who seals; recorded in the audit log",
  }),
  ...RECORD_FLAGS,
};

/** What a run of `generate_release_manifest` is given. */
export type ManifestRun = Context<typeof MANIFEST_FLAGS, undefined>;
