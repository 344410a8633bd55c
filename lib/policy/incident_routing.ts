import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";
import { TimeWindow, TimeZone } from "./time_window.ts";

/** Ways to tell somebody, in the order they are listed everywhere. */
export const CHANNELS = ["webhook", "slack", "feishu", "email"] as const;
export const Channel = z.enum(CHANNELS);
export type Channel = z.output<typeof Channel>;

/** Severities with their rank: the higher, the graver. `low` and `warn` are equally grave. */
export const SEVERITY_RANK = { critical: 4, high: 3, medium: 2, low: 1, warn: 1, info: 0 } as const;
export const Severity = z.enum(["critical", "high", "medium", "low", "warn", "info"]);
export type Severity = z.output<typeof Severity>;

const RuleId = z.string().min(1).max(100).describe("Name of the rule in reports; unique");
const Owners = z.array(z.string().min(1)).min(1)
  .describe("Owners it is for, in any case; an incident without an owner is for none");

const RuleOne = z.strictObject({
  id: RuleId,
  enabled: z.boolean().default(true),
  min_severity: Severity.optional().describe("Least severity it is for"),
  owners: Owners.optional(),
  days_of_week: z.array(z.int().min(0).max(6)).min(1).optional()
    .describe("Days in UTC, Monday is 0; a window over midnight belongs to the day it starts on"),
  hours_utc: z.strictObject({
    start: z.int().min(0).max(23),
    end: z.int().min(0).max(23),
  }).optional().describe("Hours in UTC, both included"),
  channels: z.array(Channel),
});

const RoutingOne = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("Every rule that matches adds its channels"),
  description: z.string().optional(),
  default_channels: z.array(Channel).optional()
    .describe("Where an incident goes that no rule is for; every channel when absent"),
  rules: z.array(RuleOne).default([]),
});

const RuleTwo = z.strictObject({
  id: RuleId,
  enabled: z.boolean().default(true),
  min_severity: Severity.optional().describe("Least severity it is for"),
  owners: Owners.optional(),
  timezone: TimeZone.optional().describe("Zone of the windows, where it is not the policy's"),
  windows: z.array(TimeWindow).min(1).optional().describe("When it holds; always when absent"),
  channels: z.array(Channel).min(1).optional(),
  mute: z.literal(true).optional().describe("Tell nobody, such as in quiet hours"),
  continue: z.boolean().default(false).describe("Look at the rules below as well"),
}).refine(({ channels, mute }) => (channels === undefined) !== (mute === undefined), {
  path: ["channels"],
  error: "expected channels, or mute, and not both",
});

const Host = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, {
  error: "expected a host name in lower case",
});

const RoutingTwo = z.strictObject({
  ...SchemaKey,
  version: z.literal(2).describe("The first rule that matches decides, unless it says continue"),
  description: z.string().optional(),
  timezone: TimeZone.default("UTC").describe("Zone of the windows"),
  allowed_hosts: z.array(Host).min(1).optional()
    .describe("Hosts a webhook may be on; any when absent"),
  private_hosts: z.array(Host).default([])
    .describe("Hosts that may have an address of a private network"),
  allowed_ports: z.array(z.int().min(1).max(65_535)).min(1).default([443])
    .describe("Ports a webhook may be on"),
  rules: z.array(RuleTwo).min(1),
}).superRefine(({ rules }, context) => {
  const seen = new Set<string>();
  rules.forEach(({ id }, at) => {
    if (seen.has(id)) {
      context.addIssue({ code: "custom", path: ["rules", at, "id"], message: "must be unique" });
    }
    seen.add(id);
  });
  const last = rules.findLast(({ enabled }) => enabled);
  const conditions = [last?.min_severity, last?.owners, last?.windows];
  if (last === undefined || last.continue || conditions.some((one) => one !== undefined)) {
    const message = "the last rule must be for everything, without a condition";
    context.addIssue({ code: "custom", path: ["rules"], message });
  }
});

/** `security/incident_routing.json`: which incident goes through which channels, and when. */
export const IncidentRouting = z.discriminatedUnion("version", [RoutingOne, RoutingTwo]);
export type IncidentRouting = z.output<typeof IncidentRouting>;
