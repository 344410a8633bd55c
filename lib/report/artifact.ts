import { createExclusive } from "../store/write_atomic.ts";

/** Folder of reports and evidence, relative to the governed root. */
export const OUT_DIR = ".data/out";

/** A time as it stands in artifact names: `20261126T004310Z`. */
export function stamp(epochS: number): string {
  return new Date(epochS * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, "");
}

/** What an artifact is called. */
export interface ArtifactName {
  /** The kind of artifact. */
  prefix: string;
  epochS: number;
  /** Follows the time, such as `preflight` in `rollback_bundle_report_<time>_preflight.json`. */
  label?: string | undefined;
  extension?: string;
}

/** The names an artifact may take, in the order they are tried: `_1`, `_2` ... when taken. */
function artifactName(
  { prefix, epochS, label, extension = "json" }: ArtifactName,
  attempt: number,
): string {
  const suffix = attempt === 0 ? "" : `_${attempt}`;
  const words = label === undefined ? "" : `_${label.replaceAll(/[^A-Za-z0-9]+/g, "_")}`;
  return `${OUT_DIR}/${prefix}_${stamp(epochS)}${suffix}${words}.${extension}`;
}

/**
 * Writes a new artifact under `.data/out`, never over an existing one.
 *
 * @param render Makes the content, given the path (relative to root) that the file will have.
 * @returns The path relative to root.
 */
export async function writeArtifact(
  root: string,
  name: ArtifactName,
  render: (path: string) => string,
): Promise<string> {
  Deno.mkdirSync(`${root}/${OUT_DIR}`, { recursive: true });
  for (let attempt = 0;; attempt++) {
    const path = artifactName(name, attempt);
    try {
      await createExclusive(`${root}/${path}`, render(path));
      return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}
