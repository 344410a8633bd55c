import { DAYS, type TimeWindow } from "../policy/time_window.ts";

/** Minutes since midnight of `HH:MM`. */
function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/**
 * The instant of a wall-clock time on a date, monotone in both: a time that the clock skips is the
 * instant of the change, one that it shows twice is the first of the two. So windows that touch on
 * the wall leave neither gap nor overlap in time.
 *
 * @param minutes Since midnight; 1440 is the next midnight.
 */
export function wallInstant(
  date: Temporal.PlainDate,
  minutes: number,
  zone: string,
): Temporal.Instant {
  const wanted = date.add({ days: Math.floor(minutes / 1440) })
    .toPlainDateTime({ hour: Math.floor(minutes % 1440 / 60), minute: minutes % 60 });
  const found = wanted.toZonedDateTime(zone, { disambiguation: "compatible" });
  if (found.toPlainDateTime().equals(wanted)) return found.toInstant();
  const after = found.add({ nanoseconds: 1 }); // the change itself is "previous" only after it
  return (after.getTimeZoneTransition("previous") ?? found).toInstant();
}

/** Whether an instant lies in a window of a zone. A window of equal ends lasts a whole day. */
export function windowContains(
  { days, from, to }: TimeWindow,
  zone: string,
  at: Temporal.Instant,
): boolean {
  const today = at.toZonedDateTimeISO(zone).toPlainDate();
  const start = minutesOf(from);
  const end = minutesOf(to);
  return [today.subtract({ days: 1 }), today].some((date) => {
    if (!days.includes(DAYS[date.dayOfWeek - 1]!)) return false;
    const until = wallInstant(date, end > start ? end : end + 1440, zone);
    return Temporal.Instant.compare(wallInstant(date, start, zone), at) <= 0 &&
      Temporal.Instant.compare(at, until) < 0;
  });
}
