import { join } from "@std/path/join";
import { scriptPath, scriptPermissions, toolkitConfig } from "../preflight/permissions.ts";
import type { DrillProxy } from "./drill_proxy.ts";

/** Versions of a drill; nothing of them is ever deployed. */
export const DRILL_VERSIONS = { stable: "1.0.0", canary: "1.1.0" } as const;

/** How a script of the toolkit ended. */
export interface ScriptResult {
  code: number;
  /** Its report; empty where it printed none. */
  report: Record<string, unknown>;
  stderr: string;
}

/** Variables children need to find programs and modules; no operator's setting reaches a drill. */
const PASSED_ON = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR", "LANG"];

async function scriptArgs(script: string, args: readonly string[]): Promise<string[]> {
  const permissions = await scriptPermissions(script);
  return ["run", "--config", toolkitConfig(), ...permissions, scriptPath(script), ...args];
}

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");

async function contract({ controller, adapter }: DrillProxy): Promise<unknown> {
  const script = `traffic_adapter_${controller}`;
  const order = ["--canary-weight", "{canary_traffic_weight}", "--fence", "{fence}"];
  const record = ["--action", "{action}", "--target-version", "{target_version}"];
  const template = async (...args: string[]): Promise<string> =>
    quoted(["deno", ...await scriptArgs(script, [...args, ...adapter.look])]);
  return {
    version: 1,
    adapters: [{
      id: controller,
      kind: controller,
      description: "The proxy of this drill",
      command_template: await template("apply", ...order, ...record, ...adapter.order),
      observe_command_template: await template("observe"),
      compensate_command_template: await template(
        "compensate",
        ...[...order, ...record, ...adapter.order],
      ),
    }],
  };
}

/** One canary stage, gated by the rollout guard as a real one is. */
function policy(canaryWeight: number): unknown {
  return {
    version: 1,
    channels: { canary: { min_rollout_percent: 1, max_rollout_percent: 100 } },
    promotion: { min_canary_observe_s: 0 },
    stages: { canary: [canaryWeight], stable: [100], min_stage_observe_s: 0 },
    gates: {
      required_reports: [{
        id: "release_rollout_guard",
        pattern: ".data/out/release_rollout_guard_*.json",
        max_age_s: 600,
      }],
    },
  };
}

function registry(nowS: number): unknown {
  const channel = { version: DRILL_VERSIONS.stable, updated_at: nowS };
  return {
    version: 1,
    updated_at: nowS,
    channels: {
      canary: { ...channel, rollout_percent: 0 },
      stable: { ...channel, rollout_percent: 100 },
    },
    history: [],
  };
}

/** A governed root of its own, in which the real executor moves the traffic of a drill's proxy. */
export class DrillSite {
  private constructor(
    readonly root: string,
    readonly proxy: DrillProxy,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /**
   * Writes registry, policies and contract of a drill.
   *
   * @param root Absolute; an existing folder.
   * @param readEnv Reads a variable of this process.
   */
  static async make(
    root: string,
    proxy: DrillProxy,
    { canaryWeight, nowS, readEnv }: {
      canaryWeight: number;
      nowS: number;
      readEnv: (name: string) => string | undefined;
    },
  ): Promise<DrillSite> {
    await Deno.mkdir(join(root, "security"), { recursive: true });
    const files: Record<string, unknown> = {
      "deno.json": {},
      "security/release_channels.json": registry(nowS),
      "security/release_rollout_policy.json": policy(canaryWeight),
      "security/release_traffic_adapter_contract.json": await contract(proxy),
    };
    for (const [path, content] of Object.entries(files)) {
      await Deno.writeTextFile(join(root, path), JSON.stringify(content, null, 2) + "\n");
    }
    const env = PASSED_ON.flatMap((name) => {
      const value = readEnv(name);
      return value === undefined ? [] : [[name, value]];
    });
    return new DrillSite(root, proxy, Object.fromEntries(env));
  }

  /** Runs a script of the toolkit on this root, with its own permissions and a bare environment. */
  async script(name: string, ...args: string[]): Promise<ScriptResult> {
    const { code, stdout, stderr } = await new Deno.Command("deno", {
      args: await scriptArgs(name, ["--json", ...args]),
      cwd: this.root,
      clearEnv: true,
      env: { ...this.env, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    return {
      code,
      report: text.startsWith("{") ? JSON.parse(text) : {},
      stderr: new TextDecoder().decode(stderr).slice(-2000),
    };
  }

  /** Runs the executor on the drill's proxy. */
  async executor(...args: string[]): Promise<ScriptResult> {
    return await this.script("release_rollout_executor", ...args, ...[
      ...["--traffic-adapter", this.proxy.controller, "--traffic-apply-required"],
      ...["--traffic-apply-timeout-s", "60"],
    ]);
  }
}
