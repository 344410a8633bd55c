import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { analyse } from "../../../lib/canary/analyse.ts";
import { holm } from "../../../lib/canary/holm.ts";
import type { MetricsWindow } from "../../../lib/canary/metrics_window.ts";
import { selectWindows } from "../../../lib/canary/select_windows.ts";
import { MetricError, slowRequests, slowThreshold } from "../../../lib/canary/slow_requests.ts";
import { CanaryAnalysisPolicy } from "../../../lib/policy/canary_analysis_policy.ts";

const SHIPPED = CanaryAnalysisPolicy.parse(
  JSON.parse(
    await Deno.readTextFile(
      new URL("../../../security/canary_analysis_policy.json", import.meta.url),
    ),
  ),
);

const ERRORS = { ...SHIPPED, metrics: SHIPPED.metrics.filter(({ kind }) => kind === "ratio") };

type Errors = [requests: number, errors: number];

function windows(...rows: [canary: Errors, baseline: Errors][]): MetricsWindow[] {
  return rows.map(([canary, baseline], at) => {
    const group = ([requests, errors]: Errors) => ({ counts: { requests, errors }, latencies: {} });
    const start = at * 600;
    return { start, end: start + 600, canary: group(canary), baseline: group(baseline) };
  });
}

const CASES: [name: string, verdict: string, rows: [Errors, Errors][]][] = [
  ["one percentage point above at 2000 requests each", "fail", [[[2000, 30], [2000, 10]]]],
  ["the same over four looks", "fail", [
    [[500, 7], [500, 3]],
    [[500, 8], [500, 2]],
    [[500, 7], [500, 3]],
    [[500, 8], [500, 2]],
  ]],
  ["no difference at 20 requests", "inconclusive", [[[20, 0], [20, 0]]]],
  ["20 requests that all failed, below min_total", "inconclusive", [[[20, 20], [20, 0]]]],
  ["50 requests that all failed", "fail", [[[50, 50], [50, 0]]]],
  ["all requests of both groups failed: the limit", "fail", [[[200, 200], [200, 200]]]],
  ["no requests at all", "inconclusive", [[[0, 0], [0, 0]]]],
  ["no errors in many requests", "pass", [[[5000, 0], [50_000, 0]]]],
  ["equal error rates in many requests", "pass", [[[20_000, 200], [20_000, 200]]]],
  ["a significant excess below harm_ratio", "pass", [[[400_000, 4900], [400_000, 4000]]]],
  ["a common outage in one window", "inconclusive", [
    [[500, 5], [500, 5]],
    [[500, 80], [500, 80]],
    [[500, 5], [500, 5]],
  ]],
];

for (const [name, verdict, rows] of CASES) {
  Deno.test(`analyse() says ${verdict}: ${name}`, () => {
    const all = windows(...rows);
    assertEquals(analyse(all, ERRORS, all.length * 600).verdict, verdict);
  });
}

Deno.test("analyse() of no windows is inconclusive, not a failure", () => {
  const { verdict, metrics } = analyse([], SHIPPED, 0);
  assertEquals(verdict, "inconclusive");
  assertEquals(metrics.map(({ verdict }) => verdict), ["inconclusive", "inconclusive"]);
});

Deno.test("analyse() never takes back a failure when later windows look well", () => {
  const bad: [Errors, Errors] = [[500, 40], [500, 5]];
  const good: [Errors, Errors] = [[5000, 10], [5000, 10]];
  const all = windows(bad, good, good, good);
  const { verdict, metrics } = analyse(all, ERRORS, 2400);
  assertEquals(verdict, "fail");
  assertEquals(metrics[0]?.failed_at, 600);
});

Deno.test("analyse() withholds a pass until min_observe_s is over", () => {
  const all = windows([[5000, 0], [50_000, 0]]);
  all[0]!.end = 599;
  assertEquals(analyse(all, ERRORS, 599).verdict, "inconclusive");
  all[0]!.end = 600;
  assertEquals(analyse(all, ERRORS, 600).verdict, "pass");
});

Deno.test("analyse() withholds a pass when the newest window is older than max_age_s", () => {
  const all = windows([[5000, 0], [50_000, 0]]);
  assertEquals(analyse(all, ERRORS, 600 + 900).verdict, "pass");
  assertEquals(analyse(all, ERRORS, 600 + 901).verdict, "inconclusive");
});

Deno.test("analyse() refuses a window with more errors than requests", () => {
  assertThrows(() => analyse(windows([[5, 6], [5, 0]]), ERRORS, 600), MetricError, "errors is 6");
});

Deno.test("holm() multiplies the smallest value by the count and keeps the order", () => {
  assertEquals(holm([0.04, 0.01, 0.03]), [0.06, 0.03, 0.06]);
  assertEquals(holm([0.9, 0.8]), [1, 1]);
  assertEquals(holm([]), []);
});

Deno.test("selectWindows() finds overlap, future and a second canary", () => {
  const [a, b] = windows([[1, 0], [1, 0]], [[1, 0], [1, 0]]) as [MetricsWindow, MetricsWindow];
  const late = { ...b, start: 300, end: 5000 };
  const { faults } = selectWindows([
    { ...a, canary: { ...a.canary, version: "1.0.0" } },
    { ...late, canary: { ...a.canary, version: "2.0.0" } },
  ], { sinceS: 0, nowS: 1200 });
  assertEquals(faults, [
    "window 2 (start 300) begins before the window ahead of it ends at 600",
    "window 2 (start 300) ends 3800 s in the future",
    "the canary is of versions 1.0.0, 2.0.0",
  ]);
});

Deno.test("selectWindows() leaves out earlier windows and those of another canary, and counts them", () => {
  const all = windows([[1, 0], [1, 0]], [[1, 0], [1, 0]], [[1, 0], [1, 0]]);
  all[1]!.canary.version = "1.0.0";
  all[2]!.canary.version = "2.0.0";
  const chosen = selectWindows(all, { sinceS: 600, nowS: 9000, canaryVersion: "2.0.0" });
  assertEquals([chosen.windows.length, chosen.earlier, chosen.foreign, chosen.faults], [
    1,
    1,
    1,
    [],
  ]);
});

const histogram = (counts: number[]) => ({ histogram: { bounds: [50, 100, 250], counts } });

Deno.test("slowRequests() counts above a bound of a histogram and above a value of samples", () => {
  assertEquals(slowRequests(histogram([5, 3, 2, 1]), 100), { total: 11, bad: 3 });
  assertEquals(slowRequests({ samples: [99, 100, 100.1, 300] }, 100), { total: 4, bad: 2 });
});

Deno.test("slowRequests() refuses a threshold inside a bucket", () => {
  assertThrows(() => slowRequests(histogram([1, 1, 1, 1]), 120), MetricError, "no bucket bound");
});

Deno.test("slowThreshold() learns from the first windows only and leaves them out of the test", () => {
  const metric = SHIPPED.metrics.find((each) => each.kind === "latency")!;
  const window = (samples: number[]): MetricsWindow => ({
    start: 0,
    end: 1,
    canary: { counts: {}, latencies: {} },
    baseline: { counts: {}, latencies: { latency_ms: { samples } } },
  });
  const small = { ...metric, warmup_total: 20 };
  const ten = Array.from({ length: 10 }, (_, i) => i + 1);
  const all = [window(ten), window(ten), window([1000])];
  assertEquals(slowThreshold(small, all), { thresholdMs: 10, warmupWindows: 2 });
  assertEquals(slowThreshold(small, all.slice(0, 1)), undefined);
});
