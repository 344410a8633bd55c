import { assertEquals } from "@std/assert";
import { appendAudit } from "../../../lib/audit/append.ts";
import { judgeIntents } from "../../../lib/audit/judge_intents.ts";
import { AUDIT_LOG } from "../../../lib/audit/paths.ts";
import { TempRepository } from "../../support/temp_repository.ts";
import { sampleRecord } from "./sample_log.ts";

type Said = [status: string, context?: Record<string, unknown>, changes?: { actor?: string }];

/** What the row says of a log: numbers of unsettled entries, or that there was nothing to settle. */
async function unsettled(entries: Said[]): Promise<number[] | "none"> {
  await using it = await TempRepository.make({});
  const said = entries.map(([status, context = {}, changes = {}]) => ({
    ...sampleRecord(1),
    ...changes,
    status,
    context,
  }));
  await appendAudit(it.root, said);
  const { size } = await Deno.stat(it.path(AUDIT_LOG));
  const check = await judgeIntents(it.path(AUDIT_LOG), size);
  if (check.not_applicable !== undefined) return "none";
  const rows = (check.value as { unsettled: { seq: number }[] }).unsettled;
  assertEquals(check.ok, rows.length === 0);
  return rows.map(({ seq }) => seq);
}

const CASES: [what: string, entries: Said[], wanted: number[] | "none"][] = [
  ["no intent at all", [["ok"], ["failed"]], "none"],
  ["an intent and its outcome, which adds to the context", [
    ["intent", { to: "1.4.0" }],
    ["ok", { to: "1.4.0", revision: 4 }],
  ], []],
  ["an intent that failed", [["intent"], ["failed"]], []],
  ["an intent without an outcome", [["ok"], ["intent"]], [2]],
  ["an outcome before the intent only", [["intent"], ["ok"], ["intent"]], [3]],
  ["a change that was interrupted and made again", [["intent"], ["intent"], ["ok"]], []],
  ["an outcome of another change", [["intent", { to: "1.4.0" }], ["ok", { to: "1.5.0" }]], [1]],
  ["an outcome that says less", [["intent", { to: "1.4.0" }], ["ok", {}]], [1]],
  ["somebody else's outcome", [["intent", {}, { actor: "a" }], ["ok", {}, { actor: "b" }]], [1]],
  ["changes that overlap", [
    ["intent", { n: 1 }],
    ["intent", { n: 2 }],
    ["ok", { n: 2 }],
    ["ok", { n: 1 }],
  ], []],
];

for (const [what, entries, wanted] of CASES) {
  Deno.test(`judgeIntents() finds [${wanted}] unsettled in a log with ${what}`, async () => {
    assertEquals(await unsettled(entries), wanted);
  });
}

Deno.test("judgeIntents() looks through the newest thousand entries", async () => {
  const others = (count: number): Said[] => Array.from({ length: count }, () => ["ok", { n: 1 }]);
  assertEquals(await unsettled([["intent", { n: 2 }], ...others(999)]), [1]);
  assertEquals(await unsettled([["intent", { n: 2 }], ...others(1_000)]), "none");
});
