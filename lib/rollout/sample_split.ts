import { CountedSplit, type CountedSplitRule, type CountedVerdict } from "./counted_split.ts";
import { shareOf, type TrafficSplit } from "./traffic_split.ts";

/** Where to sample and how to tell which version answered. */
export interface SampleSource {
  /** A URL behind the proxy whose split is in question. */
  url: string;
  /** Response header that names the version. */
  header: string;
  /** Longest wait for one response, milliseconds. */
  timeoutMs: number;
  /** Requests under way at a time. */
  concurrency: number;
}

/** The risks and the margin of the test; shares come from the split. */
export type SplitRisks = Pick<CountedSplitRule, "margin" | "alpha" | "beta" | "maxSamples">;

/** What was counted. */
export interface CountedShare {
  verdict: CountedVerdict;
  /** Responses counted, and how many of them each version gave; "" for those that name none. */
  samples: number;
  versions: Record<string, number>;
  /** Version whose share is in question: the canary's. */
  version: string;
  /** Its share among the responses, and the one wanted, 0..1. */
  share: number;
  wanted: number;
}

/** Share of responses that may fail or name no version of the split. */
const STRAY_SHARE = 0.001;

/** The two claims a split makes: the canary's share, and that hardly anything else answers. */
class SplitClaims {
  readonly canary: CountedSplit;
  readonly stray: CountedSplit;
  samples = 0;

  constructor(readonly want: TrafficSplit, { alpha, beta, ...rest }: SplitRisks) {
    const risks = { ...rest, alpha: alpha / 2, beta };
    this.canary = new CountedSplit({ ...risks, share: shareOf(want, want.canary_version) });
    this.stray = new CountedSplit({ ...risks, share: STRAY_SHARE, onlyAbove: true });
  }

  get verdict(): CountedVerdict {
    const verdicts = [this.canary.verdict, this.stray.verdict];
    if (verdicts.includes("differs")) return "differs";
    if (verdicts.includes("undecided")) return "undecided";
    return verdicts.includes("exhausted") ? "exhausted" : "agrees";
  }

  add(version: string): void {
    const { canary_version, stable_version } = this.want;
    this.samples++;
    this.canary.add(version === canary_version);
    this.stray.add(version !== canary_version && version !== stable_version);
  }
}

/**
 * The version that answered one request; "" if nobody answered or the answer names none. The status
 * does not matter: where requests go is asked here, not how they fare, and the split must be
 * countable while the canary answers with errors.
 */
async function versionOf(
  { url, header, timeoutMs }: SampleSource,
  client: Deno.HttpClient,
  signal: AbortSignal,
): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await fetch(url, { client, signal: limit, redirect: "manual" });
    await response.body?.cancel();
    return response.headers.get(header) ?? "";
  } catch (error) {
    if (signal.aborted) throw error;
    return ""; // a request that fails is not served by the version; it counts as such
  }
}

/**
 * Counts live responses until the sequential test decides. Requests run side by side, but are
 * counted in the order in which they were sent: were they counted as they arrive, a fast version
 * would be over-represented in the end.
 */
export async function sampleSplit(
  source: SampleSource,
  want: TrafficSplit,
  risks: SplitRisks,
  signal: AbortSignal,
): Promise<CountedShare> {
  const claims = new SplitClaims(want, risks);
  const versions: Record<string, number> = {};
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: source.concurrency });
  const underWay: Promise<string>[] = [];
  try {
    while (claims.verdict === "undecided") {
      while (underWay.length < source.concurrency) {
        underWay.push(versionOf(source, client, signal));
      }
      const version = await underWay.shift() ?? "";
      versions[version] = (versions[version] ?? 0) + 1;
      claims.add(version);
    }
  } finally {
    await Promise.allSettled(underWay);
  }
  return {
    verdict: claims.verdict,
    samples: claims.samples,
    versions,
    version: want.canary_version,
    share: (versions[want.canary_version] ?? 0) / claims.samples,
    wanted: shareOf(want, want.canary_version),
  };
}

/** The count as a sentence for journal and report. */
export function describeCount({ verdict, samples, share, wanted }: CountedShare): string {
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
  return `counted ${percent(share)} of ${samples} responses, wanted ${percent(wanted)}: ${verdict}`;
}
