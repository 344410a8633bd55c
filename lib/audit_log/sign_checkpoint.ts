import { checkpointPath, storeCheckpoint } from "../audit/checkpoint_store.ts";
import { parseSigningKey, readSigningKey, type SigningKey } from "../audit/keys.ts";
import { auditPaths } from "../audit/paths.ts";
import { cosignCheckpoint, sealCheckpoint } from "../audit/sealed_checkpoint.ts";
import type { Context, Outcome } from "../command/command.ts";
import { UsageError } from "../command/errors.ts";
import { secret } from "../command/flag.ts";
import type { EvidenceTrustPolicy } from "../policy/evidence_trust_policy.ts";
import { lockPathFor, withLock } from "../store/lock.ts";
import { LOG_FLAGS } from "./log_flags.ts";
import { ownCheckpoint, verifiedLog } from "./verified_log.ts";

const KEY_ENV = "WA_AUDIT_CHAIN_SIGNING_KEY";

/** The flags of signing; the key never stands on the command line. */
export const CHECKPOINT_FLAGS = {
  ...LOG_FLAGS,
  "signing-key": secret({
    env: KEY_ENV,
    help: "Ed25519 key in PKCS#8 PEM, as signing_key generate makes it",
  }),
};

type Run = Context<typeof CHECKPOINT_FLAGS, EvidenceTrustPolicy>;

/** The key from the variable, or from a file that only its owner can read. */
async function keyOf(run: Run): Promise<SigningKey> {
  const pem = run.flags["signing-key"];
  const file = run.env(KEY_ENV) === undefined ? run.env(`${KEY_ENV}_FILE`) : undefined;
  if (pem === undefined) {
    throw new UsageError(
      "A checkpoint needs a key",
      `set ${KEY_ENV}_FILE to a file made by: deno task signing_key generate`,
    );
  }
  try {
    return await (file === undefined
      ? parseSigningKey(pem)
      : readSigningKey(run.inputs.absolute(file)));
  } catch (cause) {
    const hint = "see: deno task signing_key generate";
    throw new UsageError((cause as Error).message, hint, { cause });
  }
}

/**
 * Signs size and root of the log as it is, after verifying it against the checkpoint before. Where
 * that one is of the same entries the signature is added to it, so that several keys can sign.
 *
 * One at a time: the newest checkpoint never becomes one of fewer entries.
 */
export async function signCheckpoint(run: Run): Promise<Outcome> {
  const key = await keyOf(run);
  const { log } = auditPaths(run.root, { log: run.flags.log });
  const lock = lockPathFor(run.root, checkpointPath(log));
  const purpose = "audit_log checkpoint";
  return await withLock(lock, { waitMs: 10_000, purpose }, () => signNext(run, key));
}

async function signNext(run: Run, key: SigningKey): Promise<Outcome> {
  const { policy, nowS } = run;
  const earlier = await ownCheckpoint(run, policy);
  const { head, path } = await verifiedLog(
    run,
    earlier === undefined ? [] : [earlier.checkpoint],
  );
  const { entries } = head.at;
  const root = head.tree().root();
  const { origin } = policy;
  const note = earlier?.checkpoint.size === entries
    ? await cosignCheckpoint(earlier.note, earlier.checkpoint, key)
    : await sealCheckpoint({ origin, size: entries, root }, key);
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
    fields: { origin, size: entries, root_hash: root.toHex(), note },
    stdout: note,
    nextActions: ["keep it elsewhere: deno task audit_log anchor"],
  };
}
