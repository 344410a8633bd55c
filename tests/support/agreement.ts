import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { AUDIT_LOG, AUDIT_STATE } from "../../lib/audit/paths.ts";
import { readState } from "../../lib/audit/state.ts";
import { verifyLog } from "../../lib/audit/verify.ts";
import type { FileSite } from "./file_site.ts";

/** Registry, journal, audit log and traffic tell one story, and the audit log is one chain. */
export async function assertAgreement(site: FileSite): Promise<void> {
  const { channels, history } = await site.registry();
  const { canary, stable } = channels;
  const want = canary?.version === stable?.version ? 0 : canary?.rollout_percent;
  assertEquals(await site.weight(), want, "traffic is where the registry says");
  const log = site.repository.path(AUDIT_LOG);
  const stateFile = await readState(site.repository.path(AUDIT_STATE));
  assertEquals((await verifyLog(log, { stateFile })).faults, []);
  const audited = await site.audited();
  for (const { state, recorded, intent_id } of await site.intents()) {
    assert(recorded, `${state} is on record`);
    const rows = history.filter((row) => row.intent_id === intent_id).length;
    assertEquals(rows, state === "COMMITTED" ? 1 : 0, `rows of the ${state} intent`);
    const outcomes = audited.filter(({ action, intent }) =>
      intent === intent_id && action !== "rollout_intent" && action !== "rollout_needs_operator"
    );
    assertEquals(outcomes.length, 1, `outcomes of the ${state} intent`);
  }
}
