import { assertEquals, assertMatch } from "@std/assert";
import { runSteps } from "../../../lib/preflight/run_steps.ts";
import type { PlannedStep } from "../../../lib/preflight/plan.ts";
import type { StepResult } from "../../../lib/preflight/step_result.ts";
import { sampleReport } from "../../support/sample_report.ts";
import { TempRepository } from "../../support/temp_repository.ts";

/** A step that runs a small program instead of a script of the toolkit. */
function step(id: string, program: string, more: Partial<PlannedStep["step"]> = {}): PlannedStep {
  return {
    step: {
      id,
      script: id,
      kind: id,
      why: "",
      skipFlag: `skip-${id}`,
      timeoutS: 20,
      group: "release",
      mandatory: false,
      ...more,
    },
    command: ["deno", "eval", program],
    run: true,
  };
}

async function run(
  plan: PlannedStep[],
  { root, signal = new AbortController().signal }: { root: string; signal?: AbortSignal },
): Promise<StepResult[]> {
  return await runSteps(plan, {
    root,
    correlation: {
      correlation_id: "c",
      release_candidate_id: "rc",
      run_id: `run-${crypto.randomUUID()}`,
    },
    failFast: false,
    signal,
    reused: new Map(),
    onStart: () => {},
    onDone: async () => {},
  });
}

const report = (fields: Record<string, unknown>): string =>
  JSON.stringify(sampleReport(
    [{ id: "a", ok: true, mode: "enforce", value: 1, expect: "1" }],
    { headline: "all is well", ...fields },
  ));

const print = (fields: Record<string, unknown>): string =>
  `console.log(${JSON.stringify(report(fields))})`;

const CASES: [what: string, program: string, status: string, reason: RegExp][] = [
  ["a good report and exit 0 has passed", print({}), "passed", /all is well/],
  [
    "exit 0 but ok:false in its report is broken",
    print({ ok: false, exit_code: 2 }),
    "error",
    /disagrees with its report/,
  ],
  [
    "exit 2 but ok:true in its report is broken",
    `${print({})}; Deno.exit(2)`,
    "error",
    /disagrees with its report/,
  ],
  ["exit 0 without a report is broken", "", "error", /printed no report/],
  ["a report that is not JSON is broken", 'console.log("{")', "error", /malformed/],
  ["a report that lacks fields is broken", 'console.log(`{"ok":true}`)', "error", /malformed/],
  [
    "an uncaught exception is broken",
    'throw new Error("x")',
    "error",
    /exit 1: it printed no report/,
  ],
  [
    "a negative report and exit 2 has failed",
    `${print({ ok: false, clean: false, exit_code: 2, headline: "no" })}; Deno.exit(2)`,
    "failed",
    /no/,
  ],
  [
    "failed warnings is passed with warnings",
    print({ clean: false }),
    "advisory_failed",
    /all is well/,
  ],
  [
    "nothing but inapplicable checks is not applicable",
    print({ summary: { total: 1, failed_enforced: 0, failed_warn: 0, not_applicable: 1 } }),
    "not_applicable",
    /all is well/,
  ],
];

for (const [what, program, status, reason] of CASES) {
  Deno.test(`a step with ${what}`, async () => {
    await using repository = await TempRepository.make({});
    const [result] = await run([step("one", program)], { root: repository.root });
    assertEquals(result?.status, status);
    assertEquals(result?.ok, ["passed", "advisory_failed", "not_applicable"].includes(status));
    assertMatch(result!.headline, reason);
  });
}

Deno.test("a report file that differs from what the step printed is broken", async () => {
  await using repository = await TempRepository.make({ "report.json": "{}" });
  const [result] = await run([step("one", print({ report_path: "report.json" }))], {
    root: repository.root,
  });
  assertEquals([result?.status, result?.ok], ["error", false]);
});

Deno.test("a missing program is a broken step, and the run goes on", async () => {
  await using repository = await TempRepository.make({});
  const missing = { ...step("one", ""), command: ["no-such-program-here"] };
  const results = await run([missing, step("two", print({}))], { root: repository.root });
  assertEquals(results.map(({ status }) => status), ["error", "passed"]);
});

Deno.test("a step out of time is ended together with everything it started", async () => {
  await using repository = await TempRepository.make({});
  const pidFile = repository.path("pid");
  const program = `
    const child = new Deno.Command("setsid", { args: ["sleep", "300"] }).spawn();
    await Deno.writeTextFile(${JSON.stringify(pidFile)}, String(child.pid));
    await new Promise((resolve) => setTimeout(resolve, 300_000));`;
  const hanging = step("one", program, { timeoutS: 2 });
  const [result] = await run([hanging], { root: repository.root });
  assertEquals([result?.status, result?.ok], ["timeout", false]);
  assertMatch(result!.headline, /not done after 2 s/);
  const pid = Number(await repository.read("pid"));
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] })
    .output();
  assertMatch(new TextDecoder().decode(stdout).trim(), /^(Z.*)?$/, "the grandchild still runs");
});

Deno.test("a step that needs a failed one is blocked; the others run", async () => {
  await using repository = await TempRepository.make({});
  const plan = [
    step("one", 'throw new Error("x")'),
    step("two", print({}), { needs: ["one"] }),
    step("three", print({})),
    step("four", print({}), { needs: "all" }),
  ];
  const results = await run(plan, { root: repository.root });
  assertEquals(results.map(({ status }) => status), ["error", "blocked", "passed", "blocked"]);
  assertEquals(results[1]?.reason, "needs one");
});

Deno.test("an interrupted run ends the running step and does not reach the next", async () => {
  await using repository = await TempRepository.make({});
  const controller = new AbortController();
  const waiting =
    `await Deno.writeTextFile("started", ""); await new Promise((resolve) => setTimeout(resolve, 300_000));`;
  const running = run([step("one", waiting), step("two", print({}))], {
    root: repository.root,
    signal: controller.signal,
  });
  while (!(await repository.list(".")).includes("started")) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  controller.abort();
  assertEquals((await running).map(({ status }) => status), ["interrupted", "not_reached"]);
});
