import { assert, assertEquals, assertMatch } from "@std/assert";
import { load } from "js-yaml";
import { TempRepository } from "./support/temp_repository.ts";

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  if?: string;
  with?: Record<string, unknown>;
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

Deno.test("some workflows upload evidence", async () => {
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${FOLDER}/${file}`)));
  assert(texts.filter((text) => text.includes("actions/upload-artifact@")).length >= 2);
});

for (const file of files) {
  const text = await Deno.readTextFile(`${FOLDER}/${file}`);

  Deno.test(`${file} is YAML with least permissions, a concurrency group and time limits`, () => {
    const workflow = load(text) as Workflow;
    const { contents, ...others } = workflow.permissions as Record<string, string>;
    assertEquals(contents, "read");
    assert(Object.values(others).every((granted) => granted === "read"));
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

  Deno.test(`${file} uploads evidence from hidden folders, also of a failed run, or fails`, () => {
    const { jobs } = load(text) as Workflow;
    const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
    for (const step of steps.filter(({ uses }) => uses?.startsWith("actions/upload-artifact@"))) {
      assertMatch(step.if ?? "", /always\(\)|!cancelled\(\)/);
      assertEquals(step.with?.["include-hidden-files"], true);
      assertEquals(step.with?.["if-no-files-found"], "error");
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

/** Runs a step of a workflow as the runner would, with a `gh` that has the given artifact or none. */
async function runStep(name: string, earlier: string | undefined) {
  const workflow = load(await Deno.readTextFile(`${FOLDER}/release-preflight.yml`)) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps ?? []);
  const step = steps.find((step) => step.name === name);
  const gh = `#!/bin/sh
case "$1 $2" in
  "api repos/o/r/actions/artifacts?name=release-preflight-report&per_page=1") echo "${
    earlier === undefined ? "" : 17
  }" ;;
  "run download") [ "$3" = 17 ] && mkdir -p "$7/audit" && echo "${earlier}" > "$7/audit/log" ;;
  *) echo "unexpected: gh $*" >&2; exit 9 ;;
esac
`;
  await using repository = await TempRepository.make({ "bin/gh": gh, "work/.keep": "", env: "" });
  await Deno.chmod(repository.path("bin/gh"), 0o755);
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-eo", "pipefail", "-c", step?.run ?? "exit 8"],
    cwd: repository.path("work"),
    env: {
      PATH: `${repository.path("bin")}:${Deno.env.get("PATH")}`,
      GITHUB_REPOSITORY: "o/r",
      GITHUB_ENV: repository.path("env"),
      RUNNER_TEMP: repository.path("temp"),
    },
  }).output();
  const log = await Deno.readTextFile(repository.path("work/.data/audit/log")).catch(() => "");
  const said = new TextDecoder().decode(stderr);
  return { code, said, log, env: await Deno.readTextFile(repository.path("env")) };
}

Deno.test("release-preflight.yml carries on the audit log of the run before, and requires it then", async () => {
  assertEquals(await runStep("Audit log of the run before", "earlier entries"), {
    code: 0,
    said: "",
    log: "earlier entries\n",
    env: "WA_AUDIT_CHAIN_REQUIRE_LOG=1\n",
  });
});

Deno.test("release-preflight.yml begins an audit log where no run kept one", async () => {
  const { code, log, env } = await runStep("Audit log of the run before", undefined);
  assertEquals({ code, log, env }, { code: 0, log: "", env: "" });
});
