/**
 * A script for the tests of the command core: it ends in every way in which a script can end.
 * @module
 */
import { z } from "zod";
import { type Context, defineCommand, type Outcome } from "../../../lib/command/command.ts";
import { IoError, NotReadyError, UsageError } from "../../../lib/command/errors.ts";
import {
  boolean,
  choice,
  integer,
  list,
  number,
  path,
  secret,
  text,
} from "../../../lib/command/flag.ts";
import { main } from "../../../lib/command/main.ts";
import type { Check } from "../../../lib/report/check.ts";
import { withLock } from "../../../lib/store/lock.ts";

const Policy = z.strictObject({
  version: z.literal(1),
  limit: z.int().optional(),
});

const flags = {
  end: text({ default: "pass", help: "How to end" }),
  limit: integer({
    env: "WA_PROBE_LIMIT",
    policy: "/limit",
    default: 7,
    min: 1,
    max: 99,
    help: "N",
  }),
  ratio: number({ env: "WA_PROBE_RATIO", help: "Share" }),
  color: choice(["red", "green"], { env: "WA_PROBE_COLOR", default: "red", help: "Colour" }),
  "dry-run": boolean({ env: "WA_PROBE_DRY_RUN", help: "Write nothing" }),
  tag: list({ env: "WA_PROBE_TAGS", help: "Tags" }),
  input: path({ help: "A file to read" }),
  "api-token": secret({ env: "WA_PROBE_API_TOKEN", help: "Token of the service" }),
};

type Run = Context<typeof flags, z.output<typeof Policy>>;

const row = (changes: Partial<Check> = {}): Check => ({
  id: "probe_holds",
  ok: true,
  mode: "enforce",
  value: 1,
  expect: "1",
  ...changes,
});
const failed = (changes: Partial<Check>): Outcome => ({
  checks: [row({ ok: false, hint: "mend it", ...changes })],
  headline: "it does not hold",
});

/** Says on stdout that it waits, and waits for a signal. */
async function wait(signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => stopped.resolve()); // before anybody may send the signal
  await Deno.stdout.write(new TextEncoder().encode("waiting"));
  const alive = setInterval(() => {}, 60_000);
  await stopped.promise;
  clearInterval(alive);
}

const ENDS: Record<string, (run: Run) => Outcome | Promise<Outcome>> = {
  pass: () => ({ checks: [row()], headline: "it holds", stdout: "the answer\n" }),
  warn: (run) => failed({ mode: run.gate }),
  fail: () => failed({ location: { file: "a.json", line: 2 } }),
  nothing: () => ({ checks: [], headline: "nothing was judged" }),
  usage: () => {
    throw new UsageError("--a and --b exclude each other", "leave one out");
  },
  io: () => {
    throw new IoError("Cannot read the store: it is cut off");
  },
  "not-ready": () => {
    throw new NotReadyError("Cannot find evidence yet", "run the probe first");
  },
  busy: (run) =>
    withLock(
      `${run.root}/.data/x.lock`,
      { waitMs: 0, purpose: "outer" },
      () =>
        withLock(
          `${run.root}/.data/x.lock`,
          { waitMs: 0, purpose: "inner" },
          () => Promise.resolve({ checks: [row()], headline: "" }),
        ),
    ),
  defect: ({ flags }) => {
    throw new RangeError(`a defect near ${flags["api-token"]}`);
  },
  denied: () => {
    Deno.readTextFileSync("/etc/hostname");
    return { checks: [row()], headline: "" };
  },
  wait: async ({ signal }) => {
    await wait(signal);
    return { checks: [row()], headline: "ended well" };
  },
  "wait-throw": async ({ signal }) => {
    await wait(signal);
    signal.throwIfAborted();
    return { checks: [row()], headline: "not reached" };
  },
  checkpoint: async (run) => {
    await run.checkpoint({ checks: [row()], headline: "so far", fields: { steps: 1 } });
    await wait(run.signal);
    return { checks: [row()], headline: "the end", fields: { steps: 2 } };
  },
  leak: ({ flags, progress }) => {
    const token = flags["api-token"] ?? "";
    progress("it works");
    return {
      ...failed({
        id: `holds::${token}`,
        value: `${"x".repeat(140)}${token}`, // so long that what people see is cut within it
        expect: `not ${token}`,
        hint: `curl -H "Authorization: ${token}"`,
        location: { file: `${token}.json` },
      }),
      headline: `found ${token}`,
      findings: [{ rule: "r", level: "error", message: token, location: { file: "f" } }],
      fields: { [token]: token, deep: [{ url: `https://x/?t=${encodeURIComponent(token)}` }] },
      nextActions: [token],
      stdout: `${token}\n`,
    };
  },
  override: () => ({
    ...failed({}),
    fields: { ok: true, exit_code: 0, checks: [], clean: true, own: 1 },
  }),
  "after-fails": () => ({
    checks: [row()],
    headline: "it holds",
    after: () => Promise.reject(new Error("the page could not be written")),
  }),
  read: async ({ inputs, flags }) => {
    const file = await inputs.text(flags.input ?? "");
    return { checks: [row({ value: file.state })], headline: "read" };
  },
};

export const command = defineCommand({
  name: "probe",
  summary: "End in the way that is asked for",
  kind: "gate",
  artifact: "probe",
  strictEnv: "WA_PROBE_STRICT",
  policy: { path: "security/probe_policy.json", schema: Policy, env: "WA_PROBE_POLICY_FILE" },
  findings: true,
  flags,
  operands: { name: "WORD", help: "A word", most: 1 },
  run: (run) => {
    const end = ENDS[run.flags.end];
    if (end === undefined) throw new UsageError(`--end is "${run.flags.end}"`);
    return end(run);
  },
});

if (import.meta.main) await main(command);
