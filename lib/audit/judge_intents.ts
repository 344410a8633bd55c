import { canonicalJson } from "../store/canonical.ts";
import { type Check, notApplicable } from "../report/check.ts";
import { newestEntry } from "./newest_entry.ts";

/** Newest entries that are looked through. */
const MOST_ENTRIES = 1_000;
/** Announcements without an outcome that a row names. */
const MOST_NAMED = 20;

type Entry = Record<string, unknown>;

/** Whether an entry says how that ended which another announced: it repeats all of its context. */
function settles(outcome: Entry, intent: Entry): boolean {
  const same = ["action", "source", "actor"].every((field) => outcome[field] === intent[field]);
  const found = outcome["context"] as Entry;
  return same && Object.entries(intent["context"] as Entry).every(([key, value]) => {
    return key in found && canonicalJson(found[key]) === canonicalJson(value);
  });
}

/**
 * The row about changes that were announced (an entry with status `intent`) and whose outcome was
 * never written: whoever made the change was stopped, and nobody knows from the log alone whether
 * it happened. Whoever repeats a change that was interrupted settles it: an outcome speaks for every
 * announcement of the same change before it. The newest thousand entries are looked through.
 *
 * @param end Length of the verified part of the log, bytes.
 */
export async function judgeIntents(path: string, end: number): Promise<Check> {
  const id = "audit_intents_settled";
  const expect = "an outcome for every change that was announced";
  const newest: Entry[] = [];
  await newestEntry(path, end, (entry) => newest.push(entry) === MOST_ENTRIES);
  let open: Entry[] = [];
  let announced = 0;
  for (const entry of newest.reverse()) {
    if (entry["status"] === "intent") {
      open.push(entry);
      announced += 1;
    } else open = open.filter((intent) => !settles(entry, intent));
  }
  if (announced === 0) return notApplicable(id, expect, "no change was announced lately");
  const unsettled = open.slice(0, MOST_NAMED).map(({ seq, action, actor }) => ({
    seq,
    action,
    actor,
  }));
  const ok = open.length === 0;
  return {
    id,
    ok,
    mode: "warn",
    value: { examined: newest.length, announced, unsettled },
    expect,
    ...(ok ? {} : {
      hint:
        `find out whether what entry ${unsettled[0]?.seq} announced was done, then append its ` +
        "outcome: same action, actor, source and context, another status",
    }),
  };
}
