import { z } from "zod";

/**
 * What an adapter prints on standard output, as the last line, in JSON. The executor reads no more
 * of it than this.
 */
export const AdapterAnswer = z.object({
  canary_weight: z.int().min(0).max(100).describe("Percent sent to the canary pool now"),
  fence: z.int().min(0).nullable().describe("Newest fencing token accepted; null if none is kept"),
});
/** What an adapter says is in force. */
export type AdapterAnswer = z.output<typeof AdapterAnswer>;

/**
 * Exit code with which an adapter says that it refused an order and changed nothing. 75 is
 * `EX_TEMPFAIL` of BSD's sysexits.
 */
export const REFUSED_EXIT = 75;

/**
 * Reads the answer out of an adapter's output.
 *
 * @returns The answer, or what is wrong with the output.
 */
export function readAnswer(stdout: string): AdapterAnswer | string {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    return `the last line of its output is not JSON: ${(error as Error).message}`;
  }
  const { success, data, error } = AdapterAnswer.safeParse(json);
  if (success) return data;
  const issue = error.issues[0];
  return `${issue?.path.join("/")} ${issue?.message}`;
}
