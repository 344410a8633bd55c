import { type Envelope, EnvelopeError, openEnvelope, signEnvelope } from "../audit/dsse.ts";
import type { SigningKey } from "../audit/keys.ts";
import { Statement, STATEMENT_PAYLOAD_TYPE, STATEMENT_TYPE } from "../audit/statement.ts";
import { keysFor } from "../audit/trust.ts";
import { hasDoubtfulKeys } from "../policy/doubtful_keys.ts";
import type { RollbackDrillSignaturePolicy } from "../policy/rollback_drill_signature_policy.ts";
import { canonicalJson } from "../store/canonical.ts";
import { DrillPayload } from "./drill_payload.ts";

/** `predicateType` of a statement about drill evidence. */
export const DRILL_PREDICATE_TYPE = "https://release-governance.invalid/rollback-drill/v1";

const subjects = ({ artifacts }: DrillPayload) =>
  artifacts.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } }));

/** Signs a payload as an in-toto statement: each piece of evidence is a subject. */
export async function signStatement(payload: DrillPayload, key: SigningKey): Promise<Envelope> {
  const statement = {
    _type: STATEMENT_TYPE,
    subject: subjects(payload),
    predicateType: DRILL_PREDICATE_TYPE,
    predicate: payload,
  };
  const bytes = new TextEncoder().encode(canonicalJson(statement));
  return await signEnvelope(STATEMENT_PAYLOAD_TYPE, bytes, [key]);
}

/** Why an envelope does not vouch for a payload. */
export class StatementError extends Error {
  override name = "StatementError";
}

function statementIn(bytes: Uint8Array): Statement {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (hasDoubtfulKeys(text, value)) throw new TypeError("one of its objects has a key twice");
    return Statement.parse(value);
  } catch (cause) {
    throw new StatementError("its content is not an in-toto statement", { cause });
  }
}

/**
 * Opens an envelope with the keys the policy trusted when the payload says it was signed. Only what
 * the envelope holds is returned; the payload beside it merely says which keys to try.
 *
 * @throws {StatementError} If it is not signed by enough trusted keys, or is about something else.
 */
export async function openStatement(
  envelope: unknown,
  claimed: DrillPayload,
  policy: RollbackDrillSignaturePolicy,
): Promise<DrillPayload> {
  const trust = {
    keys: policy.trusted_keys.map((key) => ({ ...key, purposes: ["manifest"] as const })),
    revoked: policy.revoked,
  };
  const { trusted, refused } = keysFor(trust, "manifest", claimed.signed_at);
  const verifiers = trusted.map((key) => key.envelope);
  const options = { payloadType: STATEMENT_PAYLOAD_TYPE, threshold: policy.threshold };
  try {
    const { payload } = await openEnvelope(envelope, verifiers, options);
    const { predicateType, predicate, subject } = statementIn(payload);
    const parsed = DrillPayload.safeParse(predicate);
    if (predicateType !== DRILL_PREDICATE_TYPE || !parsed.success) {
      throw new StatementError("its statement is not about drill evidence");
    }
    if (canonicalJson(subject) !== canonicalJson(subjects(parsed.data))) {
      throw new StatementError("its subjects are not its artifacts");
    }
    return parsed.data;
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    const why = refused.map(({ name, reason }) => `; key ${name}: ${reason}`).join("");
    throw new StatementError(`${error.message}${why}`, { cause: error });
  }
}
