import type { Check } from "../report/check.ts";
import type { DeliveryRow } from "./deliver.ts";
import { DrillStage, type NotifierEnd, type Rehearsal, type StageSetting } from "./drill_stage.ts";

/** One thing that goes wrong, and what must come of it. */
export type Scenario = (rehearsal: Rehearsal) => Promise<Check>;

const ONCALL = "/oncall-webhook";

function verdict(id: string, ok: boolean, value: unknown, expect: string): Check {
  const hint = "run deno task incident_notify_drill again; then see docs/INCIDENT_NOTIFICATION.md";
  return { id, ok, mode: "enforce", value, expect, hint };
}

/** What one run did, in few words. */
function seen({ code, report }: NotifierEnd, calls: number) {
  const [row] = report.channels ?? [];
  return {
    exit: code,
    status: row?.status ?? String(report.reason ?? ""),
    attempts: row?.attempts.length ?? 0,
    calls,
  };
}

/** A scenario of one webhook that answers in a certain way. */
function oneWebhook(
  id: string,
  setting: StageSetting,
  expect: string,
  judge: (facts: ReturnType<typeof seen>, rows: DeliveryRow[], stage: DrillStage) => boolean,
  args: string[] = [],
): Scenario {
  return async (rehearsal) => {
    await using stage = await DrillStage.make(rehearsal, id, setting);
    const end = await stage.notify(stage.oncall(), ...args);
    const facts = seen(end, stage.receiver.calls.length);
    return verdict(id, judge(facts, end.report.channels ?? [], stage), facts, expect);
  };
}

const retryAfter500 = oneWebhook(
  "server_error_retried",
  { answers: { [ONCALL]: [{ status: 500 }, { status: 200 }] } },
  "exit 0 after 2 attempts",
  ({ exit, attempts, calls }) => exit === 0 && attempts === 2 && calls === 2,
);

const retryAfterHonoured = oneWebhook(
  "retry_after_honoured",
  {
    answers: { [ONCALL]: [{ status: 429, headers: { "Retry-After": "1" } }, { status: 200 }] },
  },
  "exit 0 after 2 attempts, 1 s apart at least",
  ({ exit, attempts }, [row], { receiver }) => {
    const [first, second] = receiver.calls;
    const apartS = (second?.ts ?? 0) - (first?.ts ?? Infinity);
    return exit === 0 && attempts === 2 && (row?.attempts[1]?.waited_s ?? 0) >= 1 && apartS > 0.9;
  },
);

const timeoutRetried = oneWebhook(
  "timeout_retried",
  { answers: { [ONCALL]: ["silent", { status: 200 }] } },
  "exit 0 after a time-out and a second attempt",
  ({ exit, attempts }, [row]) =>
    exit === 0 && attempts === 2 && row?.attempts[0]?.status === "timeout",
  ["--timeout-s", "0.5"],
);

const refusalNotRetried = oneWebhook(
  "refusal_not_retried",
  { answers: { [ONCALL]: [{ status: 400 }] } },
  "exit 2 after exactly 1 attempt, and a dead letter",
  ({ exit, attempts, calls }, [row]) =>
    exit === 2 && attempts === 1 && calls === 1 && row?.dead_letter !== undefined,
);

const redirectRefused = oneWebhook(
  "redirect_refused",
  { answers: { [ONCALL]: [{ status: 302, headers: { Location: "/elsewhere" } }] } },
  "exit 2, and the other place was never asked",
  ({ exit, attempts }, _rows, { receiver }) =>
    exit === 2 && attempts === 1 && receiver.on("/elsewhere").length === 0,
);

/** Channels that say no with status 200. */
function quietRefusal(channel: "slack" | "feishu", body: string, status: string): Scenario {
  const id = `${channel}_refusal_seen`;
  return async (rehearsal) => {
    const answers = { [`/${channel}`]: [{ status: 200, body }] };
    await using stage = await DrillStage.make(rehearsal, id, { answers });
    const env = { [`WA_INCIDENT_${channel.toUpperCase()}_WEBHOOK_URL`]: stage.url(`/${channel}`) };
    const end = await stage.notify(env, "--prefer-oncall-roster=0");
    const facts = seen(end, stage.receiver.calls.length);
    const ok = facts.exit === 2 && facts.status === status && facts.calls === 1;
    return verdict(id, ok, facts, `exit 2 with ${status}, although HTTP said 200`);
  };
}

/** A loopback port on which nobody listens. */
function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

const replayedOnce: Scenario = async (rehearsal) => {
  const id = "dead_letter_replayed_once";
  await using stage = await DrillStage.make(rehearsal, id);
  const closed = `http://127.0.0.1:${closedPort()}${ONCALL}?token=${rehearsal.token}`;
  const refused = await stage.notify(stage.oncall(closed), "--retries", "1");
  const replay = await stage.notify(stage.oncall(), "--replay");
  const calls = stage.receiver.calls.length;
  const again = await stage.notify(stage.oncall(), "--replay");
  const normal = await stage.notify(stage.oncall());
  const facts = {
    refused: seen(refused, 0),
    replay: seen(replay, calls),
    second_replay: seen(again, stage.receiver.calls.length - calls),
    calls: stage.receiver.calls.length,
  };
  const ok = refused.code === 2 && facts.refused.attempts === 2 &&
    (refused.report.channels?.[0]?.dead_letter ?? "") !== "" && replay.code === 0 && calls === 1 &&
    again.code === 0 && normal.code === 0 && stage.receiver.calls.length === 1;
  return verdict(id, ok, facts, "a refused connection leaves a letter, delivered exactly once");
};

const rosterAbsent: Scenario = async (rehearsal) => {
  const id = "roster_absent_static_used";
  await using stage = await DrillStage.make(rehearsal, id, { withoutRoster: true });
  const env = { WA_INCIDENT_WEBHOOK_URL: stage.url("/webhook") };
  const end = await stage.notify(env);
  const strict = await stage.notify(env, "--strict");
  const calls = stage.receiver.on("/webhook").length;
  const facts = { ...seen(end, calls), strict_exit: strict.code };
  const ok = end.code === 0 && strict.code === 2 && calls === 1;
  return verdict(id, ok, facts, "the static webhook told once; exit 0, and 2 under --strict");
};

/** Quiet from 22 to 7 in Berlin; the night looked at is the one in which the clock goes back. */
const quietHours: Scenario = async (rehearsal) => {
  const id = "quiet_hours_kept";
  const routing = {
    version: 2,
    timezone: "Europe/Berlin",
    rules: [
      { id: "quiet", windows: [{ from: "22:00", to: "07:00" }], mute: true },
      { id: "everything", channels: ["webhook"] },
    ],
  };
  await using stage = await DrillStage.make(rehearsal, id, { routing });
  const told: number[] = [];
  const times = ["2026-10-25T01:30:00Z", "2026-10-25T05:59:59Z", "2026-10-25T06:00:00Z"];
  for (const time of times) {
    const before = stage.receiver.calls.length;
    const { code } = await stage.notify(stage.oncall(), "--at", time);
    told.push(code === 0 ? stage.receiver.calls.length - before : -1);
  }
  const ok = told.join() === "0,0,1";
  return verdict(id, ok, { times, told }, "nobody before 07:00 there, 1 call at 07:00");
};

const externalRefused: Scenario = async (rehearsal) => {
  const id = "external_target_refused";
  await using stage = await DrillStage.make(rehearsal, id);
  const statuses: string[] = [];
  for (
    const url of ["https://192.0.2.1/hook", "https://hooks.example.invalid/x", "file:///etc/x"]
  ) {
    const { code, report } = await stage.notify(stage.oncall(url), "--retries", "0");
    statuses.push(code === 2 ? report.channels?.[0]?.status ?? "" : `exit ${code}`);
  }
  const ok = statuses.every((status) => status === "target_refused");
  return verdict(id, ok, statuses, "target_refused for everything outside loopback");
};

/** Every scenario of webhooks and chats. */
export const SCENARIOS: readonly Scenario[] = [
  retryAfter500,
  retryAfterHonoured,
  timeoutRetried,
  refusalNotRetried,
  redirectRefused,
  quietRefusal("slack", "no_text", "slack_not_ok"),
  quietRefusal("feishu", '{"code":19021,"msg":"sign match fail"}', "feishu_code_19021"),
  replayedOnce,
  rosterAbsent,
  quietHours,
  externalRefused,
];
