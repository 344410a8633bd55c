import type { RosterLayer, RosterTwo } from "../policy/oncall_roster.ts";
import { windowContains } from "./window.ts";

/** Who is on call, and why. */
export interface OnCall {
  person: string;
  /** `override`, `layer <id>` or `fallback`. */
  because: string;
}

/** The instant of a layer's k-th hand-off, by the calendar of its zone; a skipped time is the later. */
function handoff({ start, handoff: { every, unit } }: RosterLayer, zone: string, k: number) {
  const days = k * every * (unit === "week" ? 7 : 1);
  return Temporal.PlainDateTime.from(start).add({ days })
    .toZonedDateTime(zone, { disambiguation: "compatible" }).toInstant();
}

/**
 * The number of hand-offs a layer has had since its start; undefined before it.
 *
 * @param zone IANA name.
 */
export function handoffsUntil(
  layer: RosterLayer,
  zone: string,
  at: Temporal.Instant,
): number | undefined {
  const { every, unit } = layer.handoff;
  const start = Temporal.PlainDateTime.from(layer.start);
  const local = at.toZonedDateTimeISO(zone).toPlainDateTime();
  const days = start.toPlainDate().until(local.toPlainDate(), { largestUnit: "day" }).days;
  let k = Math.floor(days / (every * (unit === "week" ? 7 : 1)));
  while (Temporal.Instant.compare(handoff(layer, zone, k + 1), at) <= 0) k++;
  while (Temporal.Instant.compare(handoff(layer, zone, k), at) > 0) k--;
  return k < 0 ? undefined : k;
}

function ofLayer(layer: RosterLayer, zone: string, at: Temporal.Instant): string | undefined {
  const { windows, order } = layer;
  if (windows !== undefined && !windows.some((window) => windowContains(window, zone, at))) {
    return undefined;
  }
  const k = handoffsUntil(layer, zone, at);
  return k === undefined ? undefined : order[k % order.length];
}

/**
 * Who is on call at an instant: the last override that holds, else the last layer that does, else
 * the fallback. Undefined when nobody is.
 */
export function onCall(roster: RosterTwo, at: Temporal.Instant): OnCall | undefined {
  const override = roster.overrides.findLast(({ from, to }) =>
    Temporal.Instant.compare(from, at) <= 0 && Temporal.Instant.compare(at, to) < 0
  );
  if (override !== undefined) return { person: override.person, because: "override" };
  for (const layer of roster.layers.toReversed()) {
    const person = ofLayer(layer, layer.timezone ?? roster.timezone, at);
    if (person !== undefined) return { person, because: `layer ${layer.id}` };
  }
  const { fallback } = roster;
  return fallback === undefined ? undefined : { person: fallback, because: "fallback" };
}
