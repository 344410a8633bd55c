import { join } from "@std/path/join";
import { scriptPath, scriptPermissions, toolkitConfig } from "../preflight/permissions.ts";
import type { Check } from "../report/check.ts";
import { stamp } from "../report/artifact.ts";
import type { DeliveryRow } from "./deliver.ts";
import type { DrillIncidentReport } from "./drill_incident.ts";
import { type DrillAnswer, DrillReceiver } from "./drill_receiver.ts";

/** What all scenarios of a drill share. */
export interface Rehearsal {
  /** Absolute; scenarios get a folder of their own in it. */
  folder: string;
  report: DrillIncidentReport;
  /** Key the receiver checks signatures by. */
  key: string;
  /** Key the notifier signs with: the same, unless somebody wants to see the drill fail. */
  notifierKey: string;
  /** Stands in every webhook's URL, and may stand in no output. */
  token: string;
  withEmail: boolean;
  /** Limit of one try, seconds. */
  timeoutS: number;
  /** Port of the first receiver; 0 takes a free one. */
  port: number;
  nowS: number;
  /** Reads a variable of this process. */
  readEnv: (name: string) => string | undefined;
}

/** How the notifier ended. */
export interface NotifierEnd {
  code: number;
  report: Record<string, unknown> & { checks?: Check[]; channels?: DeliveryRow[] };
  stdout: string;
  stderr: string;
}

/** All that the notifier may know of this process' environment; no operator's setting is in it. */
const PASSED_ON = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR", "LANG"];

/** Longest run of the notifier, milliseconds. */
const CHILD_MS = 120_000;

/** Variable by which the drill's roster names its webhook. */
const ROSTER_VARIABLE = "ONCALL_DRILL_WEBHOOK";

/** Mailbox of whoever is on call in a drill. */
export const ONCALL_MAILBOX = "duty@drill.example.invalid";

const ROUTING = {
  version: 2,
  rules: [{ id: "everything", channels: ["webhook", "slack", "feishu", "email"] }],
};

const roster = (withEmail: boolean): unknown => ({
  schema_version: 2,
  people: { duty: { webhook_env: ROSTER_VARIABLE, email: withEmail ? [ONCALL_MAILBOX] : [] } },
  fallback: "duty",
});

/** Permissions of the notifier, with the network narrowed to this machine. */
async function narrowed(): Promise<string[]> {
  const permissions = await scriptPermissions("incident_notify");
  return permissions.map((flag) => flag.startsWith("--allow-net") ? "--allow-net=127.0.0.1" : flag);
}

/** How a scenario differs from the usual. */
export interface StageSetting {
  answers?: Record<string, DrillAnswer[]>;
  routing?: unknown;
  withEmail?: boolean;
  withoutRoster?: boolean;
  port?: number;
}

/** A governed root and a receiver of its own, on which the real notifier is run. */
export class DrillStage {
  private constructor(
    readonly root: string,
    readonly receiver: DrillReceiver,
    private readonly rehearsal: Rehearsal,
  ) {}

  /** @param name Of the scenario. */
  static async make(
    rehearsal: Rehearsal,
    name: string,
    { answers = {}, routing = ROUTING, withEmail = false, withoutRoster = false, port = 0 }:
      StageSetting = {},
  ): Promise<DrillStage> {
    const root = join(rehearsal.folder, name);
    const time = stamp(rehearsal.nowS);
    const files: Record<string, unknown> = {
      "deno.json": {},
      "security/incident_routing.json": routing,
      ...(withoutRoster ? {} : { "security/oncall_roster.json": roster(withEmail) }),
      [`.data/out/incident_report_${time}.json`]: { ...rehearsal.report, kind: "incident_report" },
    };
    for (const folder of ["security", ".data/out"]) {
      await Deno.mkdir(join(root, folder), { recursive: true });
    }
    for (const [path, content] of Object.entries(files)) {
      await Deno.writeTextFile(join(root, path), JSON.stringify(content, null, 2) + "\n");
    }
    return new DrillStage(root, new DrillReceiver(answers, port), rehearsal);
  }

  /** URL of a path, with the token that may not leak. */
  url(path: string): string {
    return this.receiver.url(`${path}?token=${this.rehearsal.token}`);
  }

  /** The variable through which whoever is on call is reached. */
  oncall(url: string = this.url("/oncall-webhook")): Record<string, string> {
    return { [ROSTER_VARIABLE]: url };
  }

  /** Runs the notifier on this root, with exactly the given settings and loopback alone. */
  async notify(env: Record<string, string>, ...args: string[]): Promise<NotifierEnd> {
    const { readEnv, notifierKey, timeoutS } = this.rehearsal;
    const passed = PASSED_ON.flatMap((name) => {
      const value = readEnv(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    const usual = ["--json", "--drill", "--timeout-s", String(timeoutS)];
    const { code, stdout, stderr } = await new Deno.Command("deno", {
      args: [
        ...["run", "--config", toolkitConfig(), ...await narrowed()],
        ...[scriptPath("incident_notify"), ...usual, "--retry-backoff-s", "0.05", ...args],
      ],
      cwd: this.root,
      clearEnv: true,
      env: {
        ...Object.fromEntries(passed),
        NO_COLOR: "1",
        WA_INCIDENT_SIGNING_KEY: notifierKey,
        ...env,
      },
      stdin: "null",
      signal: AbortSignal.timeout(CHILD_MS),
    }).output();
    const text = new TextDecoder().decode(stdout);
    return {
      code,
      report: text.startsWith("{") ? JSON.parse(text) : {},
      stdout: text,
      stderr: new TextDecoder().decode(stderr),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.receiver[Symbol.asyncDispose]();
  }
}
