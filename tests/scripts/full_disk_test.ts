import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertAgreement } from "../support/agreement.ts";
import { FileSite } from "../support/file_site.ts";
import { rollbackRepository } from "../support/rollback_repository.ts";
import { runScript, type ScriptEnd } from "../support/run_script.ts";
import { noMounts, readOnly, takeOver, withRoom } from "../support/small_disk.ts";
import { treeDigest } from "../support/tree_digest.ts";

const skipped = noMounts();
const APPLY = ["--apply", "--target-version", "1.1.0", "--traffic-adapter", "file"];
const SET = ["set", "--channel", "canary", "--version", "1.2.0", "--reason", "r", "--actor", "a"];

/** Scripts that change something, or make evidence. */
const CASES: [script: string, args: string[]][] = [
  ["release_rollout_executor", APPLY],
  ["release_channel_control", SET],
  ["release_rollout_guard", ["--strict"]],
  ["create_rollback_bundle", ["--label", "x"]],
];

/** A site that every script of the table can work in. */
async function site(): Promise<FileSite> {
  const made = await FileSite.start();
  const { repository } = made;
  await using complete = await rollbackRepository();
  for (const path of ["CHANGES.md", "deno.json", "docs/RELEASE_AND_ROLLBACK.md"]) {
    await repository.write(path, await complete.read(path));
  }
  for (const name of ["release_policy", "rollback_drill_signature_policy"]) {
    const path = `security/${name}.json`;
    await repository.write(path, await complete.read(path));
  }
  return made;
}

/** It says what is wrong, in words, and is not ok. */
function assertExplicit({ code, report, stdout, stderr }: ScriptEnd): void {
  assertEquals([code, report?.ok ?? false], [70, false], stdout + stderr);
  assertMatch(stderr, /(Read-only file system|No space left on device)/);
}

for (const [script, args] of CASES) {
  Deno.test({
    name: `${script} says that its report has no place, and changes nothing${skipped}`,
    ignore: skipped !== "",
    async fn() {
      await using made = await site();
      const { root } = made.repository;
      const before = await treeDigest(root);
      const starter = readOnly(made.repository.path(".data/out"));
      assertExplicit(await runScript(script, ["--json", ...args], { root, starter }));
      assertEquals(await treeDigest(root), before);
    },
  });

  Deno.test({
    name: `${script} says that the disk is full, and changes nothing${skipped}`,
    ignore: skipped !== "",
    async fn() {
      await using made = await site();
      const { root } = made.repository;
      const before = await treeDigest(root);
      const starter = withRoom(root, 0);
      assertExplicit(await runScript(script, ["--json", ...args], { root, starter }));
      await takeOver(root);
      assertEquals(await treeDigest(root), before);
    },
  });
}

Deno.test({
  name: `an executor on a disk that fills up under it never says it is done unless it is${skipped}`,
  ignore: skipped !== "",
  async fn() {
    const codes: number[] = [];
    for (const freeKib of [20, 28, 36]) {
      await using made = await site();
      const { root } = made.repository;
      const starter = withRoom(root, freeKib);
      const end = await runScript("release_rollout_executor", ["--json", ...APPLY], {
        root,
        starter,
      });
      await takeOver(root);
      codes.push(end.code);
      const { history } = await made.registry(); // readable, and with its first row
      assertEquals(history[0]?.actor, "release-bot");
      if (end.code === 0) assertEquals([end.report.outcome, history.length], ["committed", 2]);
      const recovered = await made.executor("--recover");
      assertEquals(recovered.code, 0, recovered.stdout);
      if ((await made.intents()).length > 0) await assertAgreement(made);
      else assertEquals([await made.weight(), history.length], [5, 1]);
    }
    assert(codes.some((code) => code !== 0), codes.join(" "));
  },
});
