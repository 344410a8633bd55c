import { z } from "zod";
import { hasDoubtfulKeys } from "../policy/doubtful_keys.ts";
import { RepoPath } from "../policy/schema_key.ts";
import { canonicalJson } from "../store/canonical.ts";

/** What a signature on drill evidence is about, so that it fits nothing else. */
export const DRILL_CONTEXT = "rollback-drill-evidence/v1";

const Artifact = z.strictObject({
  path: RepoPath,
  size: z.int().min(0).describe("Bytes"),
  mtime: z.number().describe("Epoch seconds; for information only"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * The signed content. Times are whole seconds: other languages write fractions differently, and a
 * signature must be checkable in all of them.
 */
export const DrillPayload = z.looseObject({
  version: z.literal(1),
  signed_at: z.number().describe("Epoch seconds; the only time freshness is judged by"),
  algorithm: z.string(),
  key_id: z.string(),
  artifact_patterns: z.looseObject({
    incident_drill_pattern: z.string(),
    rollback_bundle_pattern: z.string(),
    incident_report_pattern: z.string(),
  }),
  artifacts: z.array(Artifact).min(1),
  context: z.string().optional(),
  result: z.enum(["passed", "failed"]).optional().describe("Whether all of the evidence passed"),
  commit: z.string().optional(),
  correlation_id: z.string().optional(),
  release_candidate_id: z.string().optional(),
  nonce: z.string().optional().describe("Tells two signatures over the same evidence apart"),
});
export type DrillPayload = z.output<typeof DrillPayload>;

/** A report that carries a signature, as the signer writes it. */
export const SignedDrill = z.looseObject({
  payload: DrillPayload,
  payload_canonical_json: z.string(),
  signature: z.string().describe("HMAC-SHA256 in lower-case hex; empty for an envelope"),
  envelope: z.unknown().optional().describe("DSSE envelope over an in-toto statement"),
});
export type SignedDrill = z.output<typeof SignedDrill>;

/**
 * Whether the text that is signed says exactly what the payload beside it says. The text is what is
 * verified; it may have been written by another program, with numbers in another form. A text with
 * a key twice says two things.
 */
export function saysTheSame({ payload, payload_canonical_json: text }: SignedDrill): boolean {
  try {
    const said: unknown = JSON.parse(text);
    return canonicalJson(said) === canonicalJson(payload) && !hasDoubtfulKeys(text, said);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return false;
    throw error;
  }
}
