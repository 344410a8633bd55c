import type { Check } from "../report/check.ts";
import { NotReadyError } from "../command/errors.ts";
import { type CountedShare, sampleSplit } from "../rollout/sample_split.ts";
import { DrillBackend, VERSION_HEADER } from "./drill_backend.ts";
import { DrillObserver, type PhaseCount } from "./drill_observer.ts";
import { type DrillController, DrillProxy } from "./drill_proxy.ts";
import { DRILL_VERSIONS, DrillSite, type ScriptResult } from "./drill_site.ts";

/** What is drilled. */
export interface DrillOrder {
  controller: DrillController;
  /** Percent of traffic the canary gets before it fails. */
  canaryWeight: number;
  /** Longest wait for the failure to be noticed, and for traffic to be well again, seconds. */
  waitS: number;
  /** Risk of taking a well canary for a failing one. */
  alpha: number;
  /** Absolute; an existing empty folder, whose content is worthless afterwards. */
  folder: string;
  nowS: number;
  signal: AbortSignal;
  readEnv: (name: string) => string | undefined;
  progress: (line: string) => void;
}

/** One move of traffic by the executor. */
export interface DrillMove {
  ok: boolean;
  outcome: string;
  headline: string;
  duration_s: number;
  /** The split as counted by the executor, if it got that far. */
  counted: unknown;
  /** Enforced checks of the executor that failed, with what they found. */
  failed: { id: string; value: unknown }[];
}

/** What a drill showed. Times are seconds since the failure was injected; null if it never was so. */
export interface DrillResult {
  guard: boolean;
  forward: DrillMove;
  detected_s: number | null;
  rollback: DrillMove | null;
  /** Until the executor said that traffic is back. */
  rolled_back_s: number | null;
  /** Until the last failed response. */
  recovered_s: number | null;
  /** Canary weight that the drill's registry and its proxy name in the end. */
  end: { registry_percent: number | null; observed_weight: number | null };
  /** The split in the end, counted in live responses. */
  counted_after: CountedShare | null;
  traffic: PhaseCount[];
}

/** Good responses in a row after which traffic counts as well again. */
const WELL_RESPONSES = 200;
const LOOK_EVERY_MS = 20;

const seconds = (ms: number): number => Math.round(ms) / 1000;

async function until(
  condition: () => boolean,
  waitS: number,
  signal: AbortSignal,
): Promise<boolean> {
  const start = performance.now();
  while (!condition()) {
    signal.throwIfAborted();
    if (performance.now() - start > waitS * 1000) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return true;
}

function moveOf({ code, report, stderr }: ScriptResult, startedAt: number): DrillMove {
  const traffic = report.traffic as { counted?: unknown[] } | undefined;
  const checks = (report.checks ?? []) as Check[];
  return {
    ok: code === 0 && report.outcome === "committed",
    outcome: String(report.outcome ?? ""),
    headline: String(report.headline ?? stderr),
    duration_s: seconds(performance.now() - startedAt),
    counted: traffic?.counted?.at(-1) ?? null,
    failed: checks.filter((check) => !check.ok && check.mode === "enforce")
      .map(({ id, value }) => ({ id, value })),
  };
}

async function move(site: DrillSite, ...args: string[]): Promise<DrillMove> {
  const startedAt = performance.now();
  return moveOf(await site.executor(...args), startedAt);
}

async function endOf(site: DrillSite): Promise<DrillResult["end"]> {
  const status = await site.script("release_channel_control", "status");
  const adapter = `traffic_adapter_${site.proxy.controller}`;
  const seen = await site.script(adapter, "observe", ...site.proxy.adapter.look);
  const store = status.report.store as
    | { channels?: Record<string, { rollout_percent?: number }> }
    | undefined;
  const answer = seen.report as { canary_weight?: number }; // the adapter's answer, no report
  return {
    registry_percent: store?.channels?.canary?.rollout_percent ?? null,
    observed_weight: answer.canary_weight ?? null,
  };
}

async function forward(site: DrillSite): Promise<{ guard: boolean; forward: DrillMove }> {
  const guard = await site.script("release_rollout_guard");
  const counted = ["--sample-url", site.proxy.url];
  const target = ["--apply", "--target-version", DRILL_VERSIONS.canary, ...counted];
  return { guard: guard.code === 0, forward: await move(site, ...target) };
}

/** Counts the split once traffic is well again: the canary must get nothing. */
async function countAfter({ url }: DrillProxy, signal: AbortSignal): Promise<CountedShare> {
  const want = {
    canary_version: DRILL_VERSIONS.canary,
    stable_version: DRILL_VERSIONS.stable,
    canary_weight: 0,
    stable_weight: 100,
    canary_rollout_percent: 0,
    stable_rollout_percent: 100,
  };
  const source = { url, header: VERSION_HEADER, timeoutMs: 5000, concurrency: 4 };
  const risks = { margin: 0.05, alpha: 0.001, beta: 0.001, maxSamples: 20_000 };
  return await sampleSplit(source, want, risks, signal);
}

/** The failure, its detection, the way back, and the wait until no response fails any more. */
async function failAndReturn(
  order: DrillOrder,
  site: DrillSite,
  canary: DrillBackend,
  observer: DrillObserver,
): Promise<Pick<DrillResult, "detected_s" | "rollback" | "rolled_back_s" | "recovered_s">> {
  const { waitS, alpha, signal, progress } = order;
  const since = (at: number): number => seconds(at - faultAt);
  observer.phase = "fault";
  canary.failing = true;
  const faultAt = performance.now();
  progress("the canary fails every request");
  const detected = await until(() => observer.pHarm <= alpha, waitS, signal);
  const detectedS = detected ? since(performance.now()) : null;
  progress(detected ? `noticed after ${detectedS} s` : "not noticed");
  // The way back must not depend on counted responses: a version that fails may not even say its
  // name. What users see is counted afterwards.
  const reason = "rollback drill: the canary fails";
  const rollback = await move(site, "--abort", "--apply", "--reason", reason);
  const rolledBackS = rollback.ok ? since(performance.now()) : null;
  observer.phase = "after";
  const well = await until(() => observer.goodInARow >= WELL_RESPONSES, waitS, signal);
  const last = observer.lastFailureAt;
  return {
    detected_s: detectedS,
    rollback,
    rolled_back_s: rolledBackS,
    recovered_s: well && last !== undefined ? since(last) : null,
  };
}

/**
 * Runs a rollback drill for real: a real proxy over two real backends on loopback, a governed root of
 * its own, and the toolkit's own executor and adapter. Traffic goes forward by one stage, the canary
 * is made to fail, the failure is noticed in the responses alone, and the executor moves traffic
 * back, while a steady client records what users would have seen.
 *
 * @throws {NotReadyError} If the proxy's program is not installed.
 * @throws {IoError} If the proxy does not start.
 */
export async function runDrill(order: DrillOrder): Promise<DrillResult> {
  const { controller, canaryWeight, folder, nowS, readEnv, progress, signal } = order;
  await using canary = new DrillBackend(DRILL_VERSIONS.canary);
  await using stable = new DrillBackend(DRILL_VERSIONS.stable);
  const ports = { canary: canary.port, stable: stable.port };
  await using proxy = await DrillProxy.start(controller, folder, ports);
  const site = await DrillSite.make(folder, proxy, { canaryWeight, nowS, readEnv });
  await using observer = new DrillObserver(proxy.url, DRILL_VERSIONS.canary);
  const ready = await until(() => observer.goodInARow >= WELL_RESPONSES, order.waitS, signal);
  if (!ready) throw new NotReadyError(`Cannot drill: ${controller} does not answer steadily`);
  observer.phase = "forward";
  progress(`${controller} serves stable; moving ${canaryWeight} percent to the canary`);
  const moved = await forward(site);
  const back = moved.forward.ok ? await failAndReturn(order, site, canary, observer) : {
    detected_s: null,
    rollback: null,
    rolled_back_s: null,
    recovered_s: null,
  };
  const counted = back.recovered_s === null ? null : await countAfter(proxy, signal);
  const end = await endOf(site);
  return { ...moved, ...back, end, counted_after: counted, traffic: observer.counts };
}
