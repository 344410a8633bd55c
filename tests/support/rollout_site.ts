import { nginxSplit } from "../../lib/rollout/nginx_split.ts";
import { isInstalled, type Proxy, ReleaseBackend, startHaproxy, startNginx } from "./proxies.ts";
import { runScript, scriptArgs, type ScriptEnd } from "./run_script.ts";
import { TempRepository } from "./temp_repository.ts";

/** Controllers that tests run for real. */
export type Controller = "nginx" | "haproxy";

/** Why a controller's tests cannot run here; undefined when they can. */
export function missing(controller: Controller): string | undefined {
  return isInstalled(controller) ? undefined : `${controller} is not installed`;
}

const quoted = (words: string[]): string => words.map((word) => `'${word}'`).join(" ");

/** Arguments every verb of an adapter gets, and those only its orders get. */
export interface AdapterArgs {
  look: string[];
  order: string[];
}

/** Command templates that run an adapter script under exactly its permissions. */
export async function adapterTemplates(
  script: string,
  { look, order: orderExtra }: AdapterArgs,
): Promise<{ apply: string; observe: string; compensate: string }> {
  const order = ["--canary-weight", "{canary_traffic_weight}", "--fence", "{fence}"];
  const record = ["--action", "{action}", "--target-version", "{target_version}"];
  const program = async (...args: string[]): Promise<string> =>
    quoted(["deno", ...await scriptArgs(script, [...args, ...look])]);
  return {
    apply: await program("apply", ...order, ...record, ...orderExtra),
    observe: await program("observe"),
    compensate: await program("compensate", ...order, ...record, ...orderExtra),
  };
}

/** A policy whose stages need not be waited for, gated by the rollout guard alone. */
export const QUICK_POLICY = {
  version: 1,
  channels: { canary: { min_rollout_percent: 1, max_rollout_percent: 100 } },
  promotion: { min_canary_observe_s: 0 },
  stages: { canary: [5, 25, 50, 100], stable: [100], min_stage_observe_s: 0 },
  gates: {
    required_reports: [{
      id: "release_rollout_guard",
      pattern: ".data/out/release_rollout_guard_*.json",
      max_age_s: 600,
    }],
  },
  // A right split refused by chance would be a failing test: once in 100 000 counts, not in 1000.
  verification: { margin_ratio: 0.08, alpha: 0.000_01 },
};

/** A registry in which both channels serve one version. */
export function registryOf(version: string): Record<string, unknown> {
  return {
    version: 1,
    updated_at: 1_700_000_000,
    channels: {
      canary: { version, rollout_percent: 0, updated_at: 1_700_000_000 },
      stable: { version, rollout_percent: 100, updated_at: 1_700_000_000 },
    },
    history: [],
  };
}

/** A governed repository with a real proxy over two real backends. */
export class RolloutSite {
  private constructor(
    readonly repository: TempRepository,
    readonly canary: ReleaseBackend,
    readonly stable: ReleaseBackend,
    readonly proxy: Proxy,
  ) {}

  /** Starts everything; traffic is all on stable, and the registry says so. */
  static async start(
    controller: Controller,
    version: string,
    policy: Record<string, unknown> = QUICK_POLICY,
  ): Promise<RolloutSite> {
    const repository = await TempRepository.make({
      "security/release_channels.json": registryOf(version),
      "security/release_rollout_policy.json": policy,
      ".data/rollout/nginx_split.conf": nginxSplit({ canaryWeight: 0, fence: 0 }, {
        canary: "release_canary",
        stable: "release_stable",
        variable: "release_pool",
      }),
    }, { git: true });
    const canary = new ReleaseBackend(version);
    const stable = new ReleaseBackend(version);
    const ports = { canary: canary.port, stable: stable.port };
    const folder = repository.path(".data/rollout");
    const split = repository.path(".data/rollout/nginx_split.conf");
    const { proxy, args } = controller === "nginx"
      ? await nginxArgs(folder, split, ports)
      : await haproxyArgs(folder, ports);
    const script = `traffic_adapter_${controller}`;
    const { apply, observe, compensate } = await adapterTemplates(script, args);
    await repository.write("security/release_traffic_adapter_contract.json", {
      version: 1,
      adapters: [{
        id: controller,
        kind: controller,
        command_template: apply,
        observe_command_template: observe,
        compensate_command_template: compensate,
      }],
    });
    return new RolloutSite(repository, canary, stable, proxy);
  }

  /** Runs the guard, strictly; its report is evidence for the next stage. */
  async guard(): Promise<ScriptEnd> {
    return await runScript("release_rollout_guard", ["--json", "--strict"], {
      root: this.repository.root,
    });
  }

  /** Runs the executor with live responses counted. */
  async executor(...args: string[]): Promise<ScriptEnd> {
    const sample = ["--sample-url", this.proxy.url, "--traffic-apply-timeout-s", "20"];
    return await runScript("release_rollout_executor", ["--json", ...sample, ...args], {
      root: this.repository.root,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.canary[Symbol.asyncDispose]();
    await this.stable[Symbol.asyncDispose]();
    await this.repository[Symbol.asyncDispose]();
  }
}

async function nginxArgs(
  folder: string,
  split: string,
  ports: { canary: number; stable: number },
): Promise<{ proxy: Proxy; args: AdapterArgs }> {
  const { proxy, statusUrl, config } = await startNginx(folder, split, ports);
  return { proxy, args: { look: ["--status-url", statusUrl], order: ["--nginx-config", config] } };
}

async function haproxyArgs(
  folder: string,
  ports: { canary: number; stable: number },
): Promise<{ proxy: Proxy; args: AdapterArgs }> {
  const { proxy, socket } = await startHaproxy(folder, ports);
  const servers = ["--canary-server", "site/canary", "--stable-server", "site/stable"];
  return { proxy, args: { look: ["--socket", socket, ...servers], order: [] } };
}
