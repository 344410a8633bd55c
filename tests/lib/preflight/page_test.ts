import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { escapeHtml, toPage } from "../../../lib/preflight/page.ts";
import { toJunit } from "../../../lib/preflight/junit.ts";
import { toMarkdown } from "../../../lib/preflight/job_summary.ts";
import type { StepResult } from "../../../lib/preflight/step_result.ts";
import type { Report } from "../../../lib/report/report.ts";

const HOSTILE = `<script>alert(1)</script>"'&|\u202e`;

const step: StepResult = {
  id: "one",
  script: "one",
  status: "failed",
  ok: false,
  return_code: 2,
  duration_s: 0.5,
  command: [],
  cwd: ".",
  headline: HOSTILE,
  failures: [
    { id: "warned", ok: false, mode: "warn", value: 1, expect: "2", hint: "later" },
    {
      id: "enforced",
      ok: false,
      mode: "enforce",
      value: HOSTILE,
      expect: HOSTILE,
      hint: HOSTILE,
      location: { file: HOSTILE, line: 3 },
    },
  ],
  report_path: ".data/out/one.json",
  report_sha256: "ab".repeat(32),
};

const report: Report = {
  schema_version: 1,
  kind: "release_preflight",
  ok: false,
  clean: false,
  exit_code: 2,
  headline: HOSTILE,
  started_at: 1,
  ended_at: 2,
  duration_s: 1,
  strict: false,
  correlation: { correlation_id: "", release_candidate_id: "rc-1", run_id: "run-1" },
  git: { available: true, commit: "c".repeat(40), branch: "main", dirty: false },
  tool: { name: "release_preflight", version: "1.0.0", deno: "2" },
  inputs: [],
  settings: [],
  checks: [],
  summary: { total: 0, failed_enforced: 0, failed_warn: 0, not_applicable: 0 },
  next_actions: [],
};

Deno.test("toPage() escapes everything that comes from outside, loads nothing and runs nothing", () => {
  const page = toPage(report, [step], [{ name: HOSTILE, version: HOSTILE, percent: 250 }]);
  assert(!page.includes("<script"), page);
  assert(!/\s(src|href|on\w+)=/.test(page));
  assertStringIncludes(page, "default-src 'none'");
  assertStringIncludes(page, escapeHtml(HOSTILE.replace("\u202e", "")));
  assertStringIncludes(page, "width:100%");
});

Deno.test("toPage() says the verdict first, then what to do with enforced failures before warnings", () => {
  const page = toPage(report, [step], []);
  const order = [
    "Release preflight <span",
    "What to do",
    "<code>enforced</code>",
    "<code>warned</code>",
    "<h2>Steps",
    "<h2>Evidence",
    "ab".repeat(32),
  ];
  const places = order.map((text) => page.indexOf(text));
  assert(places.every((at) => at >= 0), JSON.stringify(places));
  assertEquals(places, places.toSorted((a, b) => a - b));
});

Deno.test("toJunit() and toMarkdown() keep hostile text inside its cell", () => {
  const xml = toJunit([step], 1);
  assert(!xml.includes("<script"));
  assertStringIncludes(
    xml,
    '<testsuite name="release_preflight" tests="1" failures="1" errors="0" skipped="0" time="1">',
  );
  const markdown = toMarkdown(HOSTILE, [step], undefined);
  assert(!markdown.includes("<script") && markdown.includes("\\|"));
});
