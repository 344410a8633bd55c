import { assertEquals } from "@std/assert";
import {
  judgeCodeVersions,
  judgePolicyVersions,
  readCodeVersions,
  sourceFromFlag,
} from "../../../lib/governance/versions.ts";
import { ReleasePolicy } from "../../../lib/policy/release_policy.ts";
import { failedIds } from "../../support/run_script.ts";
import { type Content, TempRepository } from "../../support/temp_repository.ts";

const FLAGS: [text: string, source: unknown][] = [
  ["deno.json", { kind: "deno", path: "deno.json" }],
  ["python_init:src/app/about.py", { kind: "python_init", path: "src/app/about.py" }],
  ["pkg/__init__.py", { kind: "python_init", path: "pkg/__init__.py" }],
  ["src/app/about.py", undefined],
  ["ruby:x.rb", undefined],
];

for (const [text, source] of FLAGS) {
  Deno.test(`sourceFromFlag() makes ${JSON.stringify(source)} of "${text}"`, () => {
    assertEquals(sourceFromFlag(text), source as never);
  });
}

const POLICY = {
  version: 2,
  app_version: "1.2.0",
  state_schema: {
    current: "5.2",
    backward_read_compatible: ["5.1", "5.2"],
    source: { path: "state.ts", pattern: 'SCHEMA = "(.+?)"' },
  },
};
const STATE = 'const SCHEMA = "5.2";\n';
const schema = (changes: object): object => ({
  ...POLICY,
  state_schema: { ...POLICY.state_schema, ...changes },
});

const CASES: [
  what: string,
  policy: unknown,
  files: Record<string, Content>,
  failed: string[],
][] = [
  ["all agree", POLICY, {}, []],
  ["a second source differs", POLICY, { "package.json": { version: "1.2.1" } }, [
    "version_sources_agree",
  ]],
  ["no source at all", POLICY, { "deno.json": {} }, [
    "version_sources_readable",
    "app_version_semver",
    "version_sources_agree",
    "release_policy_app_version_match",
  ]],
  ["a source that is broken", POLICY, { "package.json": "{" }, ["version_sources_readable"]],
  ["a version with v", POLICY, { "deno.json": { version: "v1.2.0" } }, [
    "app_version_semver",
    "release_policy_app_version_match",
  ]],
  [
    "a named source that is missing",
    {
      ...POLICY,
      version_sources: [{ kind: "deno", path: "deno.json" }, { kind: "jsr", path: "jsr.json" }],
    },
    {},
    ["version_sources_readable"],
  ],
  [
    "an optional source that is missing",
    {
      ...POLICY,
      version_sources: [
        { kind: "deno", path: "deno.json" },
        { kind: "jsr", path: "jsr.json", optional: true },
      ],
    },
    {},
    [],
  ],
  [
    "an optional source that is broken",
    {
      ...POLICY,
      version_sources: [
        { kind: "deno", path: "deno.json" },
        { kind: "jsr", path: "jsr.json", optional: true },
      ],
    },
    { "jsr.json": "{" },
    ["version_sources_readable"],
  ],
  ["the policy is behind", { ...POLICY, app_version: "1.1.0" }, {}, [
    "release_policy_app_version_match",
  ]],
  ["the schema in the code is another", POLICY, { "state.ts": 'SCHEMA = "5.3"' }, [
    "release_policy_schema_match",
    "release_policy_backward_compat_contains_current",
  ]],
  ["the schema in the code is no schema version", POLICY, { "state.ts": 'SCHEMA = "5"' }, [
    "state_schema_version_format",
    "release_policy_schema_match",
    "release_policy_backward_compat_contains_current",
  ]],
  ["the code states no schema", POLICY, { "state.ts": "" }, [
    "state_schema_version_format",
    "release_policy_schema_match",
    "release_policy_backward_compat_contains_current",
  ]],
  ["the pattern is none", schema({ source: { path: "state.ts", pattern: "(" } }), {}, [
    "state_schema_version_format",
    "release_policy_schema_match",
    "release_policy_backward_compat_contains_current",
  ]],
  [
    "the current schema is not among those that are read",
    schema({
      backward_read_compatible: ["5.1"],
    }),
    {},
    ["release_policy_backward_compat_contains_current"],
  ],
  ["no schema is declared", { version: 2, app_version: "1.2.0" }, {}, []],
];

for (const [what, content, files, failed] of CASES) {
  Deno.test(`versions fail [${failed}] where ${what}`, async () => {
    await using repository = await TempRepository.make({
      "deno.json": { version: "1.2.0" },
      "state.ts": STATE,
      ...files,
    });
    const policy = ReleasePolicy.parse(content);
    const versions = await readCodeVersions(repository.root, policy);
    const checks = [
      ...judgeCodeVersions(versions, policy),
      ...judgePolicyVersions(versions, policy, { file: "p.json", gate: "warn" }),
    ];
    assertEquals(failedIds({ checks }), failed);
    assertEquals(checks.filter(({ ok, hint }) => !ok && !hint), []);
  });
}
