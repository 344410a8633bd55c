#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_CANARY_ANALYSIS_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Judges a canary against its baseline, at any number of looks.
 * @module
 */
import { analyse, type CanaryAnalysis, type MetricResult } from "../lib/canary/analyse.ts";
import { type MetricsRead, readMetrics } from "../lib/canary/read_metrics.ts";
import { selectWindows, type WindowSelection } from "../lib/canary/select_windows.ts";
import { MetricError } from "../lib/canary/slow_requests.ts";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { EXIT, UsageError } from "../lib/command/errors.ts";
import { path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { CanaryAnalysisPolicy } from "../lib/policy/canary_analysis_policy.ts";
import type { Check } from "../lib/report/check.ts";

const flags = {
  metrics: path({
    env: "WA_CANARY_ANALYSIS_METRICS_FILE",
    default: ".data/canary/metrics.ndjson",
    help: "Windows of canary and baseline: lines of JSON (.ndjson, .jsonl), or one JSON document",
  }),
  since: text({
    env: "WA_CANARY_ANALYSIS_SINCE",
    placeholder: "TIME",
    help: "Begin of the stage, RFC 3339 or epoch seconds; earlier windows do not count",
  }),
  "canary-version": text({
    env: "WA_CANARY_ANALYSIS_CANARY_VERSION",
    placeholder: "X.Y.Z",
    help: "Version under analysis; windows of others do not count",
  }),
};

type Run = Context<typeof flags, CanaryAnalysisPolicy>;

/** What an automation does with each verdict. */
const DECISION = { pass: "advance", inconclusive: "hold", fail: "abort" } as const;

function sinceS(given: string | undefined): number {
  if (given === undefined) return 0;
  if (/^\d+(\.\d+)?$/.test(given)) return Number(given);
  try {
    return Temporal.Instant.from(given).epochMilliseconds / 1000;
  } catch (cause) {
    const message = `--since is "${given}", expected a time such as 2026-01-31T08:00:00Z`;
    throw new UsageError(message, undefined, { cause });
  }
}

function inputChecks(file: string, read: MetricsRead, chosen: WindowSelection): Check[] {
  const location = { file };
  const { windows, earlier, foreign, faults } = chosen;
  return [
    {
      id: "metrics_loaded",
      ok: read.state !== "malformed",
      mode: "enforce",
      value: read.state === "malformed" ? { faults: read.faults } : read.state,
      expect: "windows that keep to their schema",
      hint: read.faults[0] === undefined ? "mend the file" : `mend ${read.faults[0]}`,
      location,
    },
    {
      id: "metrics_consistent",
      ok: faults.length === 0,
      mode: "enforce",
      value: { windows: windows.length, earlier, foreign, faults: faults.slice(0, 20) },
      expect: "windows in order, without overlap, not in the future, of one canary",
      hint: "mend the collector; name the canary with --canary-version, the stage with --since",
      location,
    },
    {
      id: "metrics_complete",
      ok: !read.unfinishedLine,
      mode: "warn",
      value: read.unfinishedLine ? "the last line has no end" : "every line has its end",
      expect: "whole lines",
      hint: "analyse again once the collector has finished the line",
      location,
    },
  ];
}

function metricCheck(result: MetricResult): Check {
  return {
    id: `canary_not_worse::${result.id}`,
    ok: result.verdict !== "fail",
    mode: "enforce",
    value: {
      verdict: result.verdict,
      reason: result.reason,
      canary: result.canary,
      baseline: result.baseline,
    },
    expect: "no proven harm",
    hint: "take the canary out of traffic: deno task release_rollout_executor --abort --apply",
  };
}

function decidedCheck({ verdict, reason }: CanaryAnalysis): Check {
  return {
    id: "canary_decided",
    ok: verdict !== "inconclusive",
    mode: "enforce",
    value: reason,
    expect: "enough data to decide",
    hint: "stay at this stage and analyse again when there are more windows",
  };
}

/** @returns The analysis, or the check that says why there is none. */
function judged(run: Run, windows: WindowSelection["windows"]): CanaryAnalysis | Check {
  try {
    return analyse(windows, run.policy, run.nowS);
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    return {
      id: "metrics_fit_policy",
      ok: false,
      mode: "enforce",
      value: error.message,
      expect: "windows from which every metric can be computed",
      hint: "mend the collector, or the metric in the policy",
      location: { file: run.inputs.shown(run.flags.metrics) },
    };
  }
}

function outcome(checks: Check[], analysis: CanaryAnalysis, chosen: WindowSelection): Outcome {
  const { verdict, reason, metrics } = analysis;
  return {
    checks: [...checks, ...metrics.map(metricCheck), decidedCheck(analysis)],
    headline: `${verdict}: ${reason}`,
    ...(verdict === "inconclusive" ? { exit: EXIT.retry } : {}),
    fields: {
      ...analysis,
      decision: DECISION[verdict],
      canary_version: chosen.windows.at(-1)?.canary.version ?? "",
      baseline_version: chosen.windows.at(-1)?.baseline.version ?? "",
      windows: {
        examined: chosen.windows.length,
        earlier: chosen.earlier,
        foreign: chosen.foreign,
        first_start: chosen.windows[0]?.start ?? null,
        last_end: chosen.windows.at(-1)?.end ?? null,
      },
    },
  };
}

async function run(run: Run): Promise<Outcome> {
  const { flags, inputs, nowS } = run;
  const read = await readMetrics(inputs, flags.metrics);
  const version = flags["canary-version"];
  const chosen = selectWindows(read.windows, {
    sinceS: sinceS(flags.since),
    nowS,
    ...(version === undefined ? {} : { canaryVersion: version }),
  });
  const checks = inputChecks(inputs.shown(flags.metrics), read, chosen);
  const analysis = judged(run, chosen.windows);
  if ("id" in analysis) checks.push(analysis);
  const broken = checks.find((check) => !check.ok && check.mode === "enforce");
  if (broken !== undefined || "id" in analysis) {
    const headline = `the metrics cannot be used: ${broken?.id}`;
    return { checks, headline, fields: { verdict: "inconclusive", decision: "hold", metrics: [] } };
  }
  return outcome(checks, analysis, chosen);
}

export const command = defineCommand({
  name: "canary_analysis",
  summary: "Judge a canary against its baseline: pass, fail or inconclusive",
  kind: "gate",
  artifact: "canary_analysis",
  policy: {
    path: "security/canary_analysis_policy.json",
    schema: CanaryAnalysisPolicy,
    env: "WA_CANARY_ANALYSIS_POLICY_FILE",
  },
  strictEnv: "WA_CANARY_ANALYSIS_STRICT",
  flags,
  details: [
    "Compares bad events (errors, slow requests) of canary and baseline, window by window, with tests that hold at any number of looks and are corrected over metrics. Only a pass ends with 0. Too little data is inconclusive, exit code 75, and never fails a canary: the report's decision is advance, hold or abort.",
    "Fails a canary that is no worse with probability at most alpha, passes one that is too bad with probability at most beta, over all looks together.",
  ],
  examples: [
    "--metrics .data/canary/metrics.ndjson --canary-version 1.4.0 --since 2026-01-31T08:00:00Z",
  ],
  run,
});

if (import.meta.main) await main(command);
