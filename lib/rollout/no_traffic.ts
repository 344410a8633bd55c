import type { Observation, TrafficPort, TrafficResult } from "./rollout_ports.ts";

/**
 * Moves nothing: for a registry whose traffic somebody else moves by reading it. Every stage is
 * believed, and the report says so (`optional_command_missing`).
 */
export const NO_TRAFFIC: TrafficPort = {
  id: "none",
  configSha256: "",
  observes: false,
  compensates: false,
  apply: (): Promise<TrafficResult> =>
    Promise.resolve({ outcome: "done", reason: "optional_command_missing" }),
  compensate: (): Promise<TrafficResult> =>
    Promise.resolve({ outcome: "done", reason: "optional_command_missing" }),
  observe: (): Promise<Observation> =>
    Promise.resolve({ state: "blind", reason: "no traffic command" }),
  end: (): Promise<void> => Promise.resolve(),
};
