import { join } from "@std/path/join";
import type { Fault } from "../../../lib/audit/fault.ts";
import { readState } from "../../../lib/audit/state.ts";
import { verifyLog } from "../../../lib/audit/verify.ts";
import { MUTATIONS, stateTexts, type Tampered } from "./mutations.ts";
import {
  joinLines,
  LOG_NAME,
  type SampleLog,
  sampleLog,
  sampleRecord,
  seeded,
} from "./sample_log.ts";

/** What came of a series of manipulations. */
export interface TamperResult {
  manipulations: number;
  kinds: number;
  detected: number;
  exact: number;
  cleanLogs: number;
  alarms: number;
  /** The first few that were not named exactly, for people. */
  misses: string[];
}

/** Sizes from 1 to `largest`, about as many small as large ones. */
function sizesUpTo(largest: number): number[] {
  const sizes = new Set<number>();
  for (let size = 1; size < largest; size = Math.max(size + 1, Math.round(size * 1.35))) {
    sizes.add(size);
  }
  return [...sizes.add(largest)];
}

/**
 * Tampers with logs of 1 to `largest` entries and verifies each in a file of its own.
 *
 * @param seed Same seed, same manipulations.
 */
export async function tamperMany(
  { seed, manipulations, cleanLogs, largest, progress }: {
    seed: number;
    manipulations: number;
    cleanLogs: number;
    largest: number;
    /** Told now and then how many manipulations are done. */
    progress?: (done: number) => void;
  },
): Promise<TamperResult> {
  const random = seeded(seed);
  const pick = (n: number) => Math.floor(random() * n);
  const whole = sampleLog(Array.from({ length: largest }, (_, i) => sampleRecord(i)));
  const logs = sizesUpTo(largest).map((size) => sampleLog([], whole.lines.slice(0, size)));
  const result = { manipulations, kinds: MUTATIONS.length, detected: 0, exact: 0 };
  const misses: string[] = [];
  const folder = await Deno.makeTempDir({ prefix: "audit_tamper_" });
  try {
    for (let i = 0; i < manipulations; i++) {
      const mutation = MUTATIONS[i % MUTATIONS.length]!;
      const fitting = logs.filter((log) => log.lines.length >= mutation.from);
      const log = fitting[pick(fitting.length)]!;
      const it = mutation.apply(log, pick);
      const [first] = await faultsOf(folder, it, stateTexts.get(it), stateTexts.has(it));
      const named = first !== undefined && it.kinds.includes(first.kind) &&
        (first.entry === it.entry || first.kind === "truncated" && it.entry === null);
      if (first !== undefined) result.detected += 1;
      if (named) result.exact += 1;
      else if (misses.length < 10) misses.push(describe(mutation.name, log, it, first));
      if ((i + 1) % 1_000 === 0) progress?.(i + 1);
    }
    let alarms = 0;
    for (let i = 0; i < cleanLogs; i++) {
      const log = logs[pick(logs.length)]!;
      if ((await faultsOf(folder, clean(log), undefined, false)).length > 0) alarms += 1;
    }
    return { ...result, cleanLogs, alarms, misses };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function clean(log: SampleLog): Tampered {
  const root = Uint8Array.fromHex(log.state.root_hash);
  return {
    log: joinLines(log.lines),
    stateFile: { status: "ok", state: log.state },
    checkpoints: [{ name: "clean", size: log.lines.length, root }],
    leaves: log.leaves,
    kinds: [],
    entry: null,
  };
}

/** Verifies a log; whatever was found, log and state file must be untouched afterwards. */
async function faultsOf(
  folder: string,
  it: Tampered,
  stateText: string | undefined,
  stateOnDisk: boolean,
): Promise<Fault[]> {
  const path = join(folder, LOG_NAME);
  const statePath = join(folder, "state.json");
  await Deno.writeFile(path, it.log);
  if (stateText === undefined) await Deno.remove(statePath).catch(ignoreNotFound);
  else await Deno.writeTextFile(statePath, stateText);
  const stateFile = stateOnDisk ? await readState(statePath) : it.stateFile;
  const { checkpoints = [], leaves = new Uint8Array() } = it;
  const { faults } = await verifyLog(path, { stateFile, logName: LOG_NAME, checkpoints, leaves });
  if (stateText !== undefined && await Deno.readTextFile(statePath) !== stateText) {
    throw new Error("Cannot accept a verifier that writes the state file");
  }
  return faults;
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function describe(name: string, log: SampleLog, it: Tampered, found: Fault | undefined): string {
  const wanted = `${it.kinds.join("|")} at ${it.entry}`;
  const got = found === undefined ? "nothing" : `${found.kind} at ${found.entry}: ${found.detail}`;
  return `${name}, ${log.lines.length} entries: wanted ${wanted}, found ${got}`;
}
