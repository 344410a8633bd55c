import { type DrillController, DrillProxy, isInstalled } from "../../lib/rollback/drill_proxy.ts";
import { adapterTemplates } from "./adapter_templates.ts";
import { ReleaseBackend } from "./release_backend.ts";
import { runScript, type ScriptEnd } from "./run_script.ts";
import { TempRepository } from "./temp_repository.ts";

/** Why a controller's tests cannot run here; undefined when they can. */
export async function missing(controller: DrillController): Promise<string | undefined> {
  return await isInstalled(controller) ? undefined : `${controller} is not installed`;
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
    readonly proxy: DrillProxy,
  ) {}

  /** Starts everything; traffic is all on stable, and the registry says so. */
  static async start(
    controller: DrillController,
    version: string,
    policy: Record<string, unknown> = QUICK_POLICY,
  ): Promise<RolloutSite> {
    const repository = await TempRepository.make({
      "security/release_channels.json": registryOf(version),
      "security/release_rollout_policy.json": policy,
    }, { git: true });
    const canary = new ReleaseBackend(version);
    const stable = new ReleaseBackend(version);
    const ports = { canary: canary.port, stable: stable.port };
    const proxy = await DrillProxy.start(controller, repository.root, ports);
    const templates = await adapterTemplates(`traffic_adapter_${controller}`, proxy.adapter);
    const { apply, observe, compensate } = templates;
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
