import { type Content, TempRepository } from "./temp_repository.ts";

/** The evidence pattern that the manifest tests map. */
export const GOVERNANCE = ".data/out/release_governance_*.json";

/** A repository whose release policy names two artifacts; committed, with `.data` ignored. */
export async function releaseRepository(
  files: Record<string, Content> = {},
  { git = true }: { git?: boolean } = {},
): Promise<TempRepository> {
  return await TempRepository.make({
    ".gitignore": ".data/\n",
    "deno.json": { name: "@test/app", version: "1.2.3" },
    "src/app.ts": "export const answer = 42;\n",
    "security/release_policy.json": {
      version: 2,
      app_version: "1.2.3",
      manifest: { required: ["deno.json", "src/*.ts"], optional: [] },
    },
    ...files,
  }, { git });
}

/** A report as a gate leaves it, of the repository's present commit, a minute old, passed. */
export async function gateReport(
  repository: TempRepository,
  changes: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const endedAt = Date.now() / 1000 - 60;
  return {
    schema_version: 1,
    kind: "release_governance",
    ok: true,
    clean: true,
    started_at: endedAt - 1,
    ended_at: endedAt,
    git: { available: true, commit: await repository.git("rev-parse", "HEAD"), branch: "main" },
    correlation: { correlation_id: "", release_candidate_id: "", run_id: "" },
    inputs: [],
    checks: [],
    ...changes,
  };
}

/** Writes evidence of the governance gate; the name counts up with `at`. */
export async function writeGateReport(
  repository: TempRepository,
  changes: Record<string, unknown> = {},
  at = 0,
): Promise<string> {
  const path = `.data/out/release_governance_20260101T00000${at}Z.json`;
  await repository.write(path, await gateReport(repository, changes));
  return path;
}
