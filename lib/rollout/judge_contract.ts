import type {
  AdapterRow,
  ReleaseTrafficAdapterContract,
} from "../policy/release_traffic_adapter_contract.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { judgeTemplate } from "./judge_template.ts";
import { CONTRACT_PLACEHOLDERS, SUPPORTED_PLACEHOLDERS } from "../policy/traffic_placeholders.ts";

const CONTRACT = "security/release_traffic_adapter_contract.json";

/** An adapter of the contract with its own checks, as the report lists it. */
export interface JudgedAdapter {
  id: string;
  kind: string;
  description: string;
  command_template: string;
  ok: boolean;
  checks: Check[];
}

function row(id: string, ok: boolean, mode: Mode, value: unknown, expect: string): Check {
  return { id, ok, mode, value, expect, hint: `correct ${CONTRACT}` };
}

/** Every template of one adapter. All its rows are enforced. */
export function judgeAdapter(
  adapter: AdapterRow,
  contract: ReleaseTrafficAdapterContract,
): JudgedAdapter {
  const { id, kind, description, command_template } = adapter;
  const { allowed } = contract.placeholders;
  const judged = judgeTemplate(command_template, contract, adapter.required_placeholders);
  const strange = adapter.required_placeholders.filter((name) => !allowed.includes(name));
  const others = [adapter.observe_command_template, adapter.compensate_command_template]
    .filter((template) => template !== undefined)
    .flatMap((template) => {
      const { faults, unknown } = judgeTemplate(template, contract);
      return [...faults, ...unknown.map((name) => `placeholder "${name}" is not allowed`)];
    });
  const e = "enforce";
  const checks = [
    row("adapter_id_present", id.trim() !== "", e, id, "an id"),
    row("adapter_command_template_present", command_template.trim() !== "", e, null, "a command"),
    row(
      "adapter_command_template_valid",
      judged.template !== undefined,
      e,
      { faults: judged.faults, unknown_placeholders: judged.unknown },
      "a template that can be read and rendered for every action",
    ),
    row(
      "adapter_required_placeholders_known",
      strange.length === 0,
      e,
      strange,
      "required names are among the allowed ones",
    ),
    row(
      "adapter_required_placeholders_present",
      judged.missing.length === 0 && judged.template !== undefined,
      e,
      judged.missing,
      "every required name is used",
    ),
    row(
      "adapter_other_templates_valid",
      others.length === 0,
      e,
      others,
      "observe and compensate commands can be read and rendered",
    ),
  ];
  return {
    id,
    kind,
    description,
    command_template,
    ok: checks.every((check) => check.ok),
    checks,
  };
}

/** The rows about the contract itself. */
export function judgeContract(
  contract: ReleaseTrafficAdapterContract,
): { checks: Check[]; adapters: JudgedAdapter[] } {
  const { allowed, required, recommended } = contract.placeholders;
  const supported: readonly string[] = SUPPORTED_PLACEHOLDERS;
  const without = (names: readonly string[], from: readonly string[]): string[] =>
    names.filter((name) => !from.includes(name));
  const adapters = contract.adapters.map((adapter) => judgeAdapter(adapter, contract));
  const ids = adapters.map(({ id }) => id);
  const twice = [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
  const unsupported = without(allowed, supported);
  const strange = without(required, allowed);
  const advised = without(recommended, allowed);
  const unused = without(CONTRACT_PLACEHOLDERS, allowed);
  const invalid = adapters.filter(({ ok }) => !ok);
  const { require_examples } = contract.rules;
  const invalidRow = {
    examined: adapters.length,
    invalid: invalid.map(({ id, checks }) => ({
      id,
      failed: checks.filter((check) => !check.ok).map((check) => check.id),
    })),
  };
  const e = "enforce";
  return {
    adapters,
    checks: [
      row(
        "contract_allowed_placeholders_supported",
        unsupported.length === 0,
        e,
        unsupported,
        "allowed names are all supported",
      ),
      row(
        "contract_required_placeholders_known",
        strange.length === 0,
        e,
        strange,
        "required names are all allowed",
      ),
      row(
        "contract_recommended_placeholders_known",
        advised.length === 0,
        "warn",
        advised,
        "recommended names are all allowed",
      ),
      row(
        "contract_has_all_supported_placeholders",
        unused.length === 0,
        "warn",
        unused,
        "every documented name is allowed",
      ),
      row(
        "contract_has_examples",
        !require_examples || adapters.length > 0,
        e,
        adapters.length,
        require_examples ? ">= 1 adapter" : "any number of adapters",
      ),
      row("adapter_ids_unique", twice.length === 0, e, twice, "no id twice"),
      adapters.length === 0
        ? notApplicable("all_adapter_examples_valid", "valid adapters", "there is no adapter")
        : row(
          "all_adapter_examples_valid",
          invalid.length === 0,
          e,
          invalidRow,
          "every adapter is valid",
        ),
    ],
  };
}

/** The rows about the command that would really be run. */
export function judgeRuntimeCommand(
  command: string,
  contract: ReleaseTrafficAdapterContract,
  { gate, required }: { gate: Mode; required: boolean },
): Check[] {
  const expectValid = "a template that can be read and rendered for every action";
  const present = {
    ...row(
      "runtime_command_present_when_required",
      !required || command !== "",
      required ? "enforce" : gate,
      command !== "",
      required ? "a command" : "a command, or none",
    ),
    hint: "set WA_RELEASE_TRAFFIC_APPLY_COMMAND or pass --command-template",
  };
  if (command === "") {
    const reason = "no command was given";
    return [
      present,
      notApplicable("runtime_command_template_valid", expectValid, reason),
      notApplicable(
        "runtime_command_contains_required_placeholders",
        contract.placeholders.required.join(", "),
        reason,
      ),
      notApplicable(
        "runtime_command_contains_recommended_placeholders",
        contract.placeholders.recommended.join(", "),
        reason,
      ),
    ];
  }
  const judged = judgeTemplate(command, contract);
  const hint = "correct the command template";
  const { faults, unknown, missing, unrecommended } = judged;
  return [
    present,
    {
      ...row(
        "runtime_command_template_valid",
        judged.template !== undefined,
        gate,
        { faults, unknown_placeholders: unknown },
        expectValid,
      ),
      hint,
    },
    {
      ...row(
        "runtime_command_contains_required_placeholders",
        missing.length === 0 && judged.template !== undefined,
        gate,
        missing,
        `uses ${contract.placeholders.required.join(", ")}`,
      ),
      hint,
    },
    {
      ...row(
        "runtime_command_contains_recommended_placeholders",
        unrecommended.length === 0 && judged.template !== undefined,
        "warn",
        unrecommended,
        `uses ${contract.placeholders.recommended.join(", ")}`,
      ),
      hint,
    },
  ];
}
