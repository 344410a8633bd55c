import { storeCheckpoint } from "../audit/checkpoint_store.ts";
import { parseSigningKey } from "../audit/keys.ts";
import { sealCheckpoint } from "../audit/sealed_checkpoint.ts";
import type { Context, Outcome } from "../command/command.ts";
import { UsageError } from "../command/errors.ts";
import { secret } from "../command/flag.ts";
import type { EvidenceTrustPolicy } from "../policy/evidence_trust_policy.ts";
import { LOG_FLAGS } from "./log_flags.ts";
import { ownCheckpoint, verifiedLog } from "./verified_log.ts";

/** The flags of signing; the key never stands on the command line. */
export const CHECKPOINT_FLAGS = {
  ...LOG_FLAGS,
  "signing-key": secret({
    env: "WA_AUDIT_CHAIN_SIGNING_KEY",
    help: "Ed25519 key in PKCS#8 PEM, as signing_key generate makes it",
  }),
};

/** Signs size and root of the log as it is, after verifying it against the checkpoint before. */
export async function signCheckpoint(
  run: Context<typeof CHECKPOINT_FLAGS, EvidenceTrustPolicy>,
): Promise<Outcome> {
  const { policy, nowS, flags } = run;
  const pem = flags["signing-key"];
  if (pem === undefined) {
    throw new UsageError(
      "A checkpoint needs a key",
      "set WA_AUDIT_CHAIN_SIGNING_KEY_FILE to a file made by: deno task signing_key generate",
    );
  }
  const key = await parseSigningKey(pem).catch((error) => {
    throw new UsageError((error as Error).message, "see: deno task signing_key generate");
  });
  const earlier = await ownCheckpoint(run, policy);
  const { head, path } = await verifiedLog(run, earlier?.checkpoint);
  const { entries } = head.at;
  const root = head.tree().root();
  const note = await sealCheckpoint({ origin: policy.origin, size: entries, root }, key);
  await storeCheckpoint(path, note, nowS);
  return {
    checks: [{
      id: "checkpoint_signed",
      ok: true,
      mode: "enforce",
      value: entries,
      expect: "a checkpoint that continues the one before",
    }],
    headline: `checkpoint of ${entries} entries signed`,
    fields: { origin: policy.origin, size: entries, root_hash: root.toHex(), note },
    stdout: note,
    nextActions: ["keep it elsewhere: deno task audit_log anchor"],
  };
}
