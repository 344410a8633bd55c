import type { Check, Mode } from "../report/check.ts";
import type { TextFile } from "../store/read_text.ts";
import { isSemver } from "../project/semver.ts";

/** One version's section of a changelog. */
export interface ChangelogSection {
  version: string;
  /** Where its heading stands, counted from 1. */
  line: number;
  /** The text below the heading, up to the next version's. */
  body: string;
}

const HEADING = /^#{1,3}\s+(?:\[?v?([^\]\s]+)\]?)/;

/**
 * The version sections of a changelog: headings of level 1 to 3 that begin with a version, such as
 * `## 1.2.3`, `## [1.2.3] - 2026-01-31` or `## v1.2.3`. Headings inside code fences and comments do
 * not count.
 */
export function changelogSections(text: string): ChangelogSection[] {
  const sections: ChangelogSection[] = [];
  let fence: string | undefined;
  let inComment = false;
  let body: string[] = [];
  const close = (): void => {
    const last = sections.at(-1);
    if (last !== undefined) last.body = body.join("\n").trim();
    body = [];
  };
  for (const [at, line] of text.split("\n").entries()) {
    if (fence === undefined && (inComment || /^ {0,3}<!--/.test(line))) {
      inComment = !line.includes("-->");
      continue;
    }
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (
      mark !== undefined &&
      (fence === undefined || (mark.startsWith(fence) && line.trim() === mark))
    ) {
      fence = fence === undefined ? mark : undefined;
    }
    const version = fence === undefined ? HEADING.exec(line)?.[1] : undefined;
    if (version !== undefined && isSemver(version)) {
      close();
      sections.push({ version, line: at + 1, body: "" });
    } else body.push(line);
  }
  close();
  return sections;
}

/** Judges whether the changelog is there and has a section, not empty, for exactly this version. */
export function judgeChangelog(
  changes: TextFile,
  appVersion: string,
  { file, mode }: { file: string; mode: Mode },
): Check[] {
  const sections = changes.state === "ok" ? changelogSections(changes.text) : [];
  const section = sections.find(({ version }) => version === appVersion);
  const matched = section !== undefined && section.body !== "";
  return [
    {
      id: "changes_doc_exists",
      ok: changes.state === "ok",
      mode: ["ok", "missing"].includes(changes.state) ? "warn" : "enforce",
      value: changes.state === "ok" ? `${sections.length} versions` : changes.message,
      expect: "a changelog",
      hint: `write ${file}, with a heading for each version`,
      location: { file },
    },
    {
      id: "changes_mentions_current_version",
      ok: matched,
      mode,
      value: {
        app_version: appVersion,
        matched,
        ...(section !== undefined && !matched ? { reason: "the section is empty" } : {}),
      },
      expect: "a section of its own, with content",
      hint: `add "## ${appVersion}" to ${file} and say below it what changed`,
      location: { file, ...(section === undefined ? {} : { line: section.line }) },
    },
  ];
}
