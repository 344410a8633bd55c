/** `enforce` decides the verdict; `warn` is shown and counted. */
export type Mode = "enforce" | "warn";

/** A place in a file of the governed repository; line and column count from 1. */
export interface Location {
  file: string;
  line?: number;
  column?: number;
}

/** One judgement. The field names are part of the report format. */
export interface Check {
  /** Stable claim in snake_case that reads true when `ok`; `name::item` for one of many. */
  id: string;
  ok: boolean;
  mode: Mode;
  /** What was found, as data; its unit stands in `expect`. */
  value: unknown;
  /** What was wanted, such as `<= 1209600 s`. */
  expect: string;
  /** The command or edit that clears it. Every failed check has one. */
  hint?: string;
  location?: Location;
  /** Why there was nothing to judge. Such a check is `ok`, and is shown as not applicable. */
  not_applicable?: string;
}

/** One occurrence of something a scanning gate looks for; SARIF results are made of these. */
export interface Finding {
  rule: string;
  level: "error" | "warning" | "note";
  message: string;
  location: Location;
  suggestion?: string;
}

/** Counts over the checks of one report. */
export interface Summary {
  total: number;
  failed_enforced: number;
  failed_warn: number;
  not_applicable: number;
}

/** Counts checks by outcome. */
export function summarise(checks: readonly Check[]): Summary {
  const failed = checks.filter((check) => !check.ok);
  return {
    total: checks.length,
    failed_enforced: failed.filter((check) => check.mode === "enforce").length,
    failed_warn: failed.filter((check) => check.mode === "warn").length,
    not_applicable: checks.filter((check) => check.not_applicable !== undefined).length,
  };
}

/** A check about something this repository does not have; says so instead of passing silently. */
export function notApplicable(id: string, expect: string, reason: string): Check {
  return { id, ok: true, mode: "warn", value: null, expect, not_applicable: reason };
}
