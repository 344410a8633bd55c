import type { ReleasePolicy } from "../policy/release_policy.ts";
import { isSchemaVersion, isSemver } from "../project/semver.ts";
import { readStateSchema } from "../project/state_schema.ts";
import {
  discoverSources,
  kindByName,
  readVersion,
  type SourceAnswer,
  type VersionSource,
} from "../project/version_source.ts";
import { type Check, type Location, type Mode, notApplicable } from "../report/check.ts";

/** A version source with what it says. */
export interface StatedVersion {
  source: VersionSource;
  answer: SourceAnswer;
}

/** The versions that the governed code states about itself. */
export interface CodeVersions {
  stated: StatedVersion[];
  /** What the first source that answers says; empty when none does. */
  appVersion: string;
  /** Undefined where the policy declares no source of the schema version. */
  stateSchema: SourceAnswer | undefined;
}

/** A `kind:path` or plain path from the command line as a source; undefined when unrecognised. */
export function sourceFromFlag(text: string): VersionSource | undefined {
  const match = /^(deno|jsr|package_json|pyproject|cargo|python_init|version_file):(.+)$/.exec(
    text,
  );
  if (match !== null) return { kind: match[1] as VersionSource["kind"], path: match[2]! };
  const kind = kindByName(text);
  return kind === undefined ? undefined : { kind, path: text };
}

/** Reads every version source and the state schema source. */
export async function readCodeVersions(
  root: string,
  policy: ReleasePolicy | undefined,
  given: VersionSource[] = [],
): Promise<CodeVersions> {
  const sources = given.length > 0 ? given : policy?.version_sources ?? await discoverSources(root);
  const stated: StatedVersion[] = [];
  for (const source of sources) stated.push({ source, answer: await readVersion(root, source) });
  const first = stated.find(({ answer }) => answer.state === "ok")?.answer;
  const schemaSource = policy?.state_schema?.source;
  return {
    stated,
    appVersion: first?.state === "ok" ? first.version : "",
    stateSchema: schemaSource === undefined ? undefined : await readStateSchema(root, schemaSource),
  };
}

const words = (answer: SourceAnswer): string =>
  answer.state === "ok" ? answer.version : answer.message;

function sourceLocation({ source, answer }: StatedVersion): Location {
  return { file: source.path, ...(answer.state === "ok" ? { line: answer.line } : {}) };
}

function appVersionChecks({ stated, appVersion }: CodeVersions): Check[] {
  const broken = stated.find(({ source, answer }) =>
    answer.state !== "ok" && !(answer.state === "missing" && source.optional === true)
  );
  const said = stated.filter(({ answer }) => answer.state === "ok");
  const distinct = new Set(said.map(({ answer }) => words(answer)));
  const values = Object.fromEntries(
    stated.map(({ source, answer }) => [source.path, words(answer)]),
  );
  const odd = said.find(({ answer }) => words(answer) !== appVersion) ?? said[0];
  return [
    {
      id: "version_sources_readable",
      ok: said.length > 0 && broken === undefined,
      mode: "enforce",
      value: broken === undefined ? { examined: stated.length } : words(broken.answer),
      expect: "at least one file that states a version, and every named one readable",
      hint: broken === undefined
        ? "state the version in deno.json, package.json, pyproject.toml, Cargo.toml, __init__.py or VERSION, or name the file under version_sources in the release policy"
        : `mend ${broken.source.path}, or mark it optional in the release policy`,
      ...(broken === undefined ? {} : { location: sourceLocation(broken) }),
    },
    {
      id: "app_version_semver",
      ok: isSemver(appVersion),
      mode: "enforce",
      value: appVersion,
      expect: "a version by SemVer 2.0.0",
      hint:
        "write it as MAJOR.MINOR.PATCH, with -prerelease or +build at most, without a leading v",
      ...(said[0] === undefined ? {} : { location: sourceLocation(said[0]) }),
    },
    {
      id: "version_sources_agree",
      ok: distinct.size === 1,
      mode: "enforce",
      value: values,
      expect: "the same version in every source",
      hint: `set the version to ${appVersion || "the one under release"} in every source`,
      ...(odd === undefined ? {} : { location: sourceLocation(odd) }),
    },
  ];
}

function schemaFormatCheck(versions: CodeVersions, policy: ReleasePolicy | undefined): Check {
  const expect = "<number>.<number>";
  const { stateSchema } = versions;
  if (policy?.state_schema === undefined) {
    const reason = policy === undefined
      ? "there is no release policy that could declare a state schema"
      : "the release policy declares no state schema";
    return notApplicable("state_schema_version_format", expect, reason);
  }
  const stated = stateSchema === undefined ? policy.state_schema.current : words(stateSchema);
  const file = policy.state_schema.source?.path;
  return {
    id: "state_schema_version_format",
    ok: isSchemaVersion(stated),
    mode: "enforce",
    value: stated,
    expect,
    hint:
      "state the schema version in the code, and where it stands in state_schema.source of the policy",
    ...(file === undefined ? {} : { location: { file } }),
  };
}

/** Judges whether the code states one well-formed version and schema version. */
export function judgeCodeVersions(
  versions: CodeVersions,
  policy: ReleasePolicy | undefined,
): Check[] {
  return [...appVersionChecks(versions), schemaFormatCheck(versions, policy)];
}

/** Judges whether the release policy speaks of the versions that the code has. */
export function judgePolicyVersions(
  versions: CodeVersions,
  policy: ReleasePolicy,
  { file, gate }: { file: string; gate: Mode },
): Check[] {
  const location = { file };
  const { appVersion } = versions;
  const checks: Check[] = [{
    id: "release_policy_app_version_match",
    ok: appVersion !== "" && policy.app_version === appVersion,
    mode: gate,
    value: { policy: policy.app_version, code: appVersion },
    expect: "the same version in policy and code",
    hint: `set app_version to "${appVersion}" in ${file}, in the same change as the code's version`,
    location,
  }];
  const schema = policy.state_schema;
  if (schema === undefined) {
    const reason = "the release policy declares no state schema";
    return [
      ...checks,
      notApplicable(
        "release_policy_schema_match",
        "the same schema version in policy and code",
        reason,
      ),
      notApplicable(
        "release_policy_backward_compat_contains_current",
        "current among them",
        reason,
      ),
    ];
  }
  const code = versions.stateSchema === undefined ? schema.current : words(versions.stateSchema);
  return [
    ...checks,
    versions.stateSchema === undefined
      ? notApplicable(
        "release_policy_schema_match",
        "the same schema version in policy and code",
        "the policy names no source in the code",
      )
      : {
        id: "release_policy_schema_match",
        ok: schema.current === code,
        mode: gate,
        value: { policy: schema.current, code },
        expect: "the same schema version in policy and code",
        hint:
          `set state_schema.current to "${code}" in ${file}, and extend history and backward_read_compatible`,
        location,
      },
    {
      id: "release_policy_backward_compat_contains_current",
      ok: schema.backward_read_compatible.includes(code),
      mode: gate,
      value: schema.backward_read_compatible,
      expect: `"${code}" among them`,
      hint: `add "${code}" to state_schema.backward_read_compatible in ${file}`,
      location,
    },
  ];
}
