import { join } from "@std/path/join";
import { LOCKFILES } from "../manifest/artifacts.ts";
import { policyPath } from "../policy/catalogue.ts";
import type { ReleasePolicy } from "../policy/release_policy.ts";
import { OUT_DIR } from "../report/artifact.ts";
import type { BundleGroup } from "./bundle_manifest.ts";

/** A file a bundle should hold. */
export interface BundleSource {
  /** Relative to root, with `/`. */
  path: string;
  group: BundleGroup;
  /** Without it the bundle is not made. */
  required: boolean;
}

/** Without these nobody can say what to go back to, or move traffic there. */
const REQUIRED_POLICIES = [
  "release_policy",
  "release_rollout_policy",
  "release_traffic_adapter_contract",
];

/** The channel registry, relative to root. */
export const REGISTRY_PATH = "security/release_channels.json";

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter((entry) => entry.isFile).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The newest reports of each kind, by the time in their names. */
async function recentReports(root: string, recent: number): Promise<BundleSource[]> {
  const byKind = new Map<string, string[]>();
  for (const name of await namesIn(join(root, OUT_DIR))) {
    const kind = /^([a-z][a-z0-9_]*?)_\d[0-9A-Za-z._-]*\.json$/.exec(name)?.[1];
    if (kind !== undefined) byKind.set(kind, [...byKind.get(kind) ?? [], name]);
  }
  return [...byKind.values()].flatMap((names) => names.slice(-recent)).map((name) => ({
    path: `${OUT_DIR}/${name}`,
    group: "report",
    required: false,
  }));
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}

/** What is known about the repository before it is looked through. */
export interface BundleWish {
  policy: ReleasePolicy | undefined;
  /** Files that state the version. */
  versionFiles: readonly string[];
  /** Further files without which there must be no bundle. */
  alsoRequired: readonly string[];
  /** How many of the newest reports of each kind. */
  recent: number;
  auditFiles: readonly string[];
}

function required({ policy, versionFiles, alsoRequired }: BundleWish): BundleSource[] {
  const state = policy?.runtime_data?.files ?? [];
  const schema = policy?.state_schema?.source?.path;
  const row = (group: BundleGroup) => (path: string): BundleSource => (
    { path, group, required: true }
  );
  return [
    ...REQUIRED_POLICIES.map(policyPath).map(row("policy")),
    row("registry")(REGISTRY_PATH),
    ...versionFiles.map(row("source")),
    ...(schema === undefined ? [] : [row("source")(schema)]),
    ...state.filter((file) => file.required).map(({ path }) => path).map(row("state")),
    ...alsoRequired.map(row("document")),
  ];
}

async function optional(root: string, wish: BundleWish): Promise<BundleSource[]> {
  const policies = (await namesIn(join(root, "security")))
    .filter((name) => name.endsWith(".json")).map((name) => `security/${name}`);
  const named: [BundleGroup, readonly string[]][] = [
    ["policy", policies],
    ["source", LOCKFILES],
    ["document", ["CHANGES.md", "docs/RELEASE_AND_ROLLBACK.md", "docs/OPERATIONS_RUNBOOK.md"]],
    ["state", (wish.policy?.runtime_data?.files ?? []).map(({ path }) => path)],
    ["audit", wish.auditFiles],
  ];
  const found: BundleSource[] = [];
  for (const [group, paths] of named) {
    for (const path of paths) {
      if (await exists(join(root, path))) found.push({ path, group, required: false });
    }
  }
  return [...found, ...await recentReports(root, wish.recent)];
}

/** Everything that belongs into a bundle, each path once, in the order of paths. */
export async function bundleSources(root: string, wish: BundleWish): Promise<BundleSource[]> {
  const byPath = new Map<string, BundleSource>();
  for (const source of [...await optional(root, wish), ...required(wish)]) {
    byPath.set(source.path, source);
  }
  return [...byPath.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}
