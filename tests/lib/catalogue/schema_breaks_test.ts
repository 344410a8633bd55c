import { assertEquals } from "@std/assert";
import type { JsonSchema } from "../../../lib/catalogue/json_schema.ts";
import { schemaBreaks } from "../../../lib/catalogue/schema_breaks.ts";

const BEFORE: JsonSchema = {
  type: "object",
  properties: {
    ok: { type: "boolean" },
    level: { enum: ["p1", "p2"] },
    rate: { type: "number" },
    rows: { type: "array", items: { type: "object", required: ["id"], properties: {} } },
    free: {},
  },
  required: ["ok"],
  then: { required: ["rate"] },
};

const with_ = (properties: JsonSchema["properties"], rest: JsonSchema = {}): JsonSchema => ({
  ...BEFORE,
  ...rest,
  properties: { ...BEFORE.properties, ...properties },
});

const CASES: [what: string, now: JsonSchema, breaks: string[]][] = [
  ["nothing changed", BEFORE, []],
  ["a field was added", with_({ more: { type: "string" } }, { required: ["ok", "more"] }), []],
  ["a conditional field is always required", with_({}, { required: ["ok", "rate"], then: {} }), []],
  ["a required field is optional", with_({}, { required: [] }), ["/ok is no longer required"]],
  ["a conditional field is gone", with_({}, { then: {} }), ["/rate is no longer required"]],
  ["a type was widened", with_({ ok: { type: ["boolean", "null"] } }), []],
  ["a number became an integer", with_({ rate: { type: "integer" } }), [
    "/rate was number or integer",
  ]],
  ["a free field got a type", with_({ free: { type: "string" } }), ["/free was anything"]],
  ["a value was dropped", with_({ level: { enum: ["p1"] } }), ['/level no longer allows "p2"']],
  ["a field of a row is optional", with_({ rows: { type: "array", items: { type: "object" } } }), [
    "/rows/*/id is no longer required",
  ]],
];

for (const [what, now, breaks] of CASES) {
  Deno.test(`schemaBreaks() finds [${breaks}] when ${what}`, () => {
    assertEquals(schemaBreaks(BEFORE, now), breaks);
  });
}
