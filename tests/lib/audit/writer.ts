/** Appends entries until it is done or killed, and prints each receipt: `writer.ts ROOT COUNT`. */
import { appendAudit } from "../../../lib/audit/append.ts";
import { sampleRecord } from "./sample_log.ts";

const [root = "", count = "0"] = Deno.args;
for (let n = 0; n < Number(count); n++) {
  const [receipt] = await appendAudit(root, sampleRecord(n), { waitMs: 60_000 });
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(receipt)}\n`));
}
