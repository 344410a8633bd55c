import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { copy } from "@std/fs/copy";
import { emptyDir } from "@std/fs/empty-dir";
import { ensureDir } from "@std/fs/ensure-dir";
import { exists } from "@std/fs/exists";
import { move } from "@std/fs/move";
import { join } from "@std/path/join";
import { toFileUrl } from "@std/path/to-file-url";

/** Runs a test in a directory of its own, with links resolved in its path. */
function test(name: string, run: (dir: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const dir = await Deno.realPath(await Deno.makeTempDir());
    try {
      await run(dir);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

async function namesIn(dir: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(dir));
  return entries.map((entry) => entry.name).sort();
}

test("exists() tells files, directories and nothing apart", async (dir) => {
  const file = join(dir, "file");
  await Deno.writeTextFile(file, "");
  assert(await exists(file));
  assert(await exists(toFileUrl(file)));
  assert(await exists(file, { isFile: true }));
  assertFalse(await exists(file, { isDirectory: true }));
  assert(await exists(dir, { isDirectory: true }));
  assertFalse(await exists(dir, { isFile: true }));
  assertFalse(await exists(join(dir, "nothing")));
  assertFalse(await exists(join(dir, "nothing"), { isFile: true }));
});

test("exists() follows links, so a dangling one does not exist", async (dir) => {
  await Deno.symlink(join(dir, "gone"), join(dir, "dangling"));
  await Deno.symlink(dir, join(dir, "self"));
  assertFalse(await exists(join(dir, "dangling")));
  assert(await exists(join(dir, "self"), { isDirectory: true }));
});

test("exists() refuses to look for a file that is a directory", async (dir) => {
  await assertRejects(
    () => exists(dir, { isFile: true, isDirectory: true }),
    TypeError,
    "ExistsOptions.options.isDirectory and ExistsOptions.options.isFile must not be true together",
  );
});

test("ensureDir() creates parents and accepts a directory or a link to one", async (dir) => {
  const deep = join(dir, "a", "b");
  await ensureDir(deep);
  await ensureDir(deep);
  await ensureDir(toFileUrl(deep));
  await Deno.symlink(deep, join(dir, "link"));
  await ensureDir(join(dir, "link"));
  assert((await Deno.stat(deep)).isDirectory);
});

test("ensureDir() refuses a file and leaves it alone", async (dir) => {
  const file = join(dir, "file");
  await Deno.writeTextFile(file, "kept");
  await assertRejects(
    () => ensureDir(file),
    Error,
    "Failed to ensure directory exists: expected 'dir', got 'file'",
  );
  assertEquals(await Deno.readTextFile(file), "kept");
});

test("emptyDir() removes everything inside, or creates the directory", async (dir) => {
  await ensureDir(join(dir, "full", "deep"));
  await Deno.writeTextFile(join(dir, "full", "deep", "file"), "");
  await Deno.writeTextFile(join(dir, "full", ".hidden"), "");
  await emptyDir(join(dir, "full"));
  assertEquals(await namesIn(join(dir, "full")), []);
  await emptyDir(join(dir, "new", "deep"));
  assertEquals(await namesIn(join(dir, "new", "deep")), []);
});

test("emptyDir() refuses a file", async (dir) => {
  await Deno.writeTextFile(join(dir, "file"), "kept");
  await assertRejects(() => emptyDir(join(dir, "file")), Deno.errors.NotADirectory);
  assertEquals(await Deno.readTextFile(join(dir, "file")), "kept");
});

test("copy() copies files, links as links, and whole directories", async (dir) => {
  await ensureDir(join(dir, "from", "deep"));
  await Deno.writeTextFile(join(dir, "from", "deep", "file"), "text");
  await Deno.symlink("deep/file", join(dir, "from", "link"));
  await copy(join(dir, "from"), join(dir, "to"));
  assertEquals(await Deno.readTextFile(join(dir, "to", "deep", "file")), "text");
  assertEquals(await Deno.readLink(join(dir, "to", "link")), "deep/file");
});

test("copy() refuses an existing destination unless told to overwrite", async (dir) => {
  const [from, to] = [join(dir, "from"), join(dir, "to")];
  await Deno.writeTextFile(from, "new");
  await Deno.writeTextFile(to, "old");
  await assertRejects(() => copy(from, to), Deno.errors.AlreadyExists, `'${to}' already exists.`);
  assertEquals(await Deno.readTextFile(to), "old");
  await copy(from, to, { overwrite: true });
  assertEquals(await Deno.readTextFile(to), "new");
});

test("copy() merges into an existing directory when told to overwrite", async (dir) => {
  const [from, to] = [join(dir, "from"), join(dir, "to")];
  await ensureDir(from);
  await ensureDir(to);
  await Deno.writeTextFile(join(from, "a"), "");
  await Deno.writeTextFile(join(to, "b"), "");
  await copy(from, to, { overwrite: true });
  assertEquals(await namesIn(to), ["a", "b"]);
});

test("copy() refuses the same path, its own inside, and a file as target of a directory", async (dir) => {
  const [from, file] = [join(dir, "from"), join(dir, "file")];
  await ensureDir(from);
  await Deno.writeTextFile(file, "");
  await assertRejects(
    () => copy(from, join(dir, ".", "from")),
    Error,
    "Source and destination cannot be the same",
  );
  await assertRejects(
    () => copy(from, join(from, "in")),
    Error,
    `Cannot copy '${from}' to a subdirectory of itself: '${join(from, "in")}'`,
  );
  await assertRejects(
    () => copy(from, file, { overwrite: true }),
    Error,
    `Cannot overwrite non-directory '${file}' with directory '${from}'`,
  );
  await copy(from, `${from}-sibling`); // shares the prefix of the name, not the directory
  await assertRejects(() => copy(join(dir, "nothing"), join(dir, "x")), Deno.errors.NotFound);
});

test("copy() takes over times when told to", async (dir) => {
  const [from, to] = [join(dir, "from"), join(dir, "to")];
  await Deno.writeTextFile(from, "");
  await Deno.utime(from, 1_000, 2_000);
  await copy(from, to, { preserveTimestamps: true });
  assertEquals((await Deno.stat(to)).mtime, new Date(2_000_000));
});

const maySeeUser = await Promise.all(
  (["uid", "gid"] as const).map((kind) => Deno.permissions.query({ name: "sys", kind })),
);
const needs = maySeeUser.every(({ state }) => state === "granted")
  ? undefined
  : "--allow-sys=uid,gid is not granted";

Deno.test({
  name: `exists() asks the mode bits whether a file is readable${
    needs ? ` (skipped: ${needs})` : ""
  }`,
  ignore: needs !== undefined || Deno.build.os === "windows",
  fn: async () => {
    const file = await Deno.makeTempFile();
    try {
      await Deno.chmod(file, 0o200);
      assertFalse(await exists(file, { isReadable: true }));
      assert(await exists(file));
      await Deno.chmod(file, 0o400);
      assert(await exists(file, { isReadable: true }));
    } finally {
      await Deno.remove(file);
    }
  },
});

test("move() renames, and refuses an existing destination unless told to overwrite", async (dir) => {
  const [from, to] = [join(dir, "from"), join(dir, "to")];
  await Deno.writeTextFile(from, "new");
  await Deno.writeTextFile(to, "old");
  await assertRejects(() => move(from, to), Deno.errors.AlreadyExists, "dest already exists.");
  assertEquals(await Deno.readTextFile(to), "old");
  await move(from, to, { overwrite: true });
  assertEquals(await namesIn(dir), ["to"]);
  assertEquals(await Deno.readTextFile(to), "new");
  await move(to, to, { overwrite: true });
  assertEquals(await Deno.readTextFile(to), "new");
});

test("move() refuses to put a directory into itself", async (dir) => {
  const from = join(dir, "from");
  await ensureDir(from);
  await assertRejects(
    () => move(from, join(from, "in")),
    Error,
    `Cannot move '${from}' to a subdirectory of itself, '${join(from, "in")}'.`,
  );
  await move(from, `${from}-sibling`);
  await assertRejects(() => move(from, join(dir, "x")), Deno.errors.NotFound);
});
