import { walk } from "@std/fs/walk";
import { join } from "@std/path/join";
import { relative } from "@std/path/relative";
import type { Check } from "../report/check.ts";
import { AUDIT_LOG } from "../audit/paths.ts";
import { pooled } from "../store/pooled.ts";
import { type HappyPath, happyPath } from "./drill_happy_path.ts";
import { MAIL_SCENARIOS } from "./drill_mail_scenarios.ts";
import { SCENARIOS } from "./drill_scenarios.ts";
import type { Rehearsal } from "./drill_stage.ts";

/** Scenarios under way at the same time. */
const AT_ONCE = 3;

/** What a drill showed. */
export interface RehearsalResult {
  happy: HappyPath;
  /** Of all scenarios, the happy path first. */
  checks: Check[];
}

/** Whether a key or URL stands in anything that the notifier wrote or said. */
async function secretsCheck(
  { folder, key, notifierKey, token }: Rehearsal,
  { end }: HappyPath,
): Promise<Check> {
  const secrets = [key, notifierKey, token];
  const holds = (text: string): boolean => secrets.some((secret) => text.includes(secret));
  const leaks: string[] = [];
  let examined = 2;
  for (const [name, text] of [["stdout", end.stdout], ["stderr", end.stderr]] as const) {
    if (holds(text)) leaks.push(name);
  }
  for await (const { path } of walk(folder, { includeDirs: false })) {
    examined++;
    if (holds(await Deno.readTextFile(path))) leaks.push(relative(folder, path));
  }
  return {
    id: "secrets_kept",
    ok: leaks.length === 0,
    mode: "enforce",
    value: { examined, leaks },
    expect: "no key and no webhook URL in any output",
    hint: `see where ${leaks[0] ?? ""} comes from`,
  };
}

/** The drill's own log has its entries, each of which says that it is of a drill. */
async function auditCheck({ folder }: Rehearsal): Promise<Check> {
  const text = await Deno.readTextFile(join(folder, "happy", AUDIT_LOG)).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  const entries = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const marked = entries.filter(({ context }) => context?.drill === true);
  return {
    id: "drill_audit_separate",
    ok: entries.length > 0 && marked.length === entries.length,
    mode: "enforce",
    value: { entries: entries.length, marked: marked.length },
    expect: "entries in the drill's own audit log, all of them marked",
    hint: "run deno task incident_notify_drill again",
  };
}

/** Runs every scenario with the real notifier. Nothing but loopback is reached. */
export async function rehearse(rehearsal: Rehearsal): Promise<RehearsalResult> {
  const happy = await happyPath(rehearsal);
  const scenarios = rehearsal.withEmail ? [...SCENARIOS, ...MAIL_SCENARIOS] : SCENARIOS;
  const checks = await pooled(scenarios, AT_ONCE, (scenario) => scenario(rehearsal));
  return {
    happy,
    checks: [
      ...happy.checks,
      ...checks,
      await auditCheck(rehearsal),
      await secretsCheck(rehearsal, happy),
    ],
  };
}
