/**
 * In-toto statements (in-toto attestation framework, Statement v1): a claim about artifacts that
 * are named by their digests.
 *
 * @module
 */
import { z } from "zod";

/** `payloadType` of an envelope that holds a statement. */
export const STATEMENT_PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** `_type` of a statement. */
export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";

/** Digests by algorithm, lower-case hex (in-toto DigestSet). */
const DigestSet = z.record(z.string().min(1), z.string().regex(/^[0-9a-f]+$/))
  .refine((set) => Object.keys(set).length > 0, { error: "wanted at least one digest" });

/** Something the statement is about or refers to (in-toto ResourceDescriptor). */
export const ResourceDescriptor = z.object({
  name: z.string().min(1).optional(),
  uri: z.string().min(1).optional(),
  digest: DigestSet,
  mediaType: z.string().optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});

/** A statement; fields it does not know are kept, as the framework asks. */
export const Statement = z.looseObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(ResourceDescriptor).min(1).describe("What the statement is about"),
  predicateType: z.url().describe("What kind of claim it makes"),
  predicate: z.record(z.string(), z.unknown()).optional().describe("The claim"),
});
export type Statement = z.output<typeof Statement>;
