import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import type { DrillController } from "../../lib/rollback/drill_proxy.ts";
import type { Channels } from "../../lib/rollout/channels.ts";
import type { CountedShare } from "../../lib/rollout/sample_split.ts";
import { missing, QUICK_POLICY, RolloutSite } from "../support/rollout_site.ts";
import { failedIds, type ScriptEnd } from "../support/run_script.ts";

/** The last split that was counted in a run. */
function counted({ report }: ScriptEnd): CountedShare {
  const traffic = report.traffic as { counted: CountedShare[] };
  const last = traffic.counted.at(-1);
  if (last === undefined) throw new Error("no responses were counted");
  return last;
}

/** One stage as an operator does it: guard first, then the executor; both must be green. */
async function stage(
  site: RolloutSite,
  controller: DrillController,
  target: string,
): Promise<ScriptEnd> {
  const guard = await site.guard();
  assertEquals(failedIds(guard.report), []);
  const end = await site.executor(
    "--apply",
    "--target-version",
    target,
    "--traffic-adapter",
    controller,
  );
  const failed = end.report.checks.filter((check) => !check.ok);
  assertEquals(failed, []);
  assertEquals([end.code, end.report.outcome], [0, "committed"]);
  const share = counted(end);
  assertEquals(share.verdict, "agrees");
  assert(Math.abs(share.share - share.wanted) < 0.08, JSON.stringify(share));
  return end;
}

/** Name of a test, with the reason where it is skipped. */
async function named(
  controller: DrillController,
  name: string,
): Promise<{ name: string; ignore: boolean }> {
  const reason = await missing(controller);
  return {
    name: `${name} through ${controller}${reason === undefined ? "" : ` (skipped: ${reason})`}`,
    ignore: reason !== undefined,
  };
}

for (const controller of ["nginx", "haproxy"] as const) {
  Deno.test({
    ...await named(
      controller,
      "a rollout goes 5, 25, 50, 100 percent and to stable, counted each time",
    ),
    async fn() {
      await using site = await RolloutSite.start(controller, "1.0.0");
      site.canary.version = "1.1.0"; // deployed to the canary pool
      const wanted: number[] = [];
      for (const _stage of [5, 25, 50, 100]) {
        wanted.push(counted(await stage(site, controller, "1.1.0")).wanted);
      }
      assertEquals(wanted, [0.05, 0.25, 0.5, 1]);
      site.stable.version = "1.1.0"; // deployed to the idle stable pool
      const promoted = await stage(site, controller, "1.1.0");
      assertEquals(counted(promoted).versions, { "1.1.0": counted(promoted).samples });
      assertEquals(failedIds((await site.guard()).report), []);
      const again = await site.executor(
        "--dry-run",
        "--target-version",
        "1.1.0",
        "--traffic-adapter",
        controller,
      );
      assertEquals([again.code, again.report.outcome], [0, "noop"]);
    },
  });

  Deno.test({
    ...await named(controller, "a canary that is proven harmful is aborted instead of promoted"),
    async fn() {
      await using site = await RolloutSite.start(controller, "1.0.0");
      site.canary.version = "1.1.0";
      await stage(site, controller, "1.1.0");
      await site.repository.write(".data/out/canary_analysis_20990101T000000Z.json", {
        kind: "canary_analysis",
        ok: false,
        decision: "abort",
        canary_version: "1.1.0",
        ended_at: Date.now() / 1000,
      });
      const args = ["--apply", "--auto-abort", "--target-version", "1.1.0"];
      const end = await site.executor(...args, "--traffic-adapter", controller);
      assertEquals([end.code, end.report.outcome], [0, "committed"], end.stdout);
      assertEquals(counted(end).versions, { "1.0.0": counted(end).samples });
      const store = await site.repository.json<Channels>("security/release_channels.json");
      assertEquals(store.history.at(-1)?.action, "abort");
    },
  });

  for (const health of ["failing", "failing nameless"] as const) {
    Deno.test({
      ...await named(controller, `an abort is not blocked while the canary is ${health}`),
      async fn() {
        await using site = await RolloutSite.start(controller, "1.0.0");
        site.canary.version = "1.1.0";
        await stage(site, controller, "1.1.0");
        await stage(site, controller, "1.1.0");
        site.canary.health = health;
        const args = ["--abort", "--apply", "--reason", "errors", "--traffic-adapter", controller];
        const end = await site.executor(...args);
        assertEquals([end.code, end.report.outcome], [0, "committed"], end.stdout);
        assertEquals(counted(end).versions, { "1.0.0": counted(end).samples });
      },
    });
  }

  Deno.test({
    ...await named(controller, "an abort in the middle takes the canary out of traffic"),
    async fn() {
      await using site = await RolloutSite.start(controller, "1.0.0");
      site.canary.version = "1.1.0";
      await stage(site, controller, "1.1.0");
      await stage(site, controller, "1.1.0");
      const end = await site.executor(
        "--abort",
        "--apply",
        "--reason",
        "errors",
        "--traffic-adapter",
        controller,
      );
      assertEquals([end.code, end.report.outcome], [0, "committed"], end.stderr);
      assertEquals(counted(end).versions, { "1.0.0": counted(end).samples });
      const next = await site.executor(
        "--dry-run",
        "--target-version",
        "1.1.0",
        "--traffic-adapter",
        controller,
      );
      assert(failedIds(next.report).includes("target_not_aborted"));
    },
  });

  Deno.test({
    ...await named(controller, "a promotion to a stable pool that was not deployed is taken back"),
    async fn() {
      const stages = { canary: [100], stable: [100], min_stage_observe_s: 0 };
      await using site = await RolloutSite.start(controller, "1.0.0", { ...QUICK_POLICY, stages });
      site.canary.version = "1.1.0";
      await stage(site, controller, "1.1.0");
      const end = await site.executor(
        "--apply",
        "--target-version",
        "1.1.0",
        "--traffic-adapter",
        controller,
      );
      assertEquals([end.code, end.report.outcome], [2, "compensated"]);
      assert(failedIds(end.report).includes("rollout_intent_committed"));
      const response = await fetch(site.proxy.url);
      assertEquals(await response.text(), "1.1.0");
    },
  });
}
