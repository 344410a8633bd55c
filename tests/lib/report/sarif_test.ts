import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Check, Finding } from "../../../lib/report/check.ts";
import { toSarif } from "../../../lib/report/sarif.ts";
import { sampleReport } from "../../support/sample_report.ts";

const SCHEMA = new URL("../../../../shared/vectors/sarif/sarif-schema-2.1.0.json", import.meta.url);

function schemaText(): string | undefined {
  try {
    return Deno.readTextFileSync(SCHEMA);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const schema = schemaText();
const why = schema === undefined ? " (skipped: ../shared/vectors/sarif is not there)" : "";

type Violations = (log: unknown) => unknown[];

/** Compiling the official schema of SARIF 2.1.0 takes long, and is done once. */
async function compile(text: string): Promise<Violations> {
  const { default: Ajv } = await import("ajv/dist/ajv.js");
  const { default: addFormats } = await import("ajv-formats");
  const ajv = new Ajv.default({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // Nothing in it differs between its draft and the one that ajv takes, but for the name of "id".
  const { $schema: _draft, id: _id, ...rest } = JSON.parse(text);
  const validate = ajv.compile(rest);
  return (log) => validate(JSON.parse(JSON.stringify(log))) ? [] : validate.errors ?? [];
}

let compiled: Promise<Violations> | undefined;

/** What the official schema has against a log. */
async function violations(log: unknown): Promise<unknown[]> {
  compiled ??= compile(schema ?? "{}");
  return (await compiled)(log);
}

const check: Check = {
  id: "limit_kept::a",
  ok: false,
  mode: "enforce",
  value: 4,
  expect: "3",
  hint: "mend it",
  location: { file: "docs/a b#c?.md", line: 2, column: 5 },
};
const finding: Finding = {
  rule: "dead_link",
  level: "note",
  message: "leads nowhere",
  location: { file: "README.md", line: 7 },
  suggestion: "docs/a.md",
};

const LOGS: [what: string, checks: Check[], findings: Finding[]][] = [
  ["nothing found", [{ ...check, ok: true }], []],
  ["failed checks", [check, { ...check, mode: "warn", location: { file: "x" } }], []],
  ["findings", [check], [finding, { ...finding, level: "error" }]],
];

for (const [what, checks, findings] of LOGS) {
  Deno.test({
    name: `toSarif() of ${what} keeps to the schema of OASIS${why}`,
    ignore: schema === undefined,
    fn: async () => assertEquals(await violations(toSarif(sampleReport(checks), findings)), []),
  });
}

Deno.test({
  name: `toSarif() keeps to the schema for any text and place${why}`,
  ignore: schema === undefined,
  fn: async () => {
    const text = fc.string({ unit: "binary", minLength: 1 });
    const findings = fc.array(
      fc.record({
        rule: text,
        level: fc.constantFrom("error" as const, "warning" as const, "note" as const),
        message: text,
        location: fc.record({ file: text, line: fc.integer({ min: 1 }) }),
      }),
      { maxLength: 3 },
    );
    const logs = fc.sample(findings, 20).map((sample) => toSarif(sampleReport([check]), sample));
    for (const log of logs) assertEquals(await violations(log), []);
  },
});

interface Log {
  runs: {
    tool: { driver: { rules: { id: string }[] } };
    results: { ruleId: string; level: string; locations: unknown[] }[];
    invocations: { executionSuccessful: boolean; exitCode: number }[];
  }[];
}

Deno.test("toSarif() makes results of findings where there are some, else of failed checks", () => {
  const [ofChecks] = (toSarif(sampleReport([check]), []) as Log).runs;
  assertEquals(ofChecks?.results.map(({ ruleId, level }) => [ruleId, level]), [[
    "limit_kept",
    "error",
  ]]);
  const [ofFindings] = (toSarif(sampleReport([check]), [finding, finding]) as Log).runs;
  assertEquals(ofFindings?.results.length, 2);
  assertEquals(ofFindings?.tool.driver.rules, [{ id: "dead_link" }]);
});

Deno.test("toSarif() writes a file name as a URI reference and says where it is relative to", () => {
  const [run] = (toSarif(sampleReport([check]), []) as Log).runs;
  assertEquals(run?.results[0]?.locations, [{
    physicalLocation: {
      artifactLocation: { uri: "docs/a%20b%23c%3F.md", uriBaseId: "ROOT" },
      region: { startLine: 2, startColumn: 5 },
    },
  }]);
});

Deno.test("toSarif() tells a negative verdict from a run that broke", () => {
  const invocation = (exit_code: number): unknown =>
    (toSarif(sampleReport([check], { exit_code }), []) as Log).runs[0]?.invocations[0];
  assertEquals(invocation(2), { executionSuccessful: true, exitCode: 2 });
  assertEquals(invocation(70), { executionSuccessful: false, exitCode: 70 });
});

Deno.test("toSarif() survives a file name that is not well-formed Unicode", () => {
  assert(toSarif(sampleReport([{ ...check, location: { file: "\ud800.json" } }]), []));
});
