import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";
import { TimeWindow, TimeZone } from "./time_window.ts";

const Email = z.string().max(254).regex(/^[^\s@<>(),;:"\\[\]]+@[A-Za-z0-9.-]+$/, {
  error: "expected a bare e-mail address",
});

const Url = z.url().or(z.literal("")).describe("A secret: prefer a roster that names variables");

const PersonOne = z.strictObject({
  id: z.string().min(1),
  name: z.string().optional(),
  active: z.boolean().default(false),
  webhook_url: Url.default(""),
  slack_webhook_url: Url.default(""),
  feishu_webhook_url: Url.default(""),
  email: z.array(Email).default([]),
});

const RosterOne = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("One person, or the active one of several"),
  source: z.string().optional(),
  updated_at: z.string().or(z.number()).optional(),
  primary: PersonOne.optional().describe("On call, if there is a way to reach them"),
  rotations: z.array(PersonOne).default([])
    .describe("Otherwise the active one of these, or the first"),
});

const Variable = z.string().regex(/^ONCALL_[A-Z0-9_]+$/, {
  error: "expected a name that begins with ONCALL_",
});
const SecretFile = z.string().min(1);

const PersonTwo = z.strictObject({
  name: z.string().optional(),
  email: z.array(Email).default([]),
  webhook_env: Variable.optional().describe("Variable that holds the URL"),
  webhook_file: SecretFile.optional().describe("File that holds the URL"),
  slack_webhook_env: Variable.optional(),
  slack_webhook_file: SecretFile.optional(),
  feishu_webhook_env: Variable.optional(),
  feishu_webhook_file: SecretFile.optional(),
});

/** Asks Temporal, which counts by it later: `Date.parse` takes 30 February for 2 March. */
function isDateTime(text: string): boolean {
  try {
    Temporal.PlainDateTime.from(text);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const LocalTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/, {
  error: "expected a local time, such as 2026-03-02T09:00",
}).refine(isDateTime, { error: "is no date" });

const Layer = z.strictObject({
  id: z.string().min(1),
  timezone: TimeZone.optional().describe("Where it is not the roster's"),
  start: LocalTime.describe("First hand-off, in the layer's zone"),
  handoff: z.strictObject({
    every: z.int().min(1).max(366),
    unit: z.enum(["day", "week"]),
  }).describe("Time from one hand-off to the next, by the calendar"),
  order: z.array(z.string().min(1)).min(1).describe("Who follows whom"),
  windows: z.array(TimeWindow).min(1).optional().describe("When it holds; always when absent"),
});
export type RosterLayer = z.output<typeof Layer>;

const Moment = z.iso.datetime({ offset: true });

const Override = z.strictObject({
  person: z.string().min(1),
  from: Moment.describe("RFC 3339, with an offset; belongs to it"),
  to: Moment.describe("Does not belong to it"),
  reason: z.string().optional(),
});

const RosterTwo = z.strictObject({
  ...SchemaKey,
  schema_version: z.literal(2).describe("Layers with hand-offs, and overrides"),
  updated_at: Moment.optional(),
  max_age_days: z.number().positive().optional().describe("The roster is stale when older"),
  timezone: TimeZone.default("UTC"),
  people: z.record(z.string().min(1), PersonTwo),
  layers: z.array(Layer).default([]).describe("The last one that holds decides"),
  overrides: z.array(Override).default([]).describe("Above all layers; the last one decides"),
  fallback: z.string().min(1).optional().describe("Who is called when nothing else holds"),
}).superRefine(({ people, layers, overrides, fallback }, context) => {
  const known = (person: string, path: (string | number)[]): void => {
    if (Object.hasOwn(people, person)) return;
    context.addIssue({ code: "custom", path, message: "must be one of people" });
  };
  layers.forEach(({ order }, at) =>
    order.forEach((person, place) => known(person, ["layers", at, "order", place]))
  );
  overrides.forEach(({ person, from, to }, at) => {
    known(person, ["overrides", at, "person"]);
    if (Date.parse(to) > Date.parse(from)) return;
    context.addIssue({
      code: "custom",
      path: ["overrides", at, "to"],
      message: "must be after from",
    });
  });
  if (fallback !== undefined) known(fallback, ["fallback"]);
});
export type RosterTwo = z.output<typeof RosterTwo>;

/** `security/oncall_roster.json`: who is on call, when, and how they are reached. */
export const OncallRoster = z.union([RosterTwo, RosterOne]);
export type OncallRoster = z.output<typeof OncallRoster>;
