#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=.data --allow-net=127.0.0.1 --allow-env=WA_ROLLBACK_DRILL_*,WA_RELEASE_*,GITHUB_ACTIONS,PATH,HOME,DENO_DIR,XDG_CACHE_HOME,TMPDIR,LANG --allow-run=git,deno,nginx,haproxy
/**
 * Runs a rollback drill on a real proxy: stage forward, failure, rollback, recovery time.
 * @module
 */
import { join } from "@std/path/join";
import { type Context, defineCommand, type Outcome } from "../lib/command/command.ts";
import { NotReadyError } from "../lib/command/errors.ts";
import { choice, integer, number } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import {
  DRILL_CONTROLLERS,
  type DrillController,
  isInstalled,
} from "../lib/rollback/drill_proxy.ts";
import { DRILL_VERSIONS } from "../lib/rollback/drill_site.ts";
import { judgeDrill } from "../lib/rollback/judge_drill.ts";
import { runDrill } from "../lib/rollback/run_drill.ts";

const flags = {
  controller: choice(["auto", ...DRILL_CONTROLLERS], {
    default: "auto",
    env: "WA_ROLLBACK_DRILL_CONTROLLER",
    help: "Proxy to drill on; auto takes the first that is installed",
  }),
  "canary-weight": integer({
    default: 25,
    min: 1,
    max: 99,
    help: "Percent of traffic the canary gets before it fails",
  }),
  "max-recovery-s": number({
    env: "WA_ROLLBACK_DRILL_MAX_RECOVERY_S",
    default: 60,
    min: 0,
    help: "Longest time from the failure to the last failed response, seconds",
  }),
  "wait-s": number({
    default: 60,
    min: 1,
    help: "Longest wait for the failure to be noticed, and for traffic to be well again, seconds",
  }),
  alpha: number({
    default: 0.001,
    min: 0.000001,
    max: 0.1,
    help: "Risk of taking a well canary for a failing one",
  }),
};

type Run = Context<typeof flags, undefined>;

async function chosen(controller: Run["flags"]["controller"]): Promise<DrillController> {
  if (controller !== "auto") return controller;
  for (const program of DRILL_CONTROLLERS) if (await isInstalled(program)) return program;
  throw new NotReadyError(
    `Cannot drill: none of ${DRILL_CONTROLLERS.join(", ")} is installed`,
    "install nginx or haproxy",
  );
}

async function drill(run: Run): Promise<Outcome> {
  const { root, flags, nowS, signal } = run;
  const controller = await chosen(flags.controller);
  const folder = join(root, ".data", "drill", crypto.randomUUID());
  await Deno.mkdir(folder, { recursive: true });
  try {
    const result = await runDrill({
      controller,
      canaryWeight: flags["canary-weight"],
      waitS: flags["wait-s"],
      alpha: flags.alpha,
      folder,
      nowS,
      signal,
      readEnv: run.env,
      progress: run.progress,
    });
    const checks = judgeDrill(result, {
      maxRecoveryS: flags["max-recovery-s"],
      canaryVersion: DRILL_VERSIONS.canary,
    });
    const failed = checks.find((check) => !check.ok);
    const failures = result.traffic.reduce((sum, count) => sum + count.failures, 0);
    return {
      checks,
      headline: failed === undefined
        ? `traffic on ${controller} was well again ${result.recovered_s} s after the failure, ${failures} responses failed`
        : `the drill on ${controller} failed: ${failed.id}`,
      fields: {
        controller,
        canary_weight: flags["canary-weight"],
        ...result,
        failed_responses: failures,
      },
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export const command = defineCommand({
  name: "rollback_drill",
  summary: "Rehearse a rollback on a real proxy, and measure how long recovery takes",
  kind: "producer",
  artifact: "rollback_drill",
  flags,
  details: [
    "Starts nginx or HAProxy over two backends on loopback and a steady client, in a governed root of its own under .data/drill; nothing of the real registry, traffic or environment is touched. The real executor and adapter move traffic forward by one stage; the canary is made to fail; the failure is noticed in the responses by the canary analysis' test; the executor moves traffic back; recovery lasts until the last failed response.",
    "The report is evidence for rollback_drill_guard, and is signed by sign_rollback_drill_evidence.",
  ],
  examples: ["--controller haproxy --canary-weight 50 --max-recovery-s 30"],
  run: drill,
});

if (import.meta.main) await main(command);
