import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { failedIds, runScript } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";

const POLICY = JSON.parse(
  await Deno.readTextFile(new URL("../../security/canary_analysis_policy.json", import.meta.url)),
);
const METRICS = ".data/canary/metrics.ndjson";

type Numbers = { requests: number; errors: number };

function window(startS: number, canary: Numbers, baseline: Numbers, version = "1.1.0") {
  const series = { latency_ms: { histogram: { bounds: [50, 100], counts: [0, 0, 0] } } };
  const group = ({ requests, errors }: Numbers, version: string) => ({
    version,
    counts: { requests, errors },
    latencies: {
      latency_ms: { histogram: { ...series.latency_ms.histogram, counts: [requests, 0, 0] } },
    },
  });
  return {
    start: startS,
    end: startS + 300,
    canary: group(canary, version),
    baseline: group(baseline, "1.0.0"),
  };
}

const lines = (...windows: unknown[]): string =>
  windows.map((each) => JSON.stringify(each) + "\n").join("");

async function analysed(metrics: Content | undefined, args: string[] = [], policy = POLICY) {
  await using repository = await TempRepository.make({
    "deno.json": {},
    "security/canary_analysis_policy.json": policy,
    ...(metrics === undefined ? {} : { [METRICS]: metrics }),
  });
  return await runScript("canary_analysis", ["--json", ...args], { root: repository.root });
}

const NOW = Date.now() / 1000;
const GOOD = { requests: 5000, errors: 0 };

Deno.test("canary_analysis passes a canary that is as good as its baseline, with exit 0", async () => {
  const { code, report } = await analysed(
    lines(...[1000, 700, 400].map((ago) => window(NOW - ago, GOOD, GOOD))),
  );
  assertEquals([code, report.verdict, report.decision], [0, "pass", "advance"]);
  assertEquals(report.clean, true);
});

Deno.test("canary_analysis fails a canary with more errors, with exit 2, and names the metric", async () => {
  const { code, report } = await analysed(
    lines(window(NOW - 400, { requests: 2000, errors: 30 }, { requests: 2000, errors: 10 })),
  );
  assertEquals([code, report.verdict, report.decision], [2, "fail", "abort"]);
  assertEquals(failedIds(report), ["canary_not_worse::error_rate"]);
});

Deno.test("canary_analysis is inconclusive without a metrics file: hold, do not abort", async () => {
  const { code, report } = await analysed(undefined, ["--strict"]);
  assertEquals([code, report.ok], [75, false]);
  assertEquals([report.verdict, report.decision], ["inconclusive", "hold"]);
  assertEquals(failedIds(report), ["canary_decided"]);
});

Deno.test("canary_analysis is inconclusive, never failed, with too few requests", async () => {
  const few = { requests: 20, errors: 0 };
  const { code, report } = await analysed(lines(window(NOW - 400, few, few)));
  assertEquals([code, report.verdict], [75, "inconclusive"]);
  assertEquals(failedIds(report), ["canary_decided"]);
});

Deno.test("canary_analysis names line and value of a malformed window", async () => {
  const broken = window(NOW - 400, GOOD, GOOD);
  broken.canary.counts.errors = -1;
  const { code, report } = await analysed(lines(window(NOW - 800, GOOD, GOOD), broken));
  assertEquals(code, 2);
  assertEquals(failedIds(report), ["metrics_loaded"]);
  const { faults } = report.checks.find(({ id }) => id === "metrics_loaded")!.value as {
    faults: string[];
  };
  assertStringIncludes(faults[0]!, `${METRICS}:2:1 /canary/counts/errors is -1`);
});

Deno.test("canary_analysis warns about a last line without end and judges the rest", async () => {
  const whole = lines(...[1000, 700, 400].map((ago) => window(NOW - ago, GOOD, GOOD)));
  const { code, report } = await analysed(whole + '{"start": 1');
  assertEquals([code, report.verdict], [0, "pass"]);
  assertEquals(failedIds(report), ["metrics_complete"]);
});

Deno.test("canary_analysis refuses overlapping windows instead of counting requests twice", async () => {
  const { code, report } = await analysed(
    lines(window(NOW - 800, GOOD, GOOD), window(NOW - 700, GOOD, GOOD)),
  );
  assertEquals([code, failedIds(report)], [2, ["metrics_consistent"]]);
});

Deno.test("canary_analysis reads one JSON document and takes the windows of one canary since a time", async () => {
  await using repository = await TempRepository.make({
    "deno.json": {},
    "security/canary_analysis_policy.json": POLICY,
    "metrics.json": {
      windows: [
        window(NOW - 4000, { requests: 5000, errors: 900 }, GOOD),
        window(NOW - 1300, GOOD, GOOD, "1.0.9"),
        ...[1000, 700, 400].map((ago) => window(NOW - ago, GOOD, GOOD)),
      ],
    },
  });
  const { code, report } = await runScript("canary_analysis", [
    "--json",
    ...["--metrics", "metrics.json", "--canary-version", "1.1.0", "--since", String(NOW - 2000)],
  ], { root: repository.root });
  assertEquals([code, report.verdict], [0, "pass"]);
  const { examined, earlier, foreign } = report.windows as Record<string, number>;
  assertEquals([examined, earlier, foreign], [3, 1, 1]);
});

Deno.test("canary_analysis says which bound is missing when a threshold lies inside a bucket", async () => {
  const latency = {
    ...POLICY.metrics[1],
    threshold_ms: 70,
    quantile: undefined,
  };
  const { code, report } = await analysed(lines(window(NOW - 400, GOOD, GOOD)), [], {
    ...POLICY,
    metrics: [latency],
  });
  assertEquals([code, failedIds(report)], [2, ["metrics_fit_policy"]]);
  assert(report.headline.includes("metrics_fit_policy"));
});

Deno.test("canary_analysis does not run under a policy whose harm_ratio exceeds tolerated_ratio", async () => {
  const metrics = [{ ...POLICY.metrics[0], harm_ratio: 0.5 }];
  const { code, report } = await analysed(undefined, [], { ...POLICY, metrics });
  assertEquals([code, failedIds(report)], [2, ["policy_loaded"]]);
});

Deno.test("canary_analysis answers --since that is no time with exit 64", async () => {
  const { code } = await analysed(undefined, ["--since", "yesterday"]);
  assertEquals(code, 64);
});
