import { fromFileUrl } from "@std/path/from-file-url";
import type { Intent } from "../../lib/rollout/intent.ts";
import { runScript, type ScriptEnd, type ScriptPlace, spawnScript } from "./run_script.ts";
import { TempRepository } from "./temp_repository.ts";

const PROGRAM = fromFileUrl(new URL("./file_traffic.ts", import.meta.url));

/** A registry with a canary in flight since long ago. */
export function canaryInFlight(percent: number): Record<string, unknown> {
  const ts = 1_700_000_000;
  return {
    version: 1,
    updated_at: ts,
    revision: 7,
    region: { kept: true },
    channels: {
      canary: { version: "1.1.0", rollout_percent: percent, updated_at: ts, note: "kept" },
      stable: { version: "1.0.0", rollout_percent: 100, updated_at: ts },
      beta: { version: "1.2.0-beta.1", rollout_percent: 100, updated_at: ts },
    },
    history: [{
      ts,
      action: "set",
      channel: "canary",
      from_version: "1.0.0",
      to_version: "1.1.0",
      reason: "start",
      actor: "release-bot",
    }],
  };
}

/** What the registry file holds, as far as tests look at it. */
export interface RegistryFile {
  revision: number;
  updated_at: number;
  region?: unknown;
  channels: Record<string, { version: string; rollout_percent: number; note?: string }>;
  history: { ts: number; action: string; to_version: string; intent_id?: string; actor: string }[];
}

/** A governed repository whose traffic is a file. */
export class FileSite {
  private constructor(readonly repository: TempRepository) {}

  /** Starts with a canary at 5 percent; traffic agrees. */
  static async start(
    { observeS = 0, templates = true }: { observeS?: number; templates?: boolean } = {},
  ): Promise<FileSite> {
    const repository = await TempRepository.make({
      "security/release_channels.json": canaryInFlight(5),
      "security/release_rollout_policy.json": {
        version: 1,
        channels: { canary: { max_rollout_percent: 100 } },
        promotion: { min_canary_observe_s: 0 },
        stages: { canary: [5, 25, 50, 100], stable: [100], min_stage_observe_s: observeS },
        gates: {
          required_reports: [{
            id: "any_guard",
            pattern: ".data/out/any_guard_*.json",
            max_age_s: 86_400,
          }],
        },
      },
      ".data/traffic.json": { canary_weight: 5, fence: 0 },
    }, { git: true });
    await repository.write(".data/out/any_guard_20260101T000000Z.json", {
      kind: "any_guard",
      ok: true,
      clean: true,
      ended_at: Date.now() / 1000 - 60,
      git: { commit: await repository.git("rev-parse", "HEAD") },
    });
    const file = repository.path(".data/traffic.json");
    const program = `deno run --no-prompt --no-config --no-lock --allow-read='${
      repository.path(".data")
    }' --allow-write='${repository.path(".data")}' '${PROGRAM}'`;
    const set =
      `${program} set '${file}' {canary_traffic_weight} {fence} {action} {target_version}`;
    await repository.write("security/release_traffic_adapter_contract.json", {
      version: 1,
      adapters: templates
        ? [{
          id: "file",
          command_template: set,
          observe_command_template: `${program} get '${file}'`,
          compensate_command_template: set,
        }]
        : [],
    });
    return new FileSite(repository);
  }

  /** Makes the program behave as `name` says, until `release`. */
  async set(name: string, content = ""): Promise<void> {
    await this.repository.write(`.data/traffic.json.${name}`, content);
  }

  async release(name: string): Promise<void> {
    await Deno.remove(this.repository.path(`.data/traffic.json.${name}`));
  }

  /** Waits until the program holds, which only `release` ends. */
  async holding(): Promise<void> {
    for (let tried = 0; tried < 2000; tried++) {
      if ((await this.repository.list(".data")).includes("traffic.json.holding")) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("the traffic command was not started within 20 s");
  }

  readonly #args = ["--json", "--target-version", "1.1.0", "--traffic-adapter", "file"];

  async executor(...args: string[]): Promise<ScriptEnd> {
    const settle = args.includes("--traffic-settle-s") ? [] : ["--traffic-settle-s", "0.5"];
    return await runScript("release_rollout_executor", [...this.#args, ...settle, ...args], {
      root: this.repository.root,
    });
  }

  async spawn(...args: string[]): Promise<Deno.ChildProcess> {
    return await this.spawnWith({}, ...args);
  }

  /** Starts the executor with something around it. */
  async spawnWith(place: Omit<ScriptPlace, "root">, ...args: string[]): Promise<Deno.ChildProcess> {
    return await spawnScript("release_rollout_executor", [...this.#args, ...args], {
      ...place,
      root: this.repository.root,
    });
  }

  async registry(): Promise<RegistryFile> {
    return await this.repository.json("security/release_channels.json");
  }

  /** Lets time pass for the registry: everything in it happened so many seconds earlier. */
  async wait(seconds: number): Promise<void> {
    const path = "security/release_channels.json";
    const store = await this.registry();
    const earlier = <T>(
      row: T & { ts?: number; updated_at?: number },
      key: "ts" | "updated_at",
    ) => ({
      ...row,
      [key]: (row[key] ?? 0) - seconds,
    });
    const channels = Object.entries(store.channels)
      .map(([name, channel]) => [name, earlier(channel, "updated_at")]);
    await this.repository.write(path, {
      ...earlier(store, "updated_at"),
      channels: Object.fromEntries(channels),
      history: store.history.map((row) => earlier(row, "ts")),
    });
  }

  /** Percent the controller sends to the canary. */
  async weight(): Promise<number> {
    return (await this.repository.json<{ canary_weight: number }>(".data/traffic.json"))
      .canary_weight;
  }

  /** Every journalled intent, oldest first. */
  async intents(): Promise<Pick<Intent, "state" | "recorded" | "intent_id" | "transitions">[]> {
    const names = await this.repository.list(".data/rollout/intents");
    const json = names.filter((name) => name.endsWith(".json"));
    return await Promise.all(
      json.map((name) => this.repository.json<Intent>(`.data/rollout/intents/${name}`)),
    );
  }

  /** Actions in the audit log about intents, oldest first. */
  async audited(): Promise<{ action: string; status: string; intent: string }[]> {
    const lines = (await this.repository.read(".data/audit/operations_audit_chain.ndjson"))
      .trim().split("\n").map((line) => JSON.parse(line));
    return lines.filter(({ context }) => context.intent_id !== undefined)
      .map(({ action, status, context }) => ({ action, status, intent: context.intent_id }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.repository[Symbol.asyncDispose]();
  }
}
