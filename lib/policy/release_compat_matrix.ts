import { z } from "zod";
import { RepoPath, SchemaKey } from "./schema_key.ts";

/** A yes or no, also as the words other tools write: "true", "no", "1". */
const Truth = z.union([z.boolean(), z.stringbool()]);

const SchemaVersion = z.string().regex(/^(0|[1-9]\d*)\.(0|[1-9]\d*)$/, {
  error: "expected <number>.<number>",
});

/** A JSON pointer (RFC 6901) in which a segment `*` stands for every member or item. */
const Place = z.string().regex(/^(\/[^/]*)+$/, { error: "expected a JSON pointer such as /a/b" });

const Operation = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.literal("default"),
    path: Place,
    value: z.unknown().describe("Set where the path leads nowhere"),
  }),
  z.strictObject({ op: z.literal("drop"), path: Place.describe("Taken away") }),
  z.strictObject({
    op: z.literal("rename"),
    path: Place,
    to: z.string().min(1).describe("New name of the key, beside the old one"),
  }),
  z.strictObject({
    op: z.literal("move"),
    from: Place.describe("Without *"),
    to: Place.describe("Without *; the object it lies in must be there"),
  }),
]);

const Migration = z.strictObject({
  from: SchemaVersion,
  to: SchemaVersion,
  up: z.array(Operation).describe("From `from` to `to`"),
  down: z.array(Operation).optional().describe("Back; without it there is no way back"),
});

/** What `{...}` in a reader command stands for. */
export const PLACEHOLDERS = ["fixture", "from_schema", "to_schema", "direction"] as const;

const CommandReader = z.strictObject({
  kind: z.literal("command").describe("A program of any language"),
  command: z.array(z.string().min(1)).min(1).refine(
    (argv) => argv.some((part) => part.includes("{fixture}")),
    { error: "must pass {fixture} to the program" },
  ).refine(
    (argv) =>
      argv.every((part) =>
        [...part.matchAll(/\{([a-z_]+)\}/g)].every(([, name]) =>
          (PLACEHOLDERS as readonly string[]).includes(name ?? "")
        )
      ),
    { error: `may name ${PLACEHOLDERS.map((name) => `{${name}}`).join(", ")} only` },
  ).describe("Program and arguments; run without a shell, prints what it read as JSON"),
  timeout_s: z.number().positive().max(600).default(30).describe("Longest run, seconds"),
});

const Reader = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("release_channels").describe(
      "The code of this toolkit that reads its channel registry",
    ),
  }),
  CommandReader,
  z.strictObject({
    kind: z.literal("migrations").describe("Declared transformations, one schema after the other"),
    steps: z.array(Migration),
  }),
  z.strictObject({
    kind: z.literal("defaults").describe("The fixture laid over a default document"),
    document: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({
    kind: z.literal("as_is").describe("The document as it stands; proves structure only"),
  }),
]);

const CompatCase = z.strictObject({
  id: z.string().min(1).optional().describe("Unique; case_<index> when absent"),
  direction: z.string().default("upgrade").describe("upgrade or rollback"),
  from_version: z.string().optional().describe("SemVer; app_version of the policy when absent"),
  to_version: z.string().optional().describe("SemVer; app_version of the policy when absent"),
  from_schema: z.string().optional().describe("Current schema of the policy when absent"),
  to_schema: z.string().optional().describe("Current schema of the policy when absent"),
  state_fixture: z.union([RepoPath, z.literal("")]).optional()
    .describe("State document; generated from the schema of from_schema when absent"),
  reader: Reader.optional().describe("Instead of the matrix's reader"),
  may_lose: z.array(Place).optional().describe("Keys that reading may drop"),
  expect_readable: Truth.default(true).describe("False for a case that must fail"),
  expected_failed_checks: z.array(z.string().min(1)).default([])
    .describe("Checks that a case that must fail has to fail"),
  match: z.enum(["subset", "exact"]).default("subset")
    .describe("Whether other checks may fail as well"),
  expected_failure_reason: z.literal("missing").optional()
    .describe("The fixture is absent on purpose; else an absent fixture proves nothing"),
  allow_forward_schema_source: Truth.default(false)
    .describe("The rollback starts from a schema newer than current"),
});

const Rules = z.strictObject({
  require_upgrade_case_for_current_schema: Truth.default(true),
  require_rollback_case_for_current_schema: Truth.default(true),
  require_n_minus_one_upgrade_case: Truth.default(false),
  require_n_plus_one_upgrade_case: Truth.default(false),
  require_n_plus_one_rollback_case: Truth.default(false),
  require_failure_mode_case: Truth.default(false),
  enforce_runtime_contract: Truth.default(true)
    .describe("Judge the runtime data files of the release policy too"),
});

/** `security/release_compat_matrix.json`: which state must be readable by which version. */
export const ReleaseCompatMatrix = z.strictObject({
  ...SchemaKey,
  version: z.literal(1).describe("Format of this file"),
  reader: Reader.default({ kind: "as_is" }).describe("What reads the fixtures"),
  schema_pointer: z.string().startsWith("/").default("/schema_version")
    .describe("JSON pointer to the schema version in a state document"),
  schemas: z.record(SchemaVersion, RepoPath).default({})
    .describe("JSON Schema (2020-12) of the state, by schema version"),
  cases: z.array(CompatCase),
  rules: Rules.prefault({}),
});
export type ReleaseCompatMatrix = z.output<typeof ReleaseCompatMatrix>;
/** One case of the matrix as it is written. */
export type CompatCase = ReleaseCompatMatrix["cases"][number];
/** What reads fixtures, as it is declared. */
export type ReaderDeclaration = ReleaseCompatMatrix["reader"];
/** One declared change of a document. */
export type Operation = z.output<typeof Operation>;
/** A declared way from one schema to the next. */
export type Migration = z.output<typeof Migration>;
