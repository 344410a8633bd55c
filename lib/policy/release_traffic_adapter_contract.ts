import { z } from "zod";
import { SchemaKey } from "./schema_key.ts";
import { SUPPORTED_PLACEHOLDERS } from "./traffic_placeholders.ts";

const Names = z.array(z.string().min(1));

const Placeholders = z.strictObject({
  allowed: Names.default([...SUPPORTED_PLACEHOLDERS]).describe("Names a template may use"),
  required: Names.default(["action", "target_version"])
    .describe("Names every template must use"),
  recommended: Names.default([]).describe("Names a template should use"),
});

const Rules = z.strictObject({
  require_examples: z.boolean().default(true).describe("Whether at least one adapter is needed"),
  allow_shell: z.boolean().default(false)
    .describe("Let a command be a shell; a value could then become code"),
  allowed_executables: Names.optional()
    .describe("Base names of programs a command may start; absent: any that is not a shell"),
  environment: Names.default([])
    .describe("Variables handed to commands besides PATH, HOME and the like; WA_TRAFFIC_* names"),
});

/** One way to move traffic. */
const Adapter = z.strictObject({
  id: z.string().default("").describe("Name for --traffic-adapter"),
  kind: z.string().default("").describe("What is controlled, such as nginx or haproxy"),
  description: z.string().default("").describe("For people"),
  command_template: z.string().default("").describe("Moves traffic; exit 0 means applied"),
  observe_command_template: z.string().min(1).optional()
    .describe("Prints what is in force, as JSON on the last line"),
  compensate_command_template: z.string().min(1).optional()
    .describe("Moves traffic back to where the registry says"),
  required_placeholders: Names.default([]).describe("Names this template must use as well"),
});

/** Shape of `security/release_traffic_adapter_contract.json`. */
export const ReleaseTrafficAdapterContract = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("Format of this file"),
  placeholders: Placeholders.prefault({}).describe("What commands may be told"),
  rules: Rules.prefault({}).describe("What commands may be"),
  adapters: z.array(Adapter).default([]).describe("Known ways to move traffic"),
});

/** What traffic commands may be and may be told. */
export type ReleaseTrafficAdapterContract = z.output<typeof ReleaseTrafficAdapterContract>;
/** One way to move traffic. */
export type AdapterRow = z.output<typeof Adapter>;
