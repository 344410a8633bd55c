import { assert, assertEquals } from "@std/assert";
import { governedRepository } from "../support/governed.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";

const CONTRACT = JSON.parse(
  await Deno.readTextFile("security/release_traffic_adapter_contract.json"),
);

async function judged(args: string[], env: Record<string, string> = {}): Promise<ScriptEnd> {
  await using repository = await governedRepository({
    "security/release_traffic_adapter_contract.json": CONTRACT,
  });
  return await runScript("release_rollout_adapter_contract_check", ["--json", ...args], {
    root: repository.root,
    env,
  });
}

Deno.test("the shipped contract passes, and the report says how many adapters were judged", async () => {
  const { code, report } = await judged(["--strict"]);
  assertEquals(code, 0, JSON.stringify(report.checks));
  assert(
    CONTRACT.adapters.length > 0 && report.headline.includes(String(CONTRACT.adapters.length)),
  );
});

const TEMPLATES: [what: string, template: string, passes: boolean][] = [
  [
    "a program with the required placeholders",
    "mover --action {action} --to {target_version} --id {correlation_id} --rc {release_candidate_id}",
    true,
  ],
  ["a shell", "sh -c 'mover {action} {target_version}'", false],
  ["an unknown placeholder", "mover {action} {target_version} {nonsense}", false],
  ["a format expression", "mover {action!r} {target_version}", false],
  ["an unbalanced quote", "mover 'oops {action} {target_version}", false],
];

for (const [what, template, passes] of TEMPLATES) {
  Deno.test(`a runtime command that is ${what} is ${passes ? "accepted" : "refused"}`, async () => {
    const env = { WA_RELEASE_TRAFFIC_APPLY_COMMAND: template };
    const { code, report } = await judged(["--strict"], env);
    assertEquals(code, passes ? 0 : 2, JSON.stringify(failedIds(report)));
    const enforced = report.checks.filter(({ ok, mode }) => !ok && mode === "enforce");
    assertEquals(enforced.length > 0, !passes);
  });
}

Deno.test("a runtime command that is demanded but absent fails, by flag and by environment", async () => {
  const env = { WA_RELEASE_TRAFFIC_ADAPTER_REQUIRE_RUNTIME_COMMAND: "1" };
  for (
    const end of [
      await judged(["--strict"], env),
      await judged(["--strict", "--require-runtime-command"]),
    ]
  ) {
    assertEquals(end.code, 2);
    assert(
      failedIds(end.report).some((id) => id.includes("runtime_command")),
      JSON.stringify(failedIds(end.report)),
    );
  }
});
