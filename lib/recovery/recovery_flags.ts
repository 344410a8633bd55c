import { boolean, number, path, text } from "../command/flag.ts";
import { AUDIT_FLAGS } from "../rollout/change_registry.ts";

/** What a drill or a restoration is told. */
export const RECOVERY_FLAGS = {
  primary: path({
    env: "WA_DISASTER_RECOVERY_PRIMARY",
    default: ".data",
    help: "Folder whose loss is rehearsed",
  }),
  "region-a": path({
    env: "WA_DISASTER_RECOVERY_REGION_A",
    default: ".data/dr/region-a",
    help: "Folder that keeps the copies, best on another disk",
  }),
  "region-b": path({
    env: "WA_DISASTER_RECOVERY_REGION_B",
    default: ".data/dr/region-b",
    help: "Folder in which a copy is restored, and removed again",
  }),
  "max-rpo-s": number({
    env: "WA_DISASTER_RECOVERY_MAX_RPO_S",
    policy: "/max_rpo_s",
    min: 0,
    help: "Oldest that the newest restored record may be, seconds",
  }),
  "max-rto-s": number({
    env: "WA_DISASTER_RECOVERY_MAX_RTO_S",
    policy: "/max_rto_s",
    min: 0,
    help: "Longest restoration with comparison and probe, seconds",
  }),
  "probe-command": text({
    env: "WA_DISASTER_RECOVERY_PROBE_COMMAND",
    policy: "/probe/command",
    placeholder: "COMMAND",
    help: "Program that must be able to read the restored copy, {restored}; run without a shell",
  }),
  "from-current": boolean({
    help: "Rehearse with the last good copy, as if the primary were lost; make no new one",
  }),
  "restore-into": path({
    placeholder: "DIR",
    help: "Restore the last good copy into this empty folder for good, instead of a drill",
  }),
  snapshot: text({ placeholder: "NAME", help: "Restore this copy of region A instead" }),
  ...AUDIT_FLAGS,
};
