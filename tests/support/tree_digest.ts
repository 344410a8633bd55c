import { join } from "@std/path/join";
import { sha256File } from "../../lib/store/digest.ts";

/** Files that say nothing of the state: locks, and what git refreshes when asked for facts. */
const IGNORED = /^(\.git|\.data\/locks)\//;

/** Digest of every file below a folder, by path relative to it. */
export async function treeDigest(root: string, folder = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (IGNORED.test(`${path}/`)) continue;
    if (isDirectory) Object.assign(found, await treeDigest(root, path));
    else found[path] = (await sha256File(join(root, path))).sha256;
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => a < b ? -1 : 1));
}
