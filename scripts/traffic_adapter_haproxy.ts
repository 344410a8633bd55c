#!/usr/bin/env -S deno run --no-prompt --allow-read=.,/run/haproxy --allow-write=.data,/run/haproxy --allow-net=127.0.0.1,localhost,unix:/run/haproxy/admin.sock --allow-env=WA_RELEASE_*,WA_TRAFFIC_*,GITHUB_ACTIONS --allow-run=git
/**
 * Moves traffic between servers of HAProxy through its runtime interface, and reads it back.
 * @module
 */
import type { Context, Outcome } from "../lib/command/command.ts";
import { IoError, UsageError } from "../lib/command/errors.ts";
import { list, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import type { AdapterAnswer } from "../lib/rollout/adapter_answer.ts";
import { readFence, withFence } from "../lib/rollout/adapter_fence.ts";
import {
  defineAdapter,
  ORDER_FLAGS,
  orderOf,
  orderOutcome,
  programFailed,
  stateFile,
} from "../lib/rollout/adapter_script.ts";
import {
  askHaproxy,
  canaryShare,
  parseWeight,
  type ServerWeight,
  serverWeights,
} from "../lib/rollout/haproxy_runtime.ts";

const controller = {
  socket: text({
    env: "WA_TRAFFIC_HAPROXY_SOCKET",
    default: "/run/haproxy/admin.sock",
    help: "Runtime interface, a path or 127.0.0.1:PORT; needs level admin",
  }),
  "canary-server": list({
    env: "WA_TRAFFIC_HAPROXY_CANARY_SERVERS",
    placeholder: "BACKEND/SERVER",
    help: "Server of the canary pool",
  }),
  "stable-server": list({
    env: "WA_TRAFFIC_HAPROXY_STABLE_SERVERS",
    placeholder: "BACKEND/SERVER",
    help: "Server of the stable pool",
  }),
  "state-file": stateFile("haproxy"),
};

const flags = { ...ORDER_FLAGS, ...controller };

type Look = Pick<Context<typeof controller, undefined>, "flags" | "inputs">;

/** The two pools. A name is put into a runtime command, so it must be a plain one. */
function pools({ flags }: Look): { canary: string[]; stable: string[] } {
  const canary = flags["canary-server"];
  const stable = flags["stable-server"];
  if (canary.length === 0 || stable.length === 0) {
    throw new UsageError("--canary-server and --stable-server are needed, as BACKEND/SERVER");
  }
  const strange = [...canary, ...stable].find((name) => !/^[\w.:-]+\/[\w.:-]+$/.test(name));
  if (strange !== undefined) throw new UsageError(`"${strange}" is not BACKEND/SERVER`);
  return { canary, stable };
}

async function weightOf(socket: string, server: string): Promise<ServerWeight> {
  const answer = await askHaproxy(socket, `get weight ${server}`);
  const weight = parseWeight(server, answer);
  if (weight !== undefined) return weight;
  throw new IoError(`HAProxy does not know "${server}": ${answer.trim()}`, "check the names");
}

async function weightsOf(socket: string, servers: string[]): Promise<ServerWeight[]> {
  const weights: ServerWeight[] = [];
  for (const server of servers) weights.push(await weightOf(socket, server));
  return weights;
}

async function observe(run: Look): Promise<AdapterAnswer> {
  const { socket } = run.flags;
  const { canary, stable } = pools(run);
  const share = canaryShare(await weightsOf(socket, canary), await weightsOf(socket, stable));
  if (share === undefined) {
    throw new IoError("The weights in HAProxy are no whole percent", "apply a stage to set them");
  }
  const state = await readFence(run.inputs.absolute(run.flags["state-file"]));
  return { canary_weight: share, fence: state?.fence ?? 0 };
}

/** All weights in one line, so that they change together as nearly as the interface allows. */
async function order(run: Context<typeof flags, undefined>): Promise<Outcome> {
  const wanted = orderOf(run.flags);
  const { socket } = run.flags;
  const { canary, stable } = pools(run);
  const sizes = { canary: canary.length, stable: stable.length };
  const weights = serverWeights(wanted.canaryWeight, sizes);
  if (weights === undefined) {
    throw new UsageError(
      `${wanted.canaryWeight} percent over ${canary.length} and ${stable.length} servers needs a ` +
        "weight above 256",
      "use another percent, or pools of sizes with a common divisor",
    );
  }
  return await withFence(run.inputs.absolute(run.flags["state-file"]), wanted, async () => {
    const line = [
      ...canary.map((server) => `set weight ${server} ${weights.canary}`),
      ...stable.map((server) => `set weight ${server} ${weights.stable}`),
    ].join("; ");
    const complaint = (await askHaproxy(socket, line)).trim();
    if (complaint !== "") {
      return {
        checks: [programFailed("haproxy_weights_set", "HAProxy", complaint)],
        headline: "HAProxy did not take the weights",
      };
    }
    const set = {
      id: "haproxy_weights_set",
      ok: true,
      mode: "enforce" as const,
      value: weights,
      expect: "no complaint",
    };
    return orderOutcome([set], await observe(run), wanted);
  });
}

export const command = defineAdapter({
  name: "traffic_adapter_haproxy",
  summary: "Move and read the weights of HAProxy's servers",
  apply: "Send a share of requests to the canary servers",
  observe: "Print the share of the canary servers, as JSON",
  flags,
  controller,
  order,
  look: (run) => observe(run),
});

if (import.meta.main) await main(command);
