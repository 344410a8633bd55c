import type { AdapterArgs } from "../../lib/rollback/drill_proxy.ts";
import { scriptArgs } from "./run_script.ts";

const quoted = (words: string[]): string => words.map((word) => `'${word}'`).join(" ");

/** Command templates that run an adapter script under exactly its permissions. */
export async function adapterTemplates(
  script: string,
  { look, order: orderExtra }: AdapterArgs,
): Promise<{ apply: string; observe: string; compensate: string }> {
  const order = ["--canary-weight", "{canary_traffic_weight}", "--fence", "{fence}"];
  const record = ["--action", "{action}", "--target-version", "{target_version}"];
  const program = async (...args: string[]): Promise<string> =>
    quoted(["deno", ...await scriptArgs(script, [...args, ...look])]);
  return {
    apply: await program("apply", ...order, ...record, ...orderExtra),
    observe: await program("observe"),
    compensate: await program("compensate", ...order, ...record, ...orderExtra),
  };
}
