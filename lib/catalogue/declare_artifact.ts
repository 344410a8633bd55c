import type { z } from "zod";
import type { ArtifactKind } from "./artifact_kind.ts";

type OwnFields = typeof import("./own_fields.ts");

/** Own fields of a report, loaded only where schemas are made. */
export function own(
  pick: (fields: OwnFields) => z.ZodRawShape,
): () => Promise<z.ZodRawShape> {
  return async () => pick(await import("./own_fields.ts"));
}

/** The artifact that says to people what a report says to machines. */
export function markdown(
  id: string,
  producer: string,
  about: string,
  headings: string[] = [],
): ArtifactKind {
  return {
    id: `${id}_markdown`,
    about,
    producer,
    glob: `.data/out/${id}_*.md`,
    format: "markdown",
    headings,
  };
}
