import { visitLines } from "./log_lines.ts";

/**
 * The newest lines of a log that fit, oldest first, as they stand. A line that is no JSON is shown
 * too, unless something is asked of it.
 *
 * @throws {Deno.errors.NotFound} If there is no log.
 */
export async function showEntries(
  path: string,
  { limit, action, candidate }: {
    limit: number;
    action?: string | undefined;
    candidate?: string | undefined;
  },
): Promise<string[]> {
  const rows: string[] = [];
  const decoder = new TextDecoder();
  await visitLines(path, 0, (bytes) => {
    const line = decoder.decode(bytes);
    if (action === undefined && candidate === undefined || fits(line, action, candidate)) {
      rows.push(line);
      if (rows.length > 2 * limit) rows.splice(0, rows.length - limit);
    }
    return true;
  });
  return rows.slice(-limit);
}

function fits(line: string, action?: string, candidate?: string): boolean {
  try {
    const entry = JSON.parse(line);
    return (action === undefined || entry.action === action) &&
      (candidate === undefined || entry.release_candidate_id === candidate);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
