const VECTORS = new URL("../../../../shared/vectors/", import.meta.url);

/**
 * Published conformance vectors beside the repository: where they are, whether they are there, and
 * the words a test name gets when they are not.
 */
export function vectorsAt(path: string): { url: URL; present: boolean; reason: string } {
  const url = new URL(path, VECTORS);
  try {
    Deno.statSync(url);
    return { url, present: true, reason: "" };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { url, present: false, reason: ` (skipped: ../shared/vectors/${path} is absent)` };
  }
}
