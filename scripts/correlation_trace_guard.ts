#!/usr/bin/env -S deno run --no-prompt --allow-read=. --allow-write=.data --allow-env=WA_CORRELATION_*,WA_AUDIT_CHAIN_*,WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git
/**
 * Judges whether rollout, alert and incident artifacts carry the same ids, by independent origins.
 * @module
 */
import { RECORD_FLAGS } from "../lib/audit_log/record_flags.ts";
import { defineCommand, type Outcome } from "../lib/command/command.ts";
import { UsageError } from "../lib/command/errors.ts";
import { list, number, path } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { auditTrace } from "../lib/correlation/audit_trace.ts";
import { FAMILIES, type Family } from "../lib/correlation/family.ts";
import { judgeAgreement } from "../lib/correlation/judge_agreement.ts";
import { judgeFamilies } from "../lib/correlation/judge_families.ts";
import { readFamilies } from "../lib/correlation/read_families.ts";
import { runEvidence } from "../lib/correlation/run_evidence.ts";
import type { Check } from "../lib/report/check.ts";

const flags = {
  "rollout-report": path({ help: "Rollout artifact (default: the newest)" }),
  "alert-report": path({ help: "Alert artifact (default: the newest)" }),
  "incident-report": path({ help: "Incident artifact (default: the newest)" }),
  without: list({
    placeholder: FAMILIES.join("|"),
    help: "Kind of artifact that this release does not have, on the record",
  }),
  "max-spread-s": number({
    default: 7_200,
    min: 0,
    help: "Longest time between the artifacts of one release, seconds",
  }),
  ...RECORD_FLAGS,
};

/** The ids of each family with their origins, in the documented form. */
function familyFields(families: readonly Family[]): Record<string, unknown> {
  return Object.fromEntries(families.map((family) => {
    if (family.state !== "examined") return [family.name, {}];
    const { correlation_id, release_candidate_id } = family.artifact.ids;
    return [family.name, {
      correlation_id: correlation_id.value,
      release_candidate_id: release_candidate_id.value,
      run_id: family.artifact.runId,
      origins: {
        correlation_id: correlation_id.origin,
        release_candidate_id: release_candidate_id.origin,
      },
    }];
  }));
}

function headline(families: readonly Family[], checks: readonly Check[]): string {
  const failed = checks.filter((check) => !check.ok);
  const [first] = [...failed.filter((check) => check.mode === "enforce"), ...failed];
  if (first !== undefined) {
    return `${first.id} does not hold${
      failed.length > 1 ? `, nor do ${failed.length - 1} more` : ""
    }`;
  }
  const names = families.flatMap((family) => family.state === "examined" ? [family.name] : []);
  const verb = names.length === 1 ? "agrees" : "agree";
  return `${names.join(", ")} ${verb} on both ids with every independent origin`;
}

export const command = defineCommand({
  name: "correlation_trace_guard",
  summary: "Judge whether rollout, alert and incident artifacts carry the same ids",
  kind: "gate",
  artifact: "correlation_trace_guard",
  strictEnv: "WA_CORRELATION_GUARD_STRICT",
  flags,
  details: [
    "Compares the ids of the newest rollout, alert and incident artifacts with each other and with independent origins: entries of the audit log, other reports of the same run, and this run's environment. An id that its writer made up, mirrored from the other id, or copied from another artifact is shown and never counts as agreement.",
    "Kinds that nothing writes are not applicable; under --strict at least one kind must be there, and each id must be stated by two independent origins.",
  ],
  examples: ["--strict", "--without incident --rollout-report rollout.json"],
  async run(run): Promise<Outcome> {
    const { root, flags, inputs, nowS, gate, correlation } = run;
    const unknown = flags.without.find((name) => !FAMILIES.some((family) => family === name));
    if (unknown !== undefined) {
      throw new UsageError(`--without is "${unknown}", expected one of ${FAMILIES.join(", ")}`);
    }
    const files = {
      rollout: flags["rollout-report"],
      alert: flags["alert-report"],
      incident: flags["incident-report"],
    };
    const runId = correlation.run_id;
    const families = await readFamilies(inputs, { files, without: flags.without, nowS, runId });
    const artifacts = families.flatMap((family) =>
      family.state === "examined" ? [family.artifact] : []
    );
    const rollout = families.find((family) => family.name === "rollout");
    const log = { log: flags["audit-log"], stateFile: flags["audit-state-file"] };
    const sources = {
      families,
      trace: await auditTrace(
        root,
        log,
        artifacts,
        rollout?.state === "examined" ? rollout.artifact : undefined,
      ),
      run: runId === "" ? undefined : await runEvidence(root, runId),
      environment: correlation,
    };
    const checks = [
      ...judgeFamilies(families, gate),
      ...judgeAgreement(sources, { gate, maxSpreadS: flags["max-spread-s"] }),
    ];
    return {
      checks,
      headline: headline(families, checks),
      fields: {
        paths: Object.fromEntries(families.map((family) => [
          `${family.name}_report`,
          family.state === "examined" ? family.artifact.path : null,
        ])),
        correlation: { ...correlation, ...familyFields(families) },
        audit_entries: sources.trace.entries,
      },
    };
  },
});

if (import.meta.main) await main(command);
