#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Judges the contract of traffic commands, its adapters, and the command that would be run.
 * @module
 */
import { defineCommand, type Outcome } from "../lib/command/command.ts";
import { boolean, path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { ReleaseTrafficAdapterContract } from "../lib/policy/release_traffic_adapter_contract.ts";
import { loadedCheck } from "../lib/report/loaded_check.ts";
import { judgeContract, judgeRuntimeCommand } from "../lib/rollout/judge_contract.ts";
import { SUPPORTED_PLACEHOLDERS } from "../lib/policy/traffic_placeholders.ts";
import { sha256Hex } from "../lib/store/digest.ts";

export const command = defineCommand({
  name: "release_rollout_adapter_contract_check",
  summary: "Judge the contract of traffic commands and the command that would be run",
  kind: "gate",
  artifact: "release_rollout_adapter_contract",
  strictEnv: "WA_RELEASE_TRAFFIC_ADAPTER_STRICT",
  flags: {
    contract: path({
      default: "security/release_traffic_adapter_contract.json",
      env: "WA_RELEASE_TRAFFIC_ADAPTER_CONTRACT_FILE",
      help: "Contract of traffic commands",
    }),
    "command-template": text({
      env: "WA_RELEASE_TRAFFIC_APPLY_COMMAND",
      placeholder: "TEMPLATE",
      help: "The command that an apply would run; {name} stands for a value",
    }),
    "require-runtime-command": boolean({
      env: "WA_RELEASE_TRAFFIC_ADAPTER_REQUIRE_RUNTIME_COMMAND",
      help: "Enforce that there is such a command",
    }),
  },
  details: [
    "A template is split into words first; then {name} is replaced inside each word. There is no " +
    "shell and no other syntax, so a value can neither add an argument nor become an option.",
    "release_rollout_executor refuses to run a command that this gate would refuse.",
  ],
  async run({ flags, inputs, gate }): Promise<Outcome> {
    const loaded = await inputs.json(flags.contract, ReleaseTrafficAdapterContract);
    const contractLoaded = loadedCheck("contract_loaded", loaded, "enforce");
    const template = flags["command-template"] ?? "";
    const fields = {
      contract_path: loaded.path,
      supported_placeholders: SUPPORTED_PLACEHOLDERS,
      runtime_command_template: template,
      runtime_command_template_sha256: template === "" ? "" : await sha256Hex(template),
    };
    if (loaded.state !== "ok") {
      return {
        checks: [contractLoaded],
        headline: `the contract ${loaded.path} cannot be used`,
        fields: { ...fields, contract_placeholders: null, adapters: [] },
      };
    }
    const contract = loaded.value;
    const { checks, adapters } = judgeContract(contract);
    const runtime = judgeRuntimeCommand(template, contract, {
      gate,
      required: flags["require-runtime-command"],
    });
    const invalid = adapters.filter(({ ok }) => !ok).length;
    const spoken = template === "" ? "no runtime command" : "one runtime command";
    return {
      checks: [contractLoaded, ...checks, ...runtime],
      headline: invalid > 0
        ? `${invalid} of ${adapters.length} adapters are not valid`
        : `${adapters.length} adapters and ${spoken} judged`,
      fields: { ...fields, contract_placeholders: contract.placeholders, adapters },
    };
  },
});

if (import.meta.main) await main(command);
