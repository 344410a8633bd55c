import type { z } from "zod";
import type { CatalogueEntry } from "../policy/artifact_schema_catalog_policy.ts";

/** An artifact of this toolkit, whether or not the script that writes it is there yet. */
export interface ArtifactKind {
  /** Artifact prefix, also the `kind` inside a report. */
  id: string;
  /** One sentence, without a final period. */
  about: string;
  /** Base name of the script that writes it. */
  producer: string;
  /** Where it is written, when that is not `.data/out/<id>_*.json`. */
  glob?: string;
  format?: CatalogueEntry["format"];
  /** The script's own fields, which a report that passed has. */
  fields?: () => Promise<z.ZodRawShape>;
  /** What the whole file, or each line, looks like where it is not a report. */
  schema?: () => Promise<z.ZodType>;
  headings?: string[];
  /** Every run of preflight leaves one. */
  required?: boolean;
}
