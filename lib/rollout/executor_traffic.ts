import type { Context } from "../command/command.ts";
import type { Values } from "../command/flag.ts";
import type { ReleaseRolloutPolicy } from "../policy/release_rollout_policy.ts";
import {
  type AdapterRow,
  ReleaseTrafficAdapterContract,
} from "../policy/release_traffic_adapter_contract.ts";
import { type Check, notApplicable } from "../report/check.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import { isSecretName } from "../scan/redact.ts";
import { canonicalJson } from "../store/canonical.ts";
import { sha256Hex } from "../store/digest.ts";
import { CommandTraffic, type TrafficCommandRow } from "./command_adapter.ts";
import type { EXECUTOR_FLAGS } from "./executor_flags.ts";
import { type JudgedTemplate, judgeTemplate } from "./judge_template.ts";
import { NO_TRAFFIC } from "./no_traffic.ts";
import type { TrafficPort } from "./rollout_ports.ts";
import { type CountedShare, describeCount, sampleSplit } from "./sample_split.ts";
import type { TrafficSplit } from "./traffic_split.ts";

type Run = Pick<
  Context<typeof EXECUTOR_FLAGS, undefined>,
  "root" | "inputs" | "env" | "signal" | "nowS" | "gate"
>;
type Flags = Values<typeof EXECUTOR_FLAGS>;

/** How traffic is moved in this run, and what was found about it. */
export interface ExecutorTraffic {
  port: TrafficPort;
  /** Rows that must hold before traffic is moved. */
  checks: Check[];
  /** The apply template as it was given; empty when there is none. */
  template: string;
  templateSha256: string;
  /** Whether there is a command at all. */
  present: boolean;
  /** Commands run so far. */
  rows: TrafficCommandRow[];
  /** Splits counted so far. */
  counts: CountedShare[];
}

/** Variables a program needs to find itself and its files; nothing secret is among them. */
const COMMON_ENVIRONMENT = [
  ...["PATH", "HOME", "LANG", "TZ", "TMPDIR", "DENO_DIR", "KUBECONFIG"],
];

interface Templates {
  apply: string;
  observe: string | undefined;
  compensate: string | undefined;
  id: string;
  alsoRequired: readonly string[];
}

function chosen(flags: Flags, adapter: AdapterRow | undefined): Templates {
  return {
    apply: flags["traffic-apply-command"] ?? adapter?.command_template ?? "",
    observe: flags["traffic-observe-command"] ?? adapter?.observe_command_template,
    compensate: flags["traffic-compensate-command"] ?? adapter?.compensate_command_template,
    id: adapter?.id ?? "command",
    alsoRequired: flags["traffic-apply-command"] === undefined
      ? adapter?.required_placeholders ?? []
      : [],
  };
}

function templateChecks(judged: JudgedTemplate, others: JudgedTemplate[]): Check[] {
  const hint = "run deno task release_rollout_adapter_contract_check to see what is wrong";
  const faults = [judged, ...others].flatMap(({ faults, unknown }) => [
    ...faults,
    ...unknown.map((name) => `placeholder "${name}" is not allowed`),
  ]);
  return [
    {
      id: "traffic_apply_template_valid",
      ok: faults.length === 0,
      mode: "enforce",
      value: { templates: 1 + others.length, faults },
      expect: "templates that keep to the contract",
      hint,
    },
    {
      id: "traffic_apply_required_placeholders",
      ok: judged.missing.length === 0,
      mode: "enforce",
      value: judged.missing,
      expect: "every required placeholder is used",
      hint,
    },
  ];
}

/** The template that the contract gate saw must be the one that runs. */
async function validatedCheck(run: Run, templateSha256: string, fromFlag: boolean): Promise<Check> {
  const id = "traffic_template_was_validated";
  const expect = "the newest contract report judged this very template";
  if (!fromFlag) return notApplicable(id, expect, "the command is the contract's own");
  const { value, state } = await run.inputs.evidence({
    kind: "release_rollout_adapter_contract",
    nowS: run.nowS,
  });
  const seen = value === undefined
    ? ""
    : String((value as Record<string, unknown>).runtime_command_template_sha256 ?? "");
  return {
    id,
    ok: state === "valid" && seen === templateSha256,
    mode: run.gate,
    value: { report: state, judged_sha256: seen, sha256: templateSha256 },
    expect,
    hint: "run deno task release_rollout_adapter_contract_check with the same command",
  };
}

function environmentOf(
  run: Run,
  names: readonly string[],
): { env: Record<string, string>; secrets: string[] } {
  const env: Record<string, string> = {};
  const secrets: string[] = [];
  for (const name of [...COMMON_ENVIRONMENT, ...names]) {
    const value = run.env(name);
    if (value === undefined) continue;
    env[name] = value;
    if (isSecretName(name)) secrets.push(value);
  }
  return { env, secrets };
}

function counter(
  flags: Flags,
  { verification }: ReleaseRolloutPolicy,
  counts: CountedShare[],
): ((want: TrafficSplit) => Promise<{ agrees: boolean; detail: string }>) | undefined {
  const url = flags["sample-url"];
  if (url === undefined) return undefined;
  const source = { url, header: flags["sample-header"], timeoutMs: 5000, concurrency: 8 };
  const { margin_ratio: margin, alpha, beta, max_samples: maxSamples } = verification;
  const risks = { margin, alpha, beta, maxSamples };
  return async (want) => {
    const counted = await sampleSplit(source, want, risks, AbortSignal.timeout(60_000));
    counts.push(counted);
    return { agrees: counted.verdict === "agrees", detail: describeCount(counted) };
  };
}

function withoutCommand(run: Run, flags: Flags, adapterKnown: boolean): ExecutorTraffic {
  const required = flags["traffic-apply-required"];
  const named = flags["traffic-adapter"];
  return {
    port: NO_TRAFFIC,
    present: false,
    template: "",
    templateSha256: "",
    rows: [],
    counts: [],
    checks: [
      {
        id: "traffic_apply_command_present_when_required",
        ok: !required && adapterKnown,
        mode: required || !adapterKnown ? "enforce" : run.gate,
        value: adapterKnown ? "none" : `no adapter "${named}" in the contract`,
        expect: required ? "a command" : "a command, or none",
        hint: "pass --traffic-adapter ID or --traffic-apply-command",
      },
      notApplicable("traffic_apply_template_valid", "a valid template", "no command was given"),
    ],
  };
}

/** Puts together how this run moves traffic; runs nothing. */
export async function executorTraffic(
  run: Run,
  flags: Flags,
  policy: ReleaseRolloutPolicy,
): Promise<ExecutorTraffic> {
  const named = flags["traffic-adapter"];
  if (named === undefined && flags["traffic-apply-command"] === undefined) {
    return withoutCommand(run, flags, true);
  }
  const loaded = await run.inputs.json(flags.contract, ReleaseTrafficAdapterContract);
  const contractCheck = loadedCheck("traffic_contract_loaded", loaded, "enforce");
  if (loaded.state !== "ok") {
    const none = withoutCommand(run, flags, true);
    return { ...none, checks: [contractCheck, ...none.checks] };
  }
  const contract = loaded.value;
  const adapter = contract.adapters.find(({ id }) => id === named);
  const templates = chosen(flags, adapter);
  if (templates.apply === "") {
    const none = withoutCommand(run, flags, named === undefined);
    return { ...none, checks: [contractCheck, ...none.checks] };
  }
  const judged = judgeTemplate(templates.apply, contract, templates.alsoRequired);
  const judge = (template: string | undefined): JudgedTemplate | undefined =>
    template === undefined ? undefined : judgeTemplate(template, contract);
  const [observe, compensate] = [judge(templates.observe), judge(templates.compensate)];
  const others = [observe, compensate].filter((other) => other !== undefined);
  const rows: TrafficCommandRow[] = [];
  const counts: CountedShare[] = [];
  const templateSha256 = await sha256Hex(templates.apply);
  const { env, secrets } = environmentOf(run, contract.rules.environment);
  const port = judged.template === undefined ? NO_TRAFFIC : new CommandTraffic({
    id: templates.id,
    configSha256: await sha256Hex(canonicalJson({
      apply: templates.apply,
      observe: templates.observe ?? null,
      compensate: templates.compensate ?? null,
    })),
    apply: judged.template,
    observe: observe?.template,
    compensate: compensate?.template,
    cwd: run.root,
    env,
    secrets,
    timeoutMs: flags["traffic-apply-timeout-s"] * 1000,
    settleMs: flags["traffic-settle-s"] * 1000,
    signal: run.signal,
    count: counter(flags, policy, counts),
    onResult: (row) => void rows.push(row),
  });
  const fromFlag = flags["traffic-apply-command"] !== undefined;
  return {
    port,
    present: true,
    template: templates.apply,
    templateSha256,
    rows,
    counts,
    checks: [
      contractCheck,
      ...templateChecks(judged, others),
      await validatedCheck(run, templateSha256, fromFlag),
    ],
  };
}
