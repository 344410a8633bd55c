import { assert, assertEquals } from "@std/assert";
import type { z } from "zod";
import { formatVerifierKey, noteVerifier } from "../../../lib/audit/note.ts";
import { POLICIES } from "../../../lib/policy/catalogue.ts";
import { DependencyBaseline } from "../../../lib/policy/dependency_baseline.ts";
import { EvidenceTrustPolicy } from "../../../lib/policy/evidence_trust_policy.ts";
import { PreflightWaivers } from "../../../lib/policy/preflight_waivers.ts";
import { ReleasePolicy } from "../../../lib/policy/release_policy.ts";
import { pointerOf } from "../../../lib/text/json_pointer.ts";
import { trustPolicy } from "../../support/trust.ts";

/** Pointers of what a schema refuses in a value; none when it takes it. */
function refused(schema: z.ZodType, value: unknown): string[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues.map((issue) =>
    issue.code === "unrecognized_keys"
      ? pointerOf([...issue.path, ...issue.keys])
      : pointerOf(issue.path)
  );
}

const RELEASE = {
  version: 2,
  app_version: "3.4.0",
  version_sources: [{ kind: "deno", path: "deno.json" }],
  state_schema: {
    current: "5.2",
    history: ["5.0", "5.1", "5.2"],
    planned_next: "5.3",
    backward_read_compatible: ["5.1", "5.2"],
    source: { path: "src/state/schema.ts", pattern: 'STATE_SCHEMA = "(.+?)"' },
    required_fields: ["schema_version"],
    preserve_on_rollback: ["id"],
  },
  runtime_data: { files: [{ path: ".data/x.json", kind: "json_object", required: true }] },
  manifest: { required: ["deno.json"], optional: ["docs/*.md"] },
};
const state = (changes: object): object => ({
  ...RELEASE,
  state_schema: { ...RELEASE.state_schema, ...changes },
});
const runtime = (changes: object): object => ({
  ...RELEASE,
  runtime_data: { files: [{ path: "x.json", kind: "json_array", ...changes }] },
});
const sourced = (path: string): object => ({
  ...RELEASE,
  version_sources: [{ kind: "deno", path }],
});

const RELEASE_CASES: [what: string, value: unknown, refused: string[]][] = [
  ["the full form", RELEASE, []],
  ["the least form", { version: 1, app_version: "1.2.3-rc.1+b5" }, []],
  ["an empty object", {}, ["/version", "/app_version"]],
  ["version 3", { ...RELEASE, version: 3 }, ["/version"]],
  ["a version with v", { ...RELEASE, app_version: "v1.2.3" }, ["/app_version"]],
  ["a schema version of three parts", state({ current: "2.1.0" }), ["/state_schema/current"]],
  ["an empty compatibility list", state({ backward_read_compatible: [] }), [
    "/state_schema/backward_read_compatible",
  ]],
  ["pattern and pointer at once", state({ source: { path: "x", pattern: "(.)", pointer: "/x" } }), [
    "/state_schema/source",
  ]],
  ["neither pattern nor pointer", state({ source: { path: "x" } }), ["/state_schema/source"]],
  ["a pointer without slash", state({ source: { path: "x", pointer: "x" } }), [
    "/state_schema/source/pointer",
  ]],
  ["an unknown runtime kind", runtime({ kind: "yaml" }), ["/runtime_data/files/0/kind"]],
  ["a size limit of 0", runtime({ max_bytes: 0 }), ["/runtime_data/files/0/max_bytes"]],
  ["a mistyped key", { ...RELEASE, runtime: {} }, ["/runtime"]],
  ...["/etc/passwd", "../x.json", "a/../../x", "C:\\x.json", "..\\x", ""].map((
    path,
  ): [string, unknown, string[]] => [
    `the path "${path}"`,
    sourced(path),
    ["/version_sources/0/path"],
  ]),
  ["a path with dots in its name", sourced("a..b/..c.json"), []],
];

for (const [what, value, expected] of RELEASE_CASES) {
  Deno.test(`ReleasePolicy ${expected.length === 0 ? "takes" : "refuses"} ${what}`, () => {
    assertEquals(refused(ReleasePolicy, value), expected);
  });
}

const counters = (changes: object): object => ({
  version: 1,
  generated_at: 1_767_225_600,
  levels: { npm_prod: { low: 1, high: 2, total: 3, ...changes } },
});

const BASELINE_CASES: [what: string, value: unknown, refused: string[]][] = [
  ["counters that add up, missing ones as 0", counters({}), []],
  ["all counters of no finding left out", counters({ low: 0, high: 0, total: 0 }), []],
  ["a total that is not the sum", counters({ total: 4 }), ["/levels/npm_prod/total"]],
  ["a negative counter", counters({ low: -1, total: 1 }), ["/levels/npm_prod/low"]],
  ["a number as text", counters({ high: "2" }), ["/levels/npm_prod/high"]],
  ["half a finding", counters({ low: 1.5 }), ["/levels/npm_prod/low"]],
  ["an unknown level", counters({ severe: 0 }), ["/levels/npm_prod/severe"]],
  ["no ecosystem", { ...counters({}), levels: {} }, ["/levels"]],
  ["an ecosystem in capitals", { ...counters({}), levels: { NPM: {} } }, ["/levels/NPM"]],
  ["version 0", { ...counters({}), version: 0 }, ["/version"]],
];

for (const [what, value, expected] of BASELINE_CASES) {
  Deno.test(`DependencyBaseline ${expected.length === 0 ? "takes" : "refuses"} ${what}`, () => {
    assertEquals(refused(DependencyBaseline, value), expected);
  });
}

const waiver = (changes: object): object => ({
  version: 1,
  waivers: [{
    step: "x",
    owner: "ops",
    reason: "the probe host is being moved",
    expires: "2026-12-01T00:00:00Z",
    ...changes,
  }],
});

const WAIVER_CASES: [what: string, value: unknown, refused: string[]][] = [
  ["one that names owner, reason and expiry", waiver({}), []],
  ["a time with an offset", waiver({ expires: "2026-12-01T00:00:00+02:00" }), []],
  ["none at all", { version: 1, waivers: [] }, []],
  ["a reason of nine characters", waiver({ reason: "nine char" }), ["/waivers/0/reason"]],
  ["a day without a time", waiver({ expires: "2026-12-01" }), ["/waivers/0/expires"]],
  ["a day that does not exist", waiver({ expires: "2026-02-30T00:00:00Z" }), [
    "/waivers/0/expires",
  ]],
  ["no owner", waiver({ owner: undefined }), ["/waivers/0/owner"]],
  ["an empty step", waiver({ step: "" }), ["/waivers/0/step"]],
];

for (const [what, value, expected] of WAIVER_CASES) {
  Deno.test(`PreflightWaivers ${expected.length === 0 ? "takes" : "refuses"} ${what}`, () => {
    assertEquals(refused(PreflightWaivers, value), expected);
  });
}

const TRUSTED = formatVerifierKey(noteVerifier("ops", new Uint8Array(32)));
const WITNESS = formatVerifierKey(noteVerifier("ops", new Uint8Array(32), "cosignature"));
const trust = (key: object): object => trustPolicy("ops", [TRUSTED], { key });

const TRUST_CASES: [what: string, value: unknown, refused: string[]][] = [
  ["a key for checkpoints and manifests", trust({ purposes: ["checkpoint", "manifest"] }), []],
  ["a witness's key", trust({ verifier_key: WITNESS, purposes: ["witness"] }), []],
  ["a key under another key's id", trust({ verifier_key: TRUSTED.replace("ops", "opt") }), [
    "/keys/0/verifier_key",
  ]],
  ["a key that is too short", trust({ verifier_key: TRUSTED.slice(0, -4) }), [
    "/keys/0/verifier_key",
  ]],
  ["a witness's key for checkpoints", trust({ verifier_key: WITNESS }), ["/keys/0/verifier_key"]],
  ["a log's key for witnesses", trust({ purposes: ["witness"] }), ["/keys/0/verifier_key"]],
  ["an end before the beginning", trust({ valid_until: "2026-01-01T00:00:00Z" }), [
    "/keys/0/valid_until",
  ]],
  ["no purpose", trust({ purposes: [] }), ["/keys/0/purposes"]],
];

for (const [what, value, expected] of TRUST_CASES) {
  Deno.test(`EvidenceTrustPolicy ${expected.length === 0 ? "takes" : "refuses"} ${what}`, () => {
    assertEquals(refused(EvidenceTrustPolicy, value), expected);
  });
}

/** A policy of several versions knows its keys once it knows its version. */
const VERSIONS = [{}, { version: 1 }, { version: 2 }, { schema_version: 2 }];

Deno.test("every policy of the catalogue refuses {} and an unknown key", async () => {
  assert(POLICIES.length > 0);
  for (const { name, schema } of POLICIES) {
    const policy = await schema();
    assert(refused(policy, {}).length > 0, `${name} takes {}`);
    const unknown = VERSIONS.flatMap((version) => {
      const issues = policy.safeParse({ ...version, no_such_key: 1 }).error?.issues ?? [];
      const all = issues.flatMap((issue) =>
        issue.code === "invalid_union" ? issue.errors.flat() : [issue]
      );
      return all.flatMap((issue) => issue.code === "unrecognized_keys" ? issue.keys : []);
    });
    assert(unknown.includes("no_such_key"), name);
  }
});
