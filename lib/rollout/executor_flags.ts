import { boolean, choice, number, path, text } from "../command/flag.ts";
import { AUDIT_FLAGS } from "./change_registry.ts";

/** Every flag of the executor. */
export const EXECUTOR_FLAGS = {
  "channels-file": path({
    default: "security/release_channels.json",
    help: "Channel registry",
  }),
  policy: path({ default: "security/release_rollout_policy.json", help: "Rollout policy" }),
  contract: path({
    default: "security/release_traffic_adapter_contract.json",
    env: "WA_RELEASE_TRAFFIC_ADAPTER_CONTRACT_FILE",
    help: "Contract of traffic commands",
  }),
  "init-file": path({ help: "File that states the version, of any supported kind" }),
  "target-version": text({
    env: "WA_RELEASE_ROLLOUT_TARGET_VERSION",
    placeholder: "X.Y.Z",
    help: "Version to roll out (default: the code's)",
  }),
  actor: text({
    default: "release-bot",
    env: "WA_RELEASE_ROLLOUT_ACTOR",
    help: "Who decides this; recorded in history and audit log",
  }),
  reason: text({
    env: "WA_RELEASE_ROLLOUT_REASON",
    help: "Why; recorded in history and audit log (default: the plan's reason)",
  }),
  "correlation-id": text({
    env: "WA_RELEASE_CORRELATION_ID",
    placeholder: "ID",
    help: "Id that ties this change to others",
  }),
  "release-candidate-id": text({
    env: "WA_RELEASE_CANDIDATE_ID",
    placeholder: "ID",
    help: "Candidate that is rolled out",
  }),
  "dry-run": boolean({ help: "Plan and judge, change nothing; wins over --apply" }),
  apply: boolean({ help: "Carry out one stage" }),
  recover: boolean({
    help: "End what earlier runs left pending, and move traffic to where the registry says",
  }),
  "recover-mode": choice(["auto", "forward", "back"], {
    default: "auto",
    help: "How to end what nobody can observe: forward and back are the operator's word",
  }),
  abort: boolean({ help: "Take the canary out of traffic" }),
  "auto-abort": boolean({
    env: "WA_RELEASE_ROLLOUT_AUTO_ABORT",
    help: "Abort instead of going on when the newest canary analysis proves harm",
  }),
  "auto-abort-max-age-s": number({
    default: 3600,
    min: 1,
    help: "Oldest canary analysis that --auto-abort goes by, seconds",
  }),
  "rollback-stable": boolean({ help: "Set stable back to a version it served before" }),
  "to-version": text({
    placeholder: "X.Y.Z",
    help: "With --rollback-stable: the version (default: the last lower one)",
  }),
  resume: boolean({ help: "Go on with a version whose rollout was aborted; needs --reason" }),
  supersede: boolean({ help: "Replace another canary that is in flight; needs --reason" }),
  "allow-downgrade": boolean({ help: "Roll out a version below stable; needs --reason" }),
  "traffic-adapter": text({
    env: "WA_RELEASE_TRAFFIC_ADAPTER",
    placeholder: "ID",
    help: "Adapter of the contract that moves traffic",
  }),
  "traffic-apply-command": text({
    env: "WA_RELEASE_TRAFFIC_APPLY_COMMAND",
    placeholder: "TEMPLATE",
    help: "Command that moves traffic, instead of an adapter's; {name} stands for a value",
  }),
  "traffic-observe-command": text({
    env: "WA_RELEASE_TRAFFIC_OBSERVE_COMMAND",
    placeholder: "TEMPLATE",
    help: "Command that prints what is in force, as JSON",
  }),
  "traffic-compensate-command": text({
    env: "WA_RELEASE_TRAFFIC_COMPENSATE_COMMAND",
    placeholder: "TEMPLATE",
    help: "Command that moves traffic back",
  }),
  "traffic-apply-required": boolean({ help: "Refuse an apply that would move no traffic" }),
  "traffic-apply-timeout-s": number({
    default: 30,
    min: 0.1,
    help: "Longest run of one traffic command, seconds",
  }),
  "traffic-settle-s": number({
    default: 10,
    min: 0,
    help: "How long the controller may take to show what it was told, seconds",
  }),
  "sample-url": text({
    env: "WA_RELEASE_TRAFFIC_SAMPLE_URL",
    placeholder: "URL",
    help: "Count live responses from here before committing",
  }),
  "sample-header": text({
    default: "x-release-version",
    env: "WA_RELEASE_TRAFFIC_SAMPLE_HEADER",
    help: "Response header that names the version",
  }),
  "allow-gate-failures": boolean({
    env: "WA_RELEASE_ROLLOUT_PLAN_ALLOW_GATE_FAILURES",
    help: "Go on without the required reports; an apply then needs --approver and --incident-id",
  }),
  approver: text({ help: "Who allowed --allow-gate-failures; not the actor" }),
  "incident-id": text({ help: "The incident that --allow-gate-failures answers" }),
  "plan-strict": boolean({
    env: "WA_RELEASE_ROLLOUT_PLAN_STRICT",
    help: "Enforce that the plan is sound, whether or not it could be applied now",
  }),
  "require-apply-ready": boolean({
    env: "WA_RELEASE_ROLLOUT_PLAN_REQUIRE_APPLY_READY",
    help: "Enforce in a dry run that the plan could be applied now",
  }),
  ...AUDIT_FLAGS,
};
