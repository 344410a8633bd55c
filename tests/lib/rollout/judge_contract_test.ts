import { assertEquals } from "@std/assert/equals";
import { ReleaseTrafficAdapterContract } from "../../../lib/policy/release_traffic_adapter_contract.ts";
import {
  judgeAdapter,
  judgeContract,
  judgeRuntimeCommand,
} from "../../../lib/rollout/judge_contract.ts";

const GOOD = "site-lb set {action} {target_version} {canary_traffic_weight}";
const ADAPTER = { id: "lb", command_template: GOOD };

const contractOf = (change: Record<string, unknown> = {}): ReleaseTrafficAdapterContract =>
  ReleaseTrafficAdapterContract.parse({ version: 1, adapters: [ADAPTER], ...change });

const failed = (checks: { id: string; ok: boolean }[]): string[] =>
  checks.filter(({ ok }) => !ok).map(({ id }) => id);

const CONTRACTS: [name: string, change: Record<string, unknown>, failed: string[]][] = [
  ["is sound", {}, []],
  ["allows a name nobody knows", {
    placeholders: { allowed: ["action", "target_version", "canary_traffic_weight", "weather"] },
  }, ["contract_allowed_placeholders_supported", "contract_has_all_supported_placeholders"]],
  ["requires a name it does not allow", { placeholders: { required: ["weather"] } }, [
    "contract_required_placeholders_known",
    "all_adapter_examples_valid",
  ]],
  ["recommends a name it does not allow", { placeholders: { recommended: ["weather"] } }, [
    "contract_recommended_placeholders_known",
  ]],
  ["allows fewer names than there are", {
    placeholders: { allowed: ["action", "target_version", "canary_traffic_weight"] },
  }, ["contract_has_all_supported_placeholders"]],
  ["has no adapter", { adapters: [] }, ["contract_has_examples"]],
  ["needs no adapter", { adapters: [], rules: { require_examples: false } }, []],
  ["has an id twice", { adapters: [ADAPTER, ADAPTER] }, ["adapter_ids_unique"]],
  ["has an adapter that is a shell", {
    adapters: [{ ...ADAPTER, command_template: "sh {action} {target_version}" }],
  }, [
    "all_adapter_examples_valid",
  ]],
];

for (const [name, change, ids] of CONTRACTS) {
  Deno.test(`judgeContract() fails [${ids}] for a contract that ${name}`, () => {
    assertEquals(failed(judgeContract(contractOf(change)).checks), ids);
  });
}

const ADAPTERS: [name: string, change: Record<string, unknown>, failed: string[]][] = [
  ["is sound", {}, []],
  ["has no id", { id: " " }, ["adapter_id_present"]],
  ["has no command", { command_template: "" }, [
    "adapter_command_template_present",
    "adapter_command_template_valid",
    "adapter_required_placeholders_present",
  ]],
  ["uses a name that is none", { command_template: "lb {weather}" }, [
    "adapter_command_template_valid",
    "adapter_required_placeholders_present",
  ]],
  ["lacks a required name", { command_template: "lb {action}" }, [
    "adapter_required_placeholders_present",
  ]],
  ["requires a name that is none", { required_placeholders: ["weather"] }, [
    "adapter_required_placeholders_known",
    "adapter_required_placeholders_present",
  ]],
  ["has a bad observe command", { observe_command_template: "bash -c x" }, [
    "adapter_other_templates_valid",
  ]],
  ["shows a secret", { command_template: `${GOOD} --api-token abc` }, [
    "adapter_command_template_valid",
    "adapter_required_placeholders_present",
  ]],
];

for (const [name, change, ids] of ADAPTERS) {
  Deno.test(`judgeAdapter() fails [${ids}] for an adapter that ${name}`, () => {
    const contract = contractOf({ adapters: [{ ...ADAPTER, ...change }] });
    const [adapter] = contract.adapters;
    if (adapter === undefined) throw new Error("the contract lost its adapter");
    assertEquals(failed(judgeAdapter(adapter, contract).checks), ids);
  });
}

const RUNTIME: [command: string, required: boolean, failed: string[]][] = [
  [GOOD, true, []],
  ["", false, []],
  ["", true, ["runtime_command_present_when_required"]],
  ["lb {action!r}", false, [
    "runtime_command_template_valid",
    "runtime_command_contains_required_placeholders",
    "runtime_command_contains_recommended_placeholders",
  ]],
  ["lb {action}", false, [
    "runtime_command_contains_required_placeholders",
    "runtime_command_contains_recommended_placeholders",
  ]],
];

for (const [command, required, ids] of RUNTIME) {
  Deno.test(`judgeRuntimeCommand() fails [${ids}] for "${command}"${required ? ", required" : ""}`, () => {
    const contract = contractOf({ placeholders: { recommended: ["canary_traffic_weight"] } });
    assertEquals(failed(judgeRuntimeCommand(command, contract, { gate: "warn", required })), ids);
  });
}

Deno.test("judgeRuntimeCommand() judges nothing where no command was given, and says so", () => {
  const checks = judgeRuntimeCommand("", contractOf(), { gate: "enforce", required: false });
  const judged = checks.filter(({ not_applicable }) => not_applicable === undefined);
  assertEquals(judged.map(({ id }) => id), ["runtime_command_present_when_required"]);
});

Deno.test("judgeContract() does not pass adapters where there are none", () => {
  const { checks } = judgeContract(
    contractOf({ adapters: [], rules: { require_examples: false } }),
  );
  const examples = checks.find(({ id }) => id === "all_adapter_examples_valid");
  assertEquals(examples?.not_applicable, "there is no adapter");
});

Deno.test("a contract as older tools wrote it still loads and holds, with the sixteen names of then", () => {
  const allowed = [
    ...["action", "target_version", "from_version", "to_version"],
    ...["correlation_id", "release_candidate_id", "from_rollout_percent", "to_rollout_percent"],
    ...["canary_rollout_percent", "stable_rollout_percent", "canary_version", "stable_version"],
    ...["before_canary_rollout_percent", "before_stable_rollout_percent"],
    ...["before_canary_version", "before_stable_version"],
  ];
  const old = ReleaseTrafficAdapterContract.parse({
    version: 1,
    placeholders: {
      allowed,
      required: ["action", "target_version"],
      recommended: ["correlation_id", "canary_rollout_percent"],
    },
    rules: { require_examples: true },
    adapters: [{
      id: "pool_weight",
      kind: "haproxy-runtime",
      description: "Shifts a pool.",
      required_placeholders: ["canary_rollout_percent"],
      command_template:
        "pool-shift --op {action} --release {target_version} --canary {canary_rollout_percent} --change {correlation_id}",
    }],
  });
  const { checks } = judgeContract(old);
  const enforced = checks.filter(({ ok, mode }) => !ok && mode === "enforce");
  assertEquals([allowed.length, enforced], [16, []]);
});

Deno.test("the contract as shipped is valid", async () => {
  const file = new URL("../../../security/release_traffic_adapter_contract.json", import.meta.url);
  const contract = ReleaseTrafficAdapterContract.parse(JSON.parse(await Deno.readTextFile(file)));
  assertEquals(failed(judgeContract(contract).checks), []);
  assertEquals(contract.adapters.length, 4);
});
