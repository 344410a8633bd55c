import { type Content, TempRepository } from "./temp_repository.ts";

const NOW = 1_795_651_200;

/** Files of a small repository that passes every release gate, but for its project file. */
export function governedFiles(version: string): Record<string, Content> {
  const channel = { version, rollout_percent: 0, updated_at: NOW };
  return {
    "CHANGES.md": `# Changes\n\n## ${version}\n\n- first release\n`,
    "docs/RELEASE_AND_ROLLBACK.md": "# Release and rollback\n\nRoll back with care.\n",
    ".gitignore": ".data/\n",
    "security/release_policy.json": {
      version: 2,
      app_version: version,
      manifest: { required: ["CHANGES.md", "security/*.json"], optional: [] },
    },
    "security/release_channels.json": {
      version: 1,
      updated_at: NOW,
      revision: 0,
      channels: { canary: channel, stable: { ...channel, rollout_percent: 100 } },
      history: [],
    },
  };
}

/** A committed Deno project that passes every release gate; `files` adds or replaces. */
export async function governedRepository(
  files: Record<string, Content> = {},
  { version = "1.2.3", git = true }: { version?: string; git?: boolean } = {},
): Promise<TempRepository> {
  const project = { "deno.json": { name: "@example/app", version } };
  return await TempRepository.make({ ...governedFiles(version), ...project, ...files }, { git });
}
