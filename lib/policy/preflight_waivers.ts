import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";

/** `security/preflight_waivers.json`: who may leave out which mandatory step, why and until when. */
export const PreflightWaivers = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("Format of this file"),
  waivers: z.array(z.strictObject({
    step: z.string().min(1).describe("Step id, as preflight --list shows it"),
    owner: z.string().min(1).describe("Who answers for leaving it out"),
    reason: z.string().min(10).describe("Why, in a sentence"),
    expires: z.iso.datetime({ offset: true }).describe("The waiver is void from then on"),
  })),
});
export type PreflightWaivers = z.output<typeof PreflightWaivers>;
