import type { GitFacts } from "../project/git.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import type { ManifestContent } from "./manifest.ts";

function evidenceChecks(
  { evidence }: ManifestContent,
  requireEvidence: boolean,
  allowFailed: readonly string[],
  gate: Mode,
): Check[] {
  const entries = Object.entries(evidence);
  if (entries.length === 0) {
    return [{
      id: "gate_evidence_mapped",
      ok: false,
      mode: "enforce",
      value: 0,
      expect: "at least one gate",
      hint: "name evidence with --gate-evidence-pattern",
    }];
  }
  return entries.map(([key, { state, rows, pattern }]) => {
    const allowed = state === "failed" && allowFailed.includes(key);
    return {
      id: `gate_evidence_valid::${key}`,
      ok: state === "valid" || allowed,
      mode: requireEvidence ? "enforce" : gate,
      value: allowed
        ? "failed, allowed by --allow-failed"
        : [state, ...rows[0]?.reasons ?? []].join(": "),
      expect: "valid: of this commit, run and candidate, recent, passed",
      hint: state === "missing"
        ? `run the gate that writes ${pattern}`
        : `run the gate again on this commit: ${rows[0]?.path ?? pattern}`,
      ...(rows[0] === undefined ? {} : { location: { file: rows[0].path } }),
    };
  });
}

/** Judges what would be sealed; evidence counts as a warning unless it is required or strict. */
export function judgeManifest(
  content: ManifestContent,
  git: GitFacts,
  options: {
    requireEvidence: boolean;
    requireCleanGit: boolean;
    allowFailed: readonly string[];
    gate: Mode;
  },
): Check[] {
  const required = content.artifacts.filter((row) => row.required);
  const missing = required.filter((row) => !row.exists).map((row) => row.path);
  const expectClean = "a working tree that is exactly a commit";
  return [
    {
      id: "required_artifacts_present",
      ok: missing.length === 0 && content.artifacts.length > 0,
      mode: "enforce",
      value: { examined: content.artifacts.length, missing },
      expect: "every required artifact of the release policy",
      hint: missing.length > 0
        ? `restore ${missing.join(", ")}, or correct manifest.required in the release policy`
        : "list what is released under manifest in the release policy",
    },
    options.requireCleanGit || git.available
      ? {
        id: "git_clean",
        ok: git.available && git.commit !== "" && git.dirty === false,
        mode: options.requireCleanGit ? "enforce" : "warn",
        value: git.available
          ? { commit: git.commit, dirty: git.dirty }
          : git.reason ?? "git is not available",
        expect: expectClean,
        hint: "commit or stash what is changed, then seal again",
      }
      : notApplicable("git_clean", expectClean, git.reason ?? "git is not available"),
    ...evidenceChecks(content, options.requireEvidence, options.allowFailed, options.gate),
  ];
}
