import type { StepResult } from "./step_result.ts";

/** What XML 1.0 cannot hold, section 2.2. */
const NOT_XML =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escape(text: string): string {
  return text.replaceAll(NOT_XML, "\ufffd").replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function body(result: StepResult): string {
  const text = result.failures.map(({ id, expect, hint, value }) =>
    `${id}: found ${JSON.stringify(value)}, expected ${expect}${
      hint === undefined ? "" : `; ${hint}`
    }`
  ).join("\n");
  const message = escape(result.headline);
  if (["failed"].includes(result.status)) {
    return `<failure message="${message}">${escape(text)}</failure>`;
  }
  if (["timeout", "error", "interrupted", "blocked"].includes(result.status)) {
    return `<error message="${message}">${escape(result.stderr_tail ?? text)}</error>`;
  }
  if (["skipped", "not_reached", "not_applicable"].includes(result.status)) {
    return `<skipped message="${message}"/>`;
  }
  return text === "" ? "" : `<system-out>${escape(text)}</system-out>`;
}

/** A preflight run as JUnit XML: one test case for each step, as CI systems read it. */
export function toJunit(results: readonly StepResult[], durationS: number): string {
  const count = (statuses: string[]): number =>
    results.filter(({ status }) => statuses.includes(status)).length;
  const cases = results.map((result) =>
    `    <testcase classname="release_preflight" name="${
      escape(result.id)
    }" time="${result.duration_s}">${body(result)}</testcase>`
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="release_preflight" tests="${results.length}" failures="${
      count(["failed"])
    }" errors="${count(["timeout", "error", "interrupted", "blocked"])}" skipped="${
      count(["skipped", "not_reached", "not_applicable"])
    }" time="${durationS}">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}
