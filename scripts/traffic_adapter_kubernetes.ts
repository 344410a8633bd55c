#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_RELEASE_*,WA_TRAFFIC_*,GITHUB_ACTIONS --allow-run=git,kubectl
/**
 * Moves traffic with kubectl: weights of an HTTPRoute (Gateway API), or the step of an Argo Rollout.
 * @module
 */
import type { z } from "zod";
import type { Context, Outcome } from "../lib/command/command.ts";
import { IoError, NotReadyError, UsageError } from "../lib/command/errors.ts";
import { choice, integer, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import type { AdapterAnswer } from "../lib/rollout/adapter_answer.ts";
import {
  defineAdapter,
  type Order,
  ORDER_FLAGS,
  orderOf,
  orderOutcome,
} from "../lib/rollout/adapter_script.ts";
import {
  ArgoRollout,
  fenceOf,
  HttpRoute,
  type PatchOperation,
  rolloutPatch,
  rolloutWeight,
  routePatch,
  routePlaces,
  routeWeight,
} from "../lib/rollout/kubernetes_weights.ts";

const controller = {
  kind: choice(["httproute", "rollout"], {
    default: "httproute",
    env: "WA_TRAFFIC_KUBERNETES_KIND",
    help: "What holds the weights: a Gateway API HTTPRoute or an Argo Rollout",
  }),
  name: text({ env: "WA_TRAFFIC_KUBERNETES_NAME", help: "Name of the object" }),
  namespace: text({ env: "WA_TRAFFIC_KUBERNETES_NAMESPACE", default: "default", help: "Where" }),
  context: text({ env: "WA_TRAFFIC_KUBERNETES_CONTEXT", help: "Context of the kubeconfig" }),
  "canary-backend": text({
    env: "WA_TRAFFIC_KUBERNETES_CANARY",
    help: "Service of the canary, for an HTTPRoute",
  }),
  "stable-backend": text({
    env: "WA_TRAFFIC_KUBERNETES_STABLE",
    help: "Service of stable, for an HTTPRoute",
  }),
  "settle-s": integer({ default: 30, min: 0, help: "Longest wait for the controller, seconds" }),
};

const flags = { ...ORDER_FLAGS, ...controller };

type Look = Pick<Context<typeof controller, undefined>, "flags">;

async function kubectl({ flags }: Look, ...args: string[]): Promise<string> {
  const context = flags.context === undefined ? [] : ["--context", flags.context];
  const { success, stdout, stderr } = await new Deno.Command("kubectl", {
    args: [...context, "--namespace", flags.namespace, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  const complaint = new TextDecoder().decode(stderr).trim();
  throw new IoError(`kubectl ${args[0]} failed: ${complaint.slice(-400)}`, "run kubectl by hand");
}

const RESOURCE = {
  httproute: "httproutes.gateway.networking.k8s.io",
  rollout: "rollouts.argoproj.io",
} as const;

/** The object as this script sees it. */
interface Weighted {
  weight: number | undefined;
  fence: number;
  patch(order: Order): PatchOperation[];
}

function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`--${name} is needed`);
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(value)) {
    throw new UsageError(`--${name} is "${value}", expected a Kubernetes name`);
  }
  return value;
}

/** @throws {IoError} If kubectl printed something else than the object asked for. */
function parsed<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IoError("kubectl printed no object of this kind", "run kubectl get by hand", {
      cause,
    });
  }
}

async function read(run: Look): Promise<Weighted> {
  const { kind } = run.flags;
  const name = needed("name", run.flags.name);
  const text = await kubectl(run, "get", RESOURCE[kind], name, "-o", "json");
  if (kind === "rollout") {
    const rollout = parsed(ArgoRollout, text);
    return {
      weight: rolloutWeight(rollout),
      fence: fenceOf(rollout.metadata),
      patch: (order) => rolloutPatch(rollout, order),
    };
  }
  const canary = needed("canary-backend", run.flags["canary-backend"]);
  const stable = needed("stable-backend", run.flags["stable-backend"]);
  const route = parsed(HttpRoute, text);
  if (routePlaces(route, canary, stable).length === 0) {
    throw new UsageError(`No rule of HTTPRoute "${name}" names both ${canary} and ${stable}`);
  }
  return {
    weight: routeWeight(route, canary, stable),
    fence: fenceOf(route.metadata),
    patch: (order) => routePatch(route, { canary, stable, ...order }),
  };
}

/** Waits until the controller has accepted what the object says. */
async function observe(run: Look): Promise<AdapterAnswer> {
  const until = performance.now() + run.flags["settle-s"] * 1000;
  for (;;) {
    const { weight, fence } = await read(run);
    if (weight !== undefined) return { canary_weight: weight, fence };
    if (performance.now() >= until) {
      throw new IoError(
        "The controller has not accepted the weights in time",
        "look at the object's status.conditions",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** The patch is refused by the API server if anything changed since the object was read. */
async function order(run: Context<typeof flags, undefined>): Promise<Outcome> {
  const wanted = orderOf(run.flags);
  const seen = await read(run);
  const other = wanted.fence === seen.fence && seen.weight !== wanted.canaryWeight;
  if (wanted.fence < seen.fence || other) {
    throw new NotReadyError(
      `Order ${wanted.fence} is refused: order ${seen.fence} was taken before`,
      "plan again: somebody else has moved traffic since",
    );
  }
  const patch = JSON.stringify(seen.patch(wanted));
  const { kind, name = "" } = run.flags;
  await kubectl(run, "patch", RESOURCE[kind], name, "--type", "json", "--patch", patch);
  const patched = {
    id: "object_patched",
    ok: true,
    mode: "enforce" as const,
    value: `${kind}/${name}`,
    expect: "kubectl patch ends with 0",
  };
  return orderOutcome([patched], await observe(run), wanted);
}

export const command = defineAdapter({
  name: "traffic_adapter_kubernetes",
  summary: "Move and read the weights of an HTTPRoute or an Argo Rollout",
  apply: "Send a share of requests to the canary",
  observe: "Print the share of the canary, as JSON",
  flags,
  controller,
  order,
  look: (run) => observe(run),
});

if (import.meta.main) await main(command);
