import { governedRepository } from "./governed.ts";
import { runScript, type ScriptEnd } from "./run_script.ts";
import type { Content, TempRepository } from "./temp_repository.ts";

const shipped = async (name: string): Promise<Content> =>
  JSON.parse(
    await Deno.readTextFile(new URL(`../../security/${name}.json`, import.meta.url)),
  );

/** A committed repository from which a rollback bundle can be made; `files` adds or replaces. */
export async function rollbackRepository(
  files: Record<string, Content> = {},
): Promise<TempRepository> {
  const names = [
    "release_rollout_policy",
    "release_traffic_adapter_contract",
    "rollback_drill_signature_policy",
  ];
  const policies = await Promise.all(
    names.map(async (name) => [`security/${name}.json`, await shipped(name)] as const),
  );
  return await governedRepository({ ...Object.fromEntries(policies), ...files });
}

/** A key as the signer wants it: 32 bytes, and telling enough to be searched for. */
export const DRILL_KEY = "drill-key-5f0c9be1d2a84c6e9b7f3a1c";

/** A passed incident drill, as its producer reports it. */
export function incidentDrill(
  endedAtS: number,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return { kind: "incident_notify_drill", ok: true, with_email: true, ended_at: endedAtS, ...more };
}

/** Makes a bundle; returns the run and the bundle's folder, relative to root. */
export async function makeDrillBundle(
  { root }: { root: string },
  ...args: string[]
): Promise<ScriptEnd & { bundle: string }> {
  const end = await runScript("create_rollback_bundle", ["--json", "--label", "drill", ...args], {
    root,
  });
  return { ...end, bundle: String(end.report.bundle_root ?? "") };
}
