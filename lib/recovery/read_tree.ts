import { join } from "@std/path/join";

/** What the file system says about one name in a tree, without looking into files. */
export interface TreeFacts {
  /** Relative to the top, with `/`. */
  path: string;
  /** `other`: a socket, a pipe or a device, which holds no data. */
  type: "file" | "folder" | "link" | "other";
  /** Permission bits. */
  mode: number;
  /** Bytes. */
  size: number;
  /** Last modification, epoch milliseconds. */
  mtime_ms: number;
  /** Last change of content, permissions or links; no program can set it back. */
  ctime_ms: number;
  ino: number;
  /** Where a link points, as it stands there; empty for all else. */
  target: string;
}

/** A tree as it was found, in the order of paths. */
export interface TreeLook {
  entries: TreeFacts[];
  /** Sentences about names that could not be looked at. */
  faults: string[];
}

function typeOf({ isFile, isDirectory, isSymlink }: Deno.FileInfo): TreeFacts["type"] {
  if (isSymlink) return "link";
  if (isDirectory) return "folder";
  return isFile ? "file" : "other";
}

async function factsOf(top: string, path: string): Promise<TreeFacts> {
  const absolute = join(top, path);
  const info = await Deno.lstat(absolute);
  const type = typeOf(info);
  return {
    path,
    type,
    mode: (info.mode ?? 0) & 0o7777,
    size: info.size,
    mtime_ms: info.mtime?.getTime() ?? 0,
    ctime_ms: info.ctime?.getTime() ?? 0,
    ino: info.ino ?? 0,
    target: type === "link" ? await Deno.readLink(absolute) : "",
  };
}

/** A name that went away since its folder was read is not there; another look tells. */
function faultOf(path: string, error: unknown): string[] {
  if (error instanceof Deno.errors.PermissionDenied) return [`${path} may not be read`];
  const gone = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
  if (!gone) throw error;
  // The runtime hands out such names with replacement characters, and cannot open them.
  return path.includes("\uFFFD") ? [`${path} has a name that is not UTF-8`] : [];
}

/**
 * Looks at everything below a folder. Links are taken as links and never followed.
 *
 * @param top Absolute.
 * @param excluded Paths that are left out, with all below them.
 */
export async function readTree(
  top: string,
  { excluded = [], signal }: { excluded?: readonly string[]; signal?: AbortSignal } = {},
): Promise<TreeLook> {
  const left = new Set(excluded);
  const look: TreeLook = { entries: [], faults: [] };
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    try {
      for await (const { name } of Deno.readDir(join(top, folder))) {
        const path = folder === "" ? name : `${folder}/${name}`;
        if (left.has(path)) continue;
        const facts = await factsOf(top, path).catch((error) => {
          look.faults.push(...faultOf(path, error));
        });
        if (facts === undefined) continue;
        look.entries.push(facts);
        if (facts.type === "folder") folders.push(path);
      }
    } catch (error) {
      look.faults.push(...faultOf(folder === "" ? top : folder, error));
    }
  }
  look.entries.sort((a, b) => a.path < b.path ? -1 : 1);
  look.faults.sort();
  return look;
}
