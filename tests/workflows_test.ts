import { assert, assertEquals, assertMatch } from "@std/assert";
import { load } from "js-yaml";

interface Step {
  uses?: string;
  run?: string;
  if?: string;
}

interface Workflow {
  on: Record<string, unknown>;
  permissions?: unknown;
  concurrency?: unknown;
  jobs: Record<string, { "timeout-minutes"?: number; uses?: string; if?: string; steps?: Step[] }>;
}

const FOLDER = ".github/workflows";
const files = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name).sort();
const tasks = Object.keys(JSON.parse(await Deno.readTextFile("deno.json")).tasks);

Deno.test("there are workflows to check", () => assert(files.length >= 4, files.join(", ")));

for (const file of files) {
  const text = await Deno.readTextFile(`${FOLDER}/${file}`);

  Deno.test(`${file} is YAML with least permissions, a concurrency group and time limits`, () => {
    const workflow = load(text) as Workflow;
    assertEquals(workflow.permissions, { contents: "read" });
    assert(workflow.concurrency !== undefined);
    const jobs = Object.values(workflow.jobs);
    assert(jobs.length > 0);
    for (const job of jobs) assert(job.uses !== undefined || (job["timeout-minutes"] ?? 0) > 0);
  });

  Deno.test(`${file} lets no input or event into a shell line, and no secret into a condition`, () => {
    const { jobs } = load(text) as Workflow;
    for (const job of Object.values(jobs)) {
      for (
        const { run = "", if: condition = "" } of [...job.steps ?? [], {
          ...(job.if === undefined ? {} : { if: job.if }),
        }]
      ) {
        assert(!run.includes("${{"), `interpolation in run: ${run}`);
        assert(!/\beval\b/.test(run), run);
        assert(!/secrets\./.test(condition), condition);
      }
    }
  });

  Deno.test(`${file} pins every action by commit and runs only tasks that exist`, () => {
    const { jobs } = load(text) as Workflow;
    const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
    for (const { uses } of steps) {
      if (uses !== undefined) assertMatch(uses, /^[\w.-]+\/[\w.-]+@[0-9a-f]{40}$/);
    }
    const named = steps.flatMap(({ run = "" }) =>
      [...run.matchAll(/deno task ([\w:]+)/g)].map((match) => match[1]!)
    );
    for (const task of named) assert(tasks.includes(task), `no task "${task}"`);
  });
}
