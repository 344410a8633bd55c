#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-net=127.0.0.1,localhost --allow-env=WA_RELEASE_*,WA_TRAFFIC_*,GITHUB_ACTIONS --allow-run=git,nginx
/**
 * Moves traffic between two upstreams of nginx: replaces the split file, tests the configuration,
 * reloads, and waits until the workers answer with the new split.
 * @module
 */
import type { Context, Outcome } from "../lib/command/command.ts";
import { IoError, UsageError } from "../lib/command/errors.ts";
import { integer, path, text } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import type { AdapterAnswer } from "../lib/rollout/adapter_answer.ts";
import { withFence } from "../lib/rollout/adapter_fence.ts";
import {
  defineAdapter,
  type Order,
  ORDER_FLAGS,
  orderOf,
  orderOutcome,
  programFailed,
  stateFile,
} from "../lib/rollout/adapter_script.ts";
import { nginxSplit, parseNginxState } from "../lib/rollout/nginx_split.ts";
import { writeAtomic } from "../lib/store/write_atomic.ts";

const controller = {
  "status-url": text({
    env: "WA_TRAFFIC_NGINX_STATUS_URL",
    placeholder: "URL",
    help: "Loopback URL where nginx returns $release_pool_state",
  }),
  "settle-s": integer({ default: 10, min: 1, help: "Longest wait for the workers, seconds" }),
  "same-answers": integer({
    default: 8,
    min: 1,
    help: "Answers in a row, on connections of their own, that must agree",
  }),
};

const flags = {
  ...ORDER_FLAGS,
  ...controller,
  "state-file": stateFile("nginx"),
  "split-file": path({
    default: ".data/rollout/nginx_split.conf",
    env: "WA_TRAFFIC_NGINX_SPLIT_FILE",
    help: "File that nginx includes in its http block",
  }),
  "nginx-config": path({
    env: "WA_TRAFFIC_NGINX_CONFIG",
    help: "Configuration nginx runs with (default: the one compiled in)",
  }),
  "canary-upstream": text({ default: "release_canary", help: "Upstream of the canary" }),
  "stable-upstream": text({ default: "release_stable", help: "Upstream of stable" }),
  variable: text({ default: "release_pool", help: "Variable that proxy_pass uses" }),
};

type Run = Context<typeof flags, undefined>;
type Look = Pick<Context<typeof controller, undefined>, "flags">;

/** What one worker has loaded. A connection of its own reaches whichever worker takes it. */
async function askWorker(url: string): Promise<AdapterAnswer> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const response = await fetch(url, { client, signal: AbortSignal.timeout(2000) });
  const state = parseNginxState(await response.text());
  if (!response.ok || state === undefined) {
    const hint = 'add a location with: return 200 "$release_pool_state"';
    throw new IoError(`Cannot read split from "${url}": the answer is not weight:token`, hint);
  }
  return state;
}

const same = (a: AdapterAnswer, b: AdapterAnswer): boolean =>
  a.canary_weight === b.canary_weight && a.fence === b.fence;

const matches = (seen: AdapterAnswer, want: Order | undefined): boolean =>
  want === undefined || (seen.canary_weight === want.canaryWeight && seen.fence === want.fence);

/**
 * What the workers agree on: several answers in a row, and the wanted one, until the time is over.
 * Old workers of a reload answer on until they are gone.
 */
async function askWorkers({ flags }: Look, want?: Order): Promise<AdapterAnswer> {
  const url = flags["status-url"];
  if (url === undefined) throw new UsageError("--status-url is needed");
  const until = performance.now() + flags["settle-s"] * 1000;
  let last = await askWorker(url);
  let agreeing = 1;
  while (agreeing < flags["same-answers"] || !matches(last, want)) {
    if (performance.now() >= until) break;
    const next = await askWorker(url);
    agreeing = same(last, next) ? agreeing + 1 : 1;
    last = next;
    if (!matches(last, want)) await new Promise((resolve) => setTimeout(resolve, 25));
  }
  if (agreeing < flags["same-answers"]) {
    throw new IoError(`Cannot read split from "${url}": workers still differ`, "wait, then retry");
  }
  return last;
}

async function nginx({ flags, inputs }: Run, ...args: string[]): Promise<string | undefined> {
  const config = flags["nginx-config"];
  const named = config === undefined ? [] : ["-c", inputs.absolute(config)];
  const { success, stderr } = await new Deno.Command("nginx", {
    args: [...named, ...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return success ? undefined : new TextDecoder().decode(stderr);
}

async function readOr(path: string, fallback: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return fallback;
    throw error;
  }
}

/** Replaces the split file; puts the old one back when nginx does not take the new one. */
async function order(run: Run): Promise<Outcome> {
  const wanted = orderOf(run.flags);
  const split = run.inputs.absolute(run.flags["split-file"]);
  const names = {
    canary: run.flags["canary-upstream"],
    stable: run.flags["stable-upstream"],
    variable: run.flags.variable,
  };
  return await withFence(run.inputs.absolute(run.flags["state-file"]), wanted, async () => {
    const stableOnly = nginxSplit({ canaryWeight: 0, fence: 0 }, names);
    const before = await readOr(split, stableOnly);
    await writeAtomic(split, nginxSplit(wanted, names));
    const refused = await nginx(run, "-t", "-q");
    const failed = refused ?? await nginx(run, "-s", "reload");
    if (failed !== undefined) {
      await writeAtomic(split, before);
      const id = refused === undefined ? "nginx_reloaded" : "nginx_configuration_valid";
      return {
        checks: [programFailed(id, "nginx", failed)],
        headline: "nginx did not take the split; the file is as it was",
      };
    }
    const rows = ["nginx_configuration_valid", "nginx_reloaded"].map((id) => ({
      id,
      ok: true,
      mode: "enforce" as const,
      value: "ok",
      expect: "nginx ends with 0",
    }));
    return orderOutcome(rows, await askWorkers(run, wanted), wanted);
  });
}

export const command = defineAdapter({
  name: "traffic_adapter_nginx",
  summary: "Move and read the traffic split of nginx",
  apply: "Send a share of requests to the canary upstream",
  observe: "Print the split that the workers have loaded, as JSON",
  flags,
  controller,
  order,
  look: (run) => askWorkers(run),
});

if (import.meta.main) await main(command);
