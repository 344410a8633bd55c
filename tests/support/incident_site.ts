import type { DeliveryRow } from "../../lib/incident/deliver.ts";
import { type DrillAnswer, DrillReceiver } from "../../lib/incident/drill_receiver.ts";
import { runScript, type ScriptEnd } from "./run_script.ts";
import { type Content, TempRepository } from "./temp_repository.ts";

/** Text that stands in every secret of a test and may stand in no output. */
export const SECRET = "s3cret-5f0c9be1d2a84c6e";

/** An incident report, newer than every other by its name and time. */
export function incidentReport(changes: Record<string, unknown> = {}): Content {
  return {
    kind: "incident_report",
    ok: true,
    ended_at: Math.floor(Date.now() / 1000),
    incident: {
      incident_id: "INC-7",
      title: "SLO broken",
      severity: "critical",
      escalation_level: "p1",
      status: "open",
      owner: "oncall",
      scope: "checkout",
      correlation_id: "chg-7",
      release_candidate_id: "rc-7",
      drill: true,
      ...changes,
    },
  };
}

/** Path of the incident report of a site. */
export const REPORT = ".data/out/incident_report_20260101T000000Z.json";

/** Routing that tells everybody of everything. */
export const EVERYBODY = {
  version: 2,
  rules: [{ id: "all", channels: ["webhook", "slack", "feishu", "email"] }],
};

/** Somebody who is always on call. */
export const DUTY = {
  schema_version: 2,
  people: { duty: { webhook_env: "ONCALL_TEST_WEBHOOK" } },
  fallback: "duty",
};

/** How a run of the notifier ended. */
export type NotifyEnd = ScriptEnd & {
  report: { channels: DeliveryRow[]; dead_letters: string[]; reason: string };
};

/** A governed repository with an incident, and a receiver for what is told. */
export class IncidentSite {
  private constructor(readonly repository: TempRepository, readonly receiver: DrillReceiver) {}

  static async make(
    { files = {}, answers = {} }: {
      files?: Record<string, Content>;
      answers?: Record<string, DrillAnswer[]>;
    } = {},
  ): Promise<IncidentSite> {
    const repository = await TempRepository.make({
      "deno.json": {},
      "security/incident_routing.json": EVERYBODY,
      "security/oncall_roster.json": DUTY,
      [REPORT]: incidentReport(),
      ...files,
    });
    return new IncidentSite(repository, new DrillReceiver(answers));
  }

  /** URL of a path, with a secret in it. */
  url(path: string): string {
    return this.receiver.url(`${path}?token=${SECRET}`);
  }

  /** Whoever is on call is reached at the receiver; deliveries are signed. */
  env(more: Record<string, string> = {}): Record<string, string> {
    return {
      ONCALL_TEST_WEBHOOK: this.url("/oncall"),
      WA_INCIDENT_SIGNING_KEY: `${SECRET}-key`,
      ...more,
    };
  }

  async notify(args: string[] = [], env: Record<string, string> = this.env()): Promise<NotifyEnd> {
    const usual = ["--json", "--drill", "--retry-backoff-s", "0.02"];
    const { root } = this.repository;
    return await runScript("incident_notify", [...usual, ...args], { root, env }) as NotifyEnd;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.receiver[Symbol.asyncDispose]();
    await this.repository[Symbol.asyncDispose]();
  }
}
