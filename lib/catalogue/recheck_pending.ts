import { join } from "@std/path/join";
import { z } from "zod";
import {
  ArtifactSchemaCatalogPolicy,
  type CatalogueEntry,
} from "../policy/artifact_schema_catalog_policy.ts";
import { loadJson } from "../policy/load.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { newestEvidence } from "../report/evidence.ts";
import { type ArtifactFile, findArtifacts } from "./find_artifacts.ts";
import { SchemaSet, violationsOf } from "./schema_set.ts";

const GuardReport = z.looseObject({
  pending: z.array(z.string()),
  policy_file: z.string(),
});

const ID = "pending_artifacts_keep_schema";
const EXPECT = "what was pending when the catalogue was looked at is there and keeps to its schema";

/** Whether a file was made by a run. */
function isOfRun({ value }: ArtifactFile, runId: string): boolean {
  const { correlation } = (value ?? {}) as { correlation?: { run_id?: unknown } };
  return correlation?.run_id === runId;
}

/** What is wrong with the newest file that the run left of an artifact; undefined when it left none. */
async function faultsOf(
  entry: CatalogueEntry,
  files: readonly ArtifactFile[],
  schemas: SchemaSet,
  runId: string,
): Promise<string[] | undefined> {
  const broken = files[0]?.faults ?? []; // a malformed file cannot say whose it is
  if (broken.length > 0) return broken;
  const file = files.find((candidate) => isOfRun(candidate, runId));
  if (file === undefined) return undefined;
  const schema = entry.schema === undefined ? undefined : await schemas.get(entry.schema);
  if (schema === undefined) return [`${entry.id} has no schema`];
  if (schema.state !== "ok") return schema.reasons;
  return violationsOf(schema.validator(), file.value, file.path)
    .map(({ pointer, message }) => `${file.path} ${pointer}: ${message}`);
}

/**
 * Looks again, when a run is sealed, at the artifacts that were pending when its catalogue guard
 * ran: what the run has made of them by now must keep to its schema.
 *
 * @param own Artifacts that the sealing itself is still writing.
 */
export async function recheckPending(
  root: string,
  { runId, nowS, gate, own }: { runId: string; nowS: number; gate: Mode; own: readonly string[] },
): Promise<Check> {
  if (runId === "") return notApplicable(ID, EXPECT, "this is not part of a preflight run");
  const kind = "artifact_schema_catalog_guard";
  const guard = await newestEvidence(root, { kind, schema: GuardReport, nowS, runId });
  if (guard.value === undefined || guard.value.correlation?.run_id !== runId) {
    return notApplicable(ID, EXPECT, "the catalogue guard did not run in this run");
  }
  const { pending, policy_file: policyFile } = guard.value;
  const policy = await loadJson(join(root, policyFile), ArtifactSchemaCatalogPolicy);
  if (policy.state !== "ok") return notApplicable(ID, EXPECT, `${policyFile} cannot be read`);
  const waiting = policy.value.entries.filter(({ id }) =>
    pending.includes(id) && !own.includes(id)
  );
  const found = await findArtifacts(root, waiting);
  const schemas = new SchemaSet(root);
  const faults: string[] = [];
  const absent: string[] = [];
  for (const entry of waiting) {
    const result = await faultsOf(entry, found.files.get(entry.id) ?? [], schemas, runId);
    if (result === undefined) absent.push(entry.id);
    else faults.push(...result);
  }
  const examined = waiting.length - absent.length;
  if (examined === 0) {
    return notApplicable(ID, EXPECT, `none of ${waiting.length} pending artifacts was made`);
  }
  return {
    id: ID,
    ok: faults.length === 0,
    mode: gate,
    value: { examined, absent, faults },
    expect: EXPECT,
    hint: "deno task artifact_schema_catalog_guard --strict shows each fault with its place",
  };
}
