import type { Check } from "../report/check.ts";
import type { BreakingNotes } from "./breaking_notes.ts";
import type { MigrationVersions } from "./migration_versions.ts";
import type { PlanStep } from "./step_evidence.ts";
import type { Hop } from "./version_graph.ts";

/** A runtime file that must survive the move. */
export interface KeptFile {
  path: string;
  required: boolean;
  exists: boolean;
  size: number;
  sha256: string | null;
}

/** Everything the Markdown plan shows. */
export interface PlanDocument {
  versions: MigrationVersions;
  direction: string;
  strict: boolean;
  generatedAtS: number;
  there: readonly Hop[];
  back: readonly Hop[];
  plan: readonly PlanStep[];
  kept: readonly KeptFile[];
  changes: readonly BreakingNotes[];
  changesFile: string;
  checks: readonly Check[];
}

/** An argument as a POSIX shell reads it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** A command line to paste into a POSIX shell. */
export function commandLine(command: readonly string[]): string {
  return command.map(quoted).join(" ");
}

/** Text from a file on one line, so that it cannot begin a block of its own. */
const inline = (text: string): string =>
  text.replaceAll(/[\r\n]+/g, " ").replaceAll(/([\\`*_[\]<>|])/g, "\\$1");

function stepLines(step: PlanStep): string[] {
  const done = step.evidence_state === "valid";
  const proof = done ? `done, see \`${step.evidence_path}\`` : `evidence: ${step.evidence_state}`;
  return [
    `- [${done ? "x" : " "}] **${step.order}. ${inline(step.title)}** (${proof})`,
    "",
    `  ${inline(step.why)}. Stop if ${inline(step.abort_if)}.`,
    "",
    "  ```sh",
    `  ${commandLine(step.command)}`,
    "  ```",
    "",
    ...(step.way_back.length === 0 ? [`  Way back: ${inline(step.way_back_note)}.`] : [
      `  Way back (${inline(step.way_back_note)}):`,
      "",
      "  ```sh",
      `  ${commandLine(step.way_back)}`,
      "  ```",
    ]),
    "",
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
}

function hopTable(hops: readonly Hop[]): string[] {
  if (hops.length === 0) return ["None."];
  return table(
    ["from", "to", "schema", "tested by"],
    hops.map((hop) => [
      hop.from,
      hop.to,
      hop.from_schema === hop.to_schema ? hop.to_schema : `${hop.from_schema} to ${hop.to_schema}`,
      hop.cases.map(inline).join(", "),
    ]),
  );
}

function keptTable(kept: readonly KeptFile[]): string[] {
  if (kept.length === 0) return ["The release policy names no runtime data files."];
  return table(
    ["file", "required", "bytes", "SHA-256"],
    kept.map(({ path, required, exists, size, sha256 }) => [
      inline(path),
      required ? "yes" : "no",
      exists ? String(size) : "absent",
      sha256 ?? "",
    ]),
  );
}

function changeLines({ changes, changesFile }: PlanDocument): string[] {
  if (changes.length === 0) return [`${inline(changesFile)} has no section for these versions.`];
  return changes.flatMap(({ version, line, notes }) => [
    `- ${version} (${inline(changesFile)}, line ${line})${
      notes.length === 0 ? ": nothing that breaks" : ""
    }`,
    ...notes.map((note) => `  - ${inline(note.replace(/^[-*]\s+/, ""))}`),
  ]);
}

function failingLines(checks: readonly Check[]): string[] {
  const failing = checks.filter((check) => !check.ok && check.mode === "enforce");
  if (failing.length === 0) return ["None."];
  return failing.map(({ id, hint }) =>
    `- \`${id}\`${hint === undefined ? "" : `: ${inline(hint)}`}`
  );
}

/** The plan for people: a checklist whose boxes are ticked only from evidence. */
export function planMarkdown(document: PlanDocument): string {
  const { versions, direction, strict, generatedAtS, there, back, plan, checks } = document;
  const failed = checks.filter((check) => !check.ok && check.mode === "enforce").length;
  const shown = (version: string): string => version === "" ? "unknown" : inline(version);
  return [
    `# Migration plan: ${shown(versions.from)} to ${shown(versions.to)}`,
    "",
    `- from: ${shown(versions.from)} (${versions.fromRule.replaceAll("_", " ")})`,
    `- to: ${shown(versions.to)} (${versions.toRule.replaceAll("_", " ")})`,
    `- direction: ${direction}`,
    `- strict: ${strict ? "yes" : "no"}`,
    `- generated_at: ${new Date(generatedAtS * 1000).toISOString()}`,
    "",
    "## Readiness",
    "",
    `- overall_ok: ${failed === 0 ? "yes" : "no"}`,
    `- failed enforced checks: ${failed} of ${checks.length}`,
    "",
    "## Planned Commands",
    "",
    ...(plan.length === 0
      ? ["There is no plan: the checks below say what is missing.", ""]
      : plan.flatMap(stepLines)),
    "## Way there",
    "",
    ...hopTable(there),
    "",
    "## Way back",
    "",
    ...hopTable(back),
    "",
    "## Files to preserve",
    "",
    ...keptTable(document.kept),
    "",
    "## Breaking notes",
    "",
    ...changeLines(document),
    "",
    "## Failing Enforce Checks",
    "",
    ...failingLines(checks),
    "",
  ].join("\n");
}
