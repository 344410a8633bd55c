import { UsageError } from "../command/errors.ts";
import { lockPathFor, withLock } from "../store/lock.ts";
import { pooled } from "../store/pooled.ts";
import { readText } from "../store/read_text.ts";
import type { Configuration, NotifyRun } from "./configuration.ts";
import type { DeadLetters } from "./dead_letter.ts";
import { Deadline } from "./deadline.ts";
import { deliver, type Delivery, type DeliveryRow, type Sending } from "./deliver.ts";
import { Outbox } from "./outbox.ts";
import { targetRules } from "./target_rules.ts";

/** Deliveries under way at the same time. */
const AT_ONCE = 8;

/** Longest wait between two tries that is made up here, seconds. */
const LONGEST_BACKOFF_S = 30;

/** How much longer than its own deadline a run waits for another run, milliseconds. */
const LOCK_SLACK_MS = 5_000;

function authorities({ flags, inputs }: NotifyRun): string | undefined {
  const path = flags["smtp-ca-file"];
  if (path === undefined) return undefined;
  const file = readText(inputs.absolute(path));
  if (file.state === "ok") return file.text;
  throw new UsageError(`Cannot read --smtp-ca-file "${path}": it is ${file.state}`);
}

/** Everything that sending needs, from the flags and the policy. */
function sendingOf(
  run: NotifyRun,
  { routing }: Configuration,
  letters: DeadLetters,
  signal: AbortSignal,
): Sending {
  const { flags, root } = run;
  const { drill, "allow-external": allowExternal, "timeout-s": timeoutS } = flags;
  const rules = targetRules(routing, { drill, allowExternal });
  return {
    http: {
      rules,
      timeoutS,
      signingKey: flags["signing-key"],
      feishuSecret: flags["feishu-secret"],
    },
    mail: {
      rules,
      timeoutS,
      from: flags["email-from"],
      host: flags["smtp-host"],
      port: flags["smtp-port"],
      starttls: flags["smtp-starttls"],
      user: flags["smtp-user"],
      password: flags["smtp-password"],
      ca: authorities(run),
    },
    retry: {
      retries: flags.retries,
      backoffS: flags["retry-backoff-s"],
      capS: LONGEST_BACKOFF_S,
    },
    outbox: new Outbox(root),
    letters,
    signal,
    deadlineMs: performance.now() + flags["deadline-s"] * 1000,
  };
}

/**
 * Makes deliveries, one run at a time, so that two runs for one incident tell everybody once.
 *
 * @throws {LockBusyError} If another run took longer than this one may.
 */
export async function sendAll(
  run: NotifyRun,
  configuration: Configuration,
  letters: DeadLetters,
  deliveries: readonly Delivery[],
): Promise<DeliveryRow[]> {
  if (deliveries.length === 0) return [];
  const lock = lockPathFor(run.root, new Outbox(run.root).folder);
  const waitMs = run.flags["deadline-s"] * 1000 + LOCK_SLACK_MS;
  return await withLock(lock, { waitMs, purpose: "incident_notify" }, async () => {
    using limit = new Deadline(run.flags["deadline-s"], run.signal);
    const sending = sendingOf(run, configuration, letters, limit.signal);
    return await pooled(deliveries, AT_ONCE, (delivery) => deliver(delivery, sending));
  });
}
