import { join } from "@std/path/join";
import { loadJson } from "../policy/load.ts";
import { OUT_DIR } from "../report/artifact.ts";
import { EvidenceEnvelope } from "../report/evidence.ts";
import { readText } from "../store/read_text.ts";
import type { IdName } from "./family.ts";

/** A report that belongs to a run, with its ids as they were in its writer's environment. */
export interface RunReport extends Record<IdName, string> {
  path: string;
}

/** The reports of one run in `.data/out`. */
export interface RunEvidence {
  reports: RunReport[];
  /** Files that name the run and cannot be read as reports. */
  malformed: string[];
}

async function reportNames(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter((entry) => entry.isFile && entry.name.endsWith(".json"))
      .map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * Finds every report of a run. Files that do not mention the run's id are not parsed.
 *
 * @param runId Not empty.
 */
export async function runEvidence(root: string, runId: string): Promise<RunEvidence> {
  const found: RunEvidence = { reports: [], malformed: [] };
  for (const name of await reportNames(join(root, OUT_DIR))) {
    const path = `${OUT_DIR}/${name}`;
    const file = readText(join(root, path));
    if (file.state !== "ok" || !file.text.includes(runId)) continue;
    const loaded = await loadJson(join(root, path), EvidenceEnvelope, { shown: path });
    if (loaded.state === "missing") continue;
    if (loaded.state !== "ok") {
      found.malformed.push(path);
      continue;
    }
    const { correlation } = loaded.value;
    if (correlation?.run_id !== runId) continue;
    found.reports.push({
      path,
      correlation_id: correlation.correlation_id ?? "",
      release_candidate_id: correlation.release_candidate_id ?? "",
    });
  }
  return found;
}
