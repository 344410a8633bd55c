import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import type { PhaseCount } from "../../lib/rollback/drill_observer.ts";
import { isInstalled } from "../../lib/rollback/drill_proxy.ts";
import { rollbackRepository } from "../support/rollback_repository.ts";
import { failedIds, runScript } from "../support/run_script.ts";

for (const controller of ["nginx", "haproxy"] as const) {
  const skipped = await isInstalled(controller) ? "" : ` (skipped: ${controller} is not installed)`;
  Deno.test({
    name: `rollback_drill moves real traffic forward and back through ${controller}${skipped}`,
    ignore: skipped !== "",
    async fn() {
      await using repository = await rollbackRepository();
      const registry = await repository.read("security/release_channels.json");
      const { root } = repository;
      // An operator's settings must not reach a drill: these would break it, or touch production.
      const env = {
        WA_RELEASE_TRAFFIC_APPLY_COMMAND: "false",
        WA_RELEASE_ROLLOUT_TARGET_VERSION: "9.9.9",
      };
      const args = ["--json", "--controller", controller];
      const { code, report } = await runScript("rollback_drill", args, { root, env });
      assertEquals(failedIds(report), [], JSON.stringify([report.forward, report.rollback]));
      assertEquals(code, 0);
      const traffic = report.traffic as PhaseCount[];
      assertEquals(traffic.map(({ phase }) => phase), ["before", "forward", "fault", "after"]);
      assert(traffic.every(({ responses }) => responses > 0));
      assert(Number(report.recovered_s) > 0);
      assertEquals(await repository.list(".data/drill"), []);
      assertEquals(await repository.read("security/release_channels.json"), registry);
      const guard = await runScript("rollback_drill_guard", [
        ...["--json", "--require-history-rollback"],
      ], { root });
      assert(!failedIds(guard.report).some((id) => id.includes("rehearsal")));
    },
  });
}

Deno.test("rollback_drill answers exit 75 where no proxy is installed", async () => {
  await using repository = await rollbackRepository();
  const bin = await Deno.makeTempDir();
  const which = new Deno.Command("which", { args: ["git", "deno"] }).outputSync().stdout;
  for (const path of new TextDecoder().decode(which).trim().split("\n")) {
    await Deno.symlink(path, `${bin}/${path.split("/").at(-1)}`);
  }
  const { root } = repository;
  const { code, report } = await runScript("rollback_drill", ["--json"], {
    root,
    env: { PATH: bin },
  });
  await Deno.remove(bin, { recursive: true });
  assertEquals([code, failedIds(report)], [75, ["ready"]]);
  assertEquals(await repository.list(".data/drill"), []);
});
