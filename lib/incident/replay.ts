import { type Channel, CHANNELS } from "../policy/incident_routing.ts";
import { type Check, notApplicable } from "../report/check.ts";
import type { Configuration, NotifyRun } from "./configuration.ts";
import { DeadLetters, type FiledLetter } from "./dead_letter.ts";
import type { Delivery, DeliveryRow } from "./deliver.ts";
import type { Notification } from "./notify_incident.ts";
import { planOf, targetsOf } from "./plan.ts";
import { sendAll } from "./send_all.ts";
import { deliveryId } from "./target.ts";

/** A letter and what must be delivered to be rid of it. */
interface Replay {
  filed: FiledLetter;
  deliveries: Delivery[];
  /** Why it cannot be delivered; undefined where it can. */
  fault: string | undefined;
}

/** The place of a letter: the same mailbox; for a webhook the one in force, which may be another. */
async function again(
  configuration: Configuration,
  filed: FiledLetter,
  channel: Channel,
): Promise<Replay> {
  const { target_sha256, message, target: shown } = filed.letter;
  const targets = await targetsOf(configuration, channel);
  const target = targets.find(({ digest }) => digest === target_sha256) ??
    (channel === "email" ? undefined : targets[0]);
  if (target === undefined) {
    const fault = `${filed.path}: ${channel} ${shown} has no address any more`;
    return { filed, deliveries: [], fault };
  }
  const id = await deliveryId(message.incident, target);
  return { filed, deliveries: [{ id, target, message }], fault: undefined };
}

async function replayOf(
  run: NotifyRun,
  configuration: Configuration,
  filed: FiledLetter,
): Promise<Replay> {
  const { channel, message } = filed.letter;
  if (channel !== null) return await again(configuration, filed, channel);
  const { deliveries } = await planOf(run, configuration, message);
  const fault = deliveries.length > 0 ? undefined : `${filed.path}: nobody is chosen to be told`;
  return { filed, deliveries, fault };
}

/**
 * @param letters How many letters could be read, delivered or not.
 * @param why Why no letter is delivered, where none is.
 */
function checksOf(
  replays: readonly Replay[],
  { letters, faults, why }: { letters: number; faults: readonly string[]; why: string },
): Check[] {
  const readable = "dead letters that can be read";
  const examined = letters + faults.length;
  const loaded: Check = examined === 0 ? notApplicable("dead_letters_loaded", readable, why) : {
    id: "dead_letters_loaded",
    ok: faults.length === 0,
    mode: "enforce",
    value: { examined, faults: faults.slice(0, 20) },
    expect: readable,
    hint: `mend or remove ${faults[0] ?? ""}`,
  };
  const expect = "a place for every dead letter";
  const lost = replays.flatMap(({ fault }) => fault ?? []);
  return [
    loaded,
    replays.length === 0 ? notApplicable("dead_letters_deliverable", expect, why) : {
      id: "dead_letters_deliverable",
      ok: lost.length === 0,
      mode: "enforce",
      value: { examined: replays.length, undeliverable: lost.slice(0, 20) },
      expect,
      hint: "give the channel an address, or remove the letter",
    },
  ];
}

/**
 * Delivers dead letters that were not delivered yet. A letter that was is marked, and the outbox
 * knows it, so the next replay passes it over.
 */
export async function replayLetters(
  run: NotifyRun,
  configuration: Configuration,
): Promise<Notification> {
  const { flags, root, inputs } = run;
  const letters = new DeadLetters(root, flags["dead-letter-dir"], configuration.secrets);
  const named = flags["replay-dead-letter"];
  const read = await letters.read(named === undefined ? undefined : inputs.shown(named));
  // A letter of a drill is no news, and in a drill nothing else is.
  const waiting = read.letters.filter(({ letter }) =>
    letter.replayed_at === null && letter.message.incident.drill === flags.drill
  );
  const replays: Replay[] = [];
  if (!configuration.unusable) {
    for (const filed of waiting) replays.push(await replayOf(run, configuration, filed));
  }
  const byId = new Map(replays.flatMap(({ deliveries }) => deliveries.map((one) => [one.id, one])));
  const deliveries = [...byId.values()]; // two letters may be about the same news for one place
  const rows = await sendAll(run, configuration, letters, deliveries);
  const done = new Map(rows.map((row) => [row.delivery_id, row]));
  const delivered = ({ deliveries }: Replay): boolean =>
    deliveries.length > 0 && deliveries.every(({ id }) => done.get(id)?.ok === true);
  for (const replay of replays.filter(delivered)) {
    await letters.retireFile(replay.filed, Date.now() / 1000);
  }
  const routed = CHANNELS.filter((channel) => rows.some((row) => row.channel === channel));
  const left = waiting.filter(({ path }) =>
    !replays.some((replay) => replay.filed.path === path && delivered(replay))
  );
  const failed = rows.some((row: DeliveryRow) => !row.ok);
  return {
    mode: "replay",
    incident: waiting.length === 1 ? waiting[0]?.letter.message.incident : undefined,
    incidentReport: "",
    skipped: waiting.length === 0,
    reason: failed ? "channel_failed" : waiting.length === 0 ? "no_dead_letter" : "",
    plan: { routed, used: routed, trace: [] },
    rows,
    deadLetters: left.map(({ path }) => path),
    checks: checksOf(replays, {
      letters: read.letters.length,
      faults: read.faults,
      why: waiting.length === 0 ? "no dead letter waits" : "the routing policy cannot be used",
    }),
  };
}
