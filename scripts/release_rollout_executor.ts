#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data,security --allow-net=127.0.0.1,localhost --allow-env=WA_RELEASE_*,WA_TRAFFIC_*,WA_AUDIT_CHAIN_*,GITHUB_ACTIONS,PATH,HOME,LANG,TZ,TMPDIR,DENO_DIR,KUBECONFIG --allow-run
/**
 * Plans one stage of a rollout, and carries it out so that registry and traffic cannot disagree.
 * @module
 */
import { defineCommand } from "../lib/command/command.ts";
import { main } from "../lib/command/main.ts";
import { EXECUTOR_FLAGS } from "../lib/rollout/executor_flags.ts";
import { executeRollout } from "../lib/rollout/executor_run.ts";

export const command = defineCommand({
  name: "release_rollout_executor",
  summary: "Plan one stage of a rollout, or carry it out",
  kind: "actor",
  artifact: "release_rollout_executor",
  flags: EXECUTOR_FLAGS,
  details: [
    "Without --apply it plans and judges, and changes nothing but the audit log.",
    "With --apply it first ends what an earlier run left pending, then looks whether traffic is " +
    "where the registry says, plans one stage, and carries it out: journal, audit log, traffic " +
    "command, readback, registry, audit log. If the command succeeds the stage is committed; if " +
    "it fails traffic goes back to where the registry says, and the run is not ok.",
    "Exit 75: another executor is at work. Exit 70: nobody can tell where traffic is; the change " +
    "stays pending, and --recover ends it.",
  ],
  examples: [
    "--dry-run",
    "--apply --target-version 1.2.0 --traffic-adapter nginx",
    '--abort --apply --reason "error rate" --traffic-adapter nginx',
    "--recover --traffic-adapter nginx",
  ],
  run: (run) => executeRollout(run),
});

if (import.meta.main) await main(command);
