#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-env --allow-run
/**
 * Runs every release gate in order, as child processes, and seals the evidence of the run.
 * @module
 */
import { defineCommand } from "../lib/command/command.ts";
import { boolean, integer, list, path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { listSteps, planSteps } from "../lib/preflight/show_plan.ts";
import { preflight } from "../lib/preflight/preflight.ts";
import { STEPS } from "../lib/preflight/registry.ts";
import { respawnIn } from "../lib/preflight/respawn.ts";
import { skipFlags } from "../lib/preflight/selection_flags.ts";

export const flags = {
  quick: boolean({ help: "Reduced checks: the main job of a working day" }),
  list: boolean({ help: "List the steps and why they are there; run nothing" }),
  plan: boolean({ help: "Print the resolved commands as JSON; run nothing" }),
  "print-env": boolean({
    help: "Print every WA_* variable that is declared, with its value in force; run nothing",
  }),
  only: list({ placeholder: "STEP", help: "Run this step only; repeatable" }),
  from: text({ placeholder: "STEP", help: "Begin with this step" }),
  until: text({ placeholder: "STEP", help: "End with this step" }),
  skip: list({ placeholder: "STEP", help: "Leave out this step; repeatable" }),
  "fail-fast": boolean({ help: "Stop at the first failure instead of collecting all" }),
  "keep-going": boolean({ help: "Collect every failure; this is the default" }),
  resume: path({
    placeholder: "REPORT",
    help: "Take over the passed steps of an earlier run, if nothing they depend on changed",
  }),
  "wait-s": integer({
    default: 600,
    min: 0,
    help: "How long to wait for another preflight in this workspace, seconds; 0 refuses at once",
  }),
  "timeout-s": integer({ min: 1, help: "Time limit of each step, instead of its own, seconds" }),
  junit: path({ placeholder: "FILE", help: "Write the result as JUnit XML" }),
  ...skipFlags(STEPS),
};

export const command = defineCommand({
  name: "release_preflight",
  summary: "Run every release gate in order and seal the evidence of the run",
  kind: "actor",
  artifact: "release_preflight",
  flags,
  details: [
    "Each step is a sibling script in a process of its own, with the permissions of its first line, a time limit, and its report read back. A step fails when its report and its exit code disagree. All failures are collected; only what needs a failed step's output is blocked. The last step seals the evidence under the release candidate.",
    "Under --strict every step is strict, and a mandatory step is only left out with a waiver in security/preflight_waivers.json.",
  ],
  examples: [
    "--quick",
    "--strict --junit .data/out/preflight.xml",
    "--only release_governance_check",
    "--plan --quick",
  ],
  run: (run) => {
    if (run.flags.list) return listSteps(STEPS);
    if (run.flags.plan || run.flags["print-env"]) return planSteps(STEPS, run);
    return preflight(STEPS, run);
  },
});

if (import.meta.main && !await respawnIn(import.meta.url)) await main(command);
