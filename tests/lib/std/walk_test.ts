import { assertEquals, assertRejects } from "@std/assert";
import { walk, type WalkOptions } from "@std/fs/walk";
import { join } from "@std/path/join";
import { toFileUrl } from "@std/path/to-file-url";

/**
 * Runs a test in a directory that holds
 * `a.ts`, `b.md`, `sub/c.ts`, `sub/deep/d.json`, `file_link -> a.ts`, `dir_link -> sub`.
 */
function test(name: string, run: (dir: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const dir = await Deno.realPath(await Deno.makeTempDir());
    try {
      await Deno.mkdir(join(dir, "sub", "deep"), { recursive: true });
      for (const path of ["a.ts", "b.md", "sub/c.ts", "sub/deep/d.json"]) {
        await Deno.writeTextFile(join(dir, path), "");
      }
      await Deno.symlink(join(dir, "a.ts"), join(dir, "file_link"));
      await Deno.symlink(join(dir, "sub"), join(dir, "dir_link"));
      await run(dir);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

/** Paths found, without the directory, sorted. */
async function found(dir: string, options?: WalkOptions): Promise<string[]> {
  const entries = await Array.fromAsync(walk(dir, options));
  return entries.map(({ path }) => path.slice(dir.length).replaceAll("\\", "/")).sort();
}

const FILES = ["/a.ts", "/b.md", "/sub/c.ts", "/sub/deep/d.json"];
const LINKS = ["/dir_link", "/file_link"];
const DIRS = ["", "/sub", "/sub/deep"];

test("walk() yields the root, every file and directory, and links as themselves", async (dir) => {
  assertEquals(await found(dir), [...FILES, ...LINKS, ...DIRS].sort());
});

test("walk() describes each entry", async (dir) => {
  const entries = await Array.fromAsync(walk(dir));
  const kinds = entries.map(({ name, isFile, isDirectory, isSymlink }) => ({
    name,
    kind: [isFile && "file", isDirectory && "dir", isSymlink && "link"].filter(Boolean).join(),
  }));
  const kindOf = (name: string): string | undefined => kinds.find((k) => k.name === name)?.kind;
  assertEquals(["a.ts", "sub", "dir_link"].map(kindOf), ["file", "dir", "link"]);
  assertEquals(entries[0]?.path, dir);
});

test("walk() takes a file URL", async (dir) => {
  const entries = await Array.fromAsync(walk(toFileUrl(dir)));
  assertEquals(entries.length, FILES.length + LINKS.length + DIRS.length);
});

test("walk() includes kinds one by one", async (dir) => {
  assertEquals(await found(dir, { includeDirs: false, includeSymlinks: false }), FILES);
  assertEquals(await found(dir, { includeFiles: false, includeSymlinks: false }), DIRS);
  assertEquals(await found(dir, { includeFiles: false, includeDirs: false }), LINKS);
});

test("walk() goes no deeper than maxDepth", async (dir) => {
  assertEquals(await found(dir, { maxDepth: -1 }), []);
  assertEquals(await found(dir, { maxDepth: 0 }), [""]);
  assertEquals(
    await found(dir, { maxDepth: 1, includeSymlinks: false }),
    ["", "/a.ts", "/b.md", "/sub"],
  );
  assertEquals(await found(dir, { maxDepth: Infinity, includeDirs: false, exts: ["json"] }), [
    "/sub/deep/d.json",
  ]);
});

test("walk() accepts exts with and without the dot", async (dir) => {
  const expected = ["/a.ts", "/sub/c.ts"];
  assertEquals(await found(dir, { exts: ["ts"] }), expected);
  assertEquals(await found(dir, { exts: [".ts"] }), expected);
  assertEquals(await found(dir, { exts: ["json", ".md"] }), ["/b.md", "/sub/deep/d.json"]);
});

test("walk() tests match and skip against the whole path", async (dir) => {
  assertEquals(await found(dir, { match: [/\bsub\b.*\.(ts|json)$/] }), [
    "/sub/c.ts",
    "/sub/deep/d.json",
  ]);
  assertEquals(await found(dir, { skip: [/deep$/], includeDirs: false, includeSymlinks: false }), [
    "/a.ts",
    "/b.md",
    "/sub/c.ts",
  ]);
  assertEquals(await found(dir, { skip: [/./] }), []);
});

test("walk() descends into a directory that match leaves out, not into one that skip names", async (dir) => {
  assertEquals(await found(dir, { match: [/d\.json$/] }), ["/sub/deep/d.json"]);
  assertEquals(await found(dir, { match: [/d\.json$/], skip: [/sub$/] }), []);
});

test("walk() puts a followed link under its real path", async (dir) => {
  const paths = await found(join(dir), { followSymlinks: true, includeDirs: false });
  assertEquals(paths, [
    "/a.ts",
    "/a.ts",
    "/b.md",
    "/sub/c.ts",
    "/sub/c.ts",
    "/sub/deep/d.json",
    "/sub/deep/d.json",
  ]);
});

test("walk() keeps the link's path when told not to canonicalize", async (dir) => {
  const options = { followSymlinks: true, canonicalize: false, includeDirs: false, exts: ["ts"] };
  assertEquals(await found(dir, options), ["/a.ts", "/dir_link/c.ts", "/sub/c.ts"]);
});

test("walk() rejects a root that is missing or, below depth 0, a file", async (dir) => {
  await assertRejects(
    () => Array.fromAsync(walk(join(dir, "nothing"))),
    Deno.errors.NotFound,
  );
  await assertRejects(
    () => Array.fromAsync(walk(join(dir, "a.ts"))),
    Deno.errors.NotADirectory,
  );
});
