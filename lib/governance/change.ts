import { isSemver, semverOrder } from "../project/semver.ts";
import { git } from "../project/git.ts";
import { type SourceAnswer, versionIn, type VersionSource } from "../project/version_source.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";

/** What changed between a base and the working tree. */
export type ChangeSince =
  | { known: false; reason: string }
  | { known: true; base: string; files: ReadonlySet<string>; versionBefore: string | undefined };

/** Files that differ from the merge base with `baseRef`, and the version that stood there. */
export async function changeSince(
  root: string,
  baseRef: string | undefined,
  source: VersionSource | undefined,
): Promise<ChangeSince> {
  if (baseRef === undefined) return { known: false, reason: "no base is known: give --base-ref" };
  for (const ref of [baseRef, `origin/${baseRef}`]) {
    const base = await git(root, "merge-base", ref, "HEAD");
    if (!base.ok) continue;
    const commit = base.text.trim();
    const [changed, untracked] = await Promise.all([
      git(root, "diff", "--name-only", "-z", commit, "--"),
      git(root, "ls-files", "-z", "--others", "--exclude-standard"),
    ]);
    if (!changed.ok || !untracked.ok) break;
    const files = new Set(`${changed.text}${untracked.text}`.split("\0").filter(Boolean));
    const before = source === undefined
      ? undefined
      : await git(root, "show", `${commit}:${source.path}`);
    const answer: SourceAnswer | undefined = before?.ok === true
      ? await versionIn(source!, before.text)
      : undefined;
    return {
      known: true,
      base: commit,
      files,
      versionBefore: answer?.state === "ok" ? answer.version : undefined,
    };
  }
  return { known: false, reason: `git knows no base "${baseRef}" that shares history with HEAD` };
}

/**
 * Judges the rule that a version or schema change brings its policy and changelog along, in the
 * same change (the user's document, "Policy Source").
 */
export function judgeSameChange(
  change: ChangeSince,
  now: {
    appVersion: string;
    policyFile: string;
    changesFile: string;
    schemaFile: string | undefined;
  },
  gate: Mode,
): Check {
  const id = "same_change_policy_update";
  const expect = "policy and changelog change together with the version or state schema";
  if (!change.known) return notApplicable(id, expect, change.reason);
  const versionChanged = change.versionBefore !== undefined &&
    change.versionBefore !== now.appVersion;
  const schemaChanged = now.schemaFile !== undefined && change.files.has(now.schemaFile);
  if (!versionChanged && !schemaChanged) {
    return notApplicable(
      id,
      expect,
      `neither version nor schema source changed since ${change.base.slice(0, 12)}`,
    );
  }
  const needed = [now.policyFile, ...(versionChanged ? [now.changesFile] : [])];
  const missing = needed.filter((file) => !change.files.has(file));
  return {
    id,
    ok: missing.length === 0,
    mode: gate,
    value: {
      version_changed: versionChanged,
      schema_source_changed: schemaChanged,
      not_changed: missing,
    },
    expect,
    hint: `update ${missing.join(" and ")} in the same change`,
    location: { file: missing[0] ?? now.policyFile },
  };
}

/** Tags that are versions, with or without a leading `v`, highest first. */
export async function versionTags(root: string): Promise<{ tag: string; version: string }[]> {
  const answer = await git(root, "for-each-ref", "--format=%(refname:short)", "refs/tags");
  if (!answer.ok) return [];
  const tags = answer.text.split("\n").filter(Boolean)
    .map((tag) => ({ tag, version: tag.replace(/^v/, "") }))
    .filter(({ version }) => isSemver(version));
  if (tags.length === 0) return [];
  const order = await semverOrder();
  return tags.sort((a, b) => order(b.version, a.version));
}

/** Judges the version against the tags: never behind the last one, and equal to its own. */
export async function judgeTags(
  root: string,
  appVersion: string,
  refTag: string | undefined,
  gate: Mode,
): Promise<Check[]> {
  const id = "version_not_behind_last_tag";
  const expect = "not lower than the highest version tag";
  const tags = await versionTags(root);
  const [last] = tags;
  const checks: Check[] = [];
  if (last === undefined || !isSemver(appVersion)) {
    checks.push(notApplicable(id, expect, "no tag of this repository is a version"));
  } else {
    const order = await semverOrder();
    checks.push({
      id,
      ok: order(appVersion, last.version) >= 0,
      mode: gate,
      value: { version: appVersion, last_tag: last.tag },
      expect,
      hint: `raise the version above ${last.version}`,
    });
  }
  if (refTag === undefined) {
    checks.push(
      notApplicable(
        "tag_matches_version",
        "the tag under release names the version",
        "this is no tag build",
      ),
    );
  } else {
    checks.push({
      id: "tag_matches_version",
      ok: refTag.replace(/^v/, "") === appVersion,
      mode: "enforce",
      value: { tag: refTag, version: appVersion },
      expect: "the tag under release names the version",
      hint: `tag the commit v${appVersion}, or set the version to ${
        refTag.replace(/^v/, "")
      } in the tagged commit`,
    });
  }
  return checks;
}
