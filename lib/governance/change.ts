import { compareVersions, isSemver } from "../project/semver.ts";
import { git, gitCompare } from "../project/git.ts";
import { stateSchemaIn, type StateSchemaSource } from "../project/state_schema.ts";
import { type SourceAnswer, versionIn, type VersionSource } from "../project/version_source.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";

/** What changed between a base and the working tree. */
export type ChangeSince =
  | { known: false; reason: string }
  | {
    known: true;
    base: string;
    /** Paths relative to root. */
    files: ReadonlySet<string>;
    /** What the sources said at the base; undefined where they said nothing. */
    versionBefore: string | undefined;
    stateSchemaBefore: string | undefined;
  };

/** The files that state the two versions, as they are found today. */
export interface ChangeSources {
  version: VersionSource | undefined;
  stateSchema: StateSchemaSource | undefined;
}

async function statedAt<S extends { path: string }>(
  root: string,
  commit: string,
  source: S | undefined,
  read: (source: S, text: string) => Promise<SourceAnswer>,
): Promise<string | undefined> {
  if (source === undefined) return undefined;
  const file = await git(root, "show", `${commit}:./${source.path}`);
  const answer = file.ok ? await read(source, file.text) : undefined;
  return answer?.state === "ok" ? answer.version : undefined;
}

/** Files that differ from the merge base with `baseRef`, and the versions that stood there. */
export async function changeSince(
  root: string,
  baseRef: string | undefined,
  sources: ChangeSources,
): Promise<ChangeSince> {
  if (baseRef === undefined) return { known: false, reason: "no base is known: give --base-ref" };
  for (const ref of [baseRef, `origin/${baseRef}`]) {
    const base = await git(root, "merge-base", "--end-of-options", ref, "HEAD");
    if (!base.ok) continue;
    const commit = base.text.trim();
    const [changed, untracked, versionBefore, stateSchemaBefore] = await Promise.all([
      gitCompare(
        root,
        ...[
          "diff",
          "--name-only",
          "--relative",
          "--no-ext-diff",
          "--no-renames",
          "-z",
          commit,
          "--",
        ],
      ),
      git(root, "ls-files", "-z", "--others", "--exclude-standard"),
      statedAt(root, commit, sources.version, versionIn),
      statedAt(root, commit, sources.stateSchema, stateSchemaIn),
    ]);
    if (!changed.ok || !untracked.ok) break;
    const files = new Set(`${changed.text}${untracked.text}`.split("\0").filter(Boolean));
    return { known: true, base: commit, files, versionBefore, stateSchemaBefore };
  }
  return { known: false, reason: `git knows no base "${baseRef}" that shares history with HEAD` };
}

/** Whether a version that stood at the base is another one now. */
const changed = (before: string | undefined, now: string): boolean =>
  before !== undefined && before !== now;

/**
 * Judges the rule that a version or schema change brings its policy and changelog along, in the
 * same change (the user's document, "Policy Source").
 */
export function judgeSameChange(
  change: ChangeSince,
  now: {
    appVersion: string;
    /** Empty where the code states none. */
    stateSchema: string;
    policyFile: string;
    changesFile: string;
  },
  gate: Mode,
): Check {
  const id = "same_change_policy_update";
  const expect = "policy and changelog change together with the version or state schema";
  if (!change.known) return notApplicable(id, expect, change.reason);
  const versionChanged = changed(change.versionBefore, now.appVersion);
  const schemaChanged = changed(change.stateSchemaBefore, now.stateSchema);
  if (!versionChanged && !schemaChanged) {
    const base = change.base.slice(0, 12);
    return notApplicable(id, expect, `neither version nor state schema changed since ${base}`);
  }
  const needed = [now.policyFile, now.changesFile];
  const missing = needed.filter((file) => !change.files.has(file));
  return {
    id,
    ok: missing.length === 0,
    mode: gate,
    value: {
      base: change.base,
      version: { before: change.versionBefore ?? null, now: now.appVersion },
      state_schema: { before: change.stateSchemaBefore ?? null, now: now.stateSchema || null },
      not_changed: missing,
    },
    expect,
    hint: `update ${missing.join(" and ")} in the same change`,
    location: { file: missing[0] ?? now.policyFile },
  };
}

/**
 * Tags in the history of HEAD that are versions, with or without a leading `v`, highest first. Tags
 * of other branches do not count: 1.4.9 may follow 1.4.8 when 2.0.0 is out.
 */
export async function versionTags(root: string): Promise<{ tag: string; version: string }[]> {
  const answer = await git(root, "tag", "--list", "--merged", "HEAD", "--no-column");
  if (!answer.ok) return [];
  const tags = answer.text.split("\n").filter(Boolean)
    .map((tag) => ({ tag, version: tag.replace(/^v/, "") }))
    .filter(({ version }) => isSemver(version));
  if (tags.length === 0) return [];
  return tags.sort((a, b) => compareVersions(b.version, a.version));
}

async function judgeOrder(root: string, appVersion: string, gate: Mode): Promise<Check> {
  const id = "version_not_behind_last_tag";
  const expect = "not lower than the highest version tag";
  const [last] = await versionTags(root);
  if (last === undefined) {
    return notApplicable(id, expect, "no tag in the history of HEAD is a version");
  }
  if (!isSemver(appVersion)) {
    return notApplicable(id, expect, "the code states no version that could be compared");
  }
  return {
    id,
    ok: compareVersions(appVersion, last.version) >= 0,
    mode: gate,
    value: { version: appVersion, last_tag: last.tag },
    expect,
    hint: `raise the version above ${last.version}`,
  };
}

function judgeRefTag(appVersion: string, refTag: string | undefined): Check {
  const id = "tag_matches_version";
  const expect = "the tag under release names the version";
  if (refTag === undefined) return notApplicable(id, expect, "this is no tag build");
  const version = refTag.replace(/^v/, "");
  return {
    id,
    ok: version === appVersion,
    mode: "enforce",
    value: { tag: refTag, version: appVersion },
    expect,
    hint: `tag the commit v${appVersion}, or set the version to ${version} in the tagged commit`,
  };
}

/** Judges the version against the tags: never behind the last one, and equal to its own. */
export async function judgeTags(
  root: string,
  appVersion: string,
  refTag: string | undefined,
  gate: Mode,
): Promise<Check[]> {
  return [await judgeOrder(root, appVersion, gate), judgeRefTag(appVersion, refTag)];
}
