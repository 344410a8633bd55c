import { z } from "zod";
import type { Inputs } from "../command/inputs.ts";
import type { Check } from "../report/check.ts";
import type { Channels } from "./channels.ts";

/** What of a canary analysis decides about the canary. */
const CanaryDecision = z.looseObject({
  decision: z.enum(["advance", "hold", "abort"]),
  canary_version: z.string(),
});

/** States of a report whose decision can be gone by; a negative verdict is the point of it. */
const READABLE = new Set(["valid", "failed"]);

/**
 * Whether the canary must be taken out of traffic: its newest analysis, of the version that is in
 * traffic now, proves harm. Without such an analysis nothing is aborted, and the check says so.
 *
 * @param maxAgeS Oldest analysis to go by, seconds.
 */
export async function judgeAutoAbort(
  inputs: Inputs,
  store: Channels,
  { nowS, maxAgeS }: { nowS: number; maxAgeS: number },
): Promise<{ abort: boolean; check: Check }> {
  const canary = store.channels.canary;
  const query = { kind: "canary_analysis", schema: CanaryDecision, nowS, maxAgeS };
  const { state, reasons, value, path } = await inputs.evidence(query);
  const known = READABLE.has(state) && value?.canary_version === canary?.version;
  const abort = known && value?.decision === "abort" && (canary?.rollout_percent ?? 0) > 0;
  const other = value === undefined ? [] : [`is of canary ${value.canary_version}`];
  return {
    abort,
    check: {
      id: "canary_analysis_readable",
      ok: known,
      mode: state === "malformed" || state === "future" ? "enforce" : "warn",
      value: known ? value?.decision : [state, ...reasons, ...other].join(": "),
      expect: `an analysis of canary ${canary?.version ?? "none"}, at most ${maxAgeS} s old`,
      hint: "run deno task canary_analysis, or leave out --auto-abort",
      ...(path === undefined ? {} : { location: { file: path } }),
    },
  };
}
