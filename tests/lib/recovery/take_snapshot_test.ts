import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path/join";
import { compareTree } from "../../../lib/recovery/compare_tree.ts";
import { copyTree, removeTree } from "../../../lib/recovery/copy_tree.ts";
import { type SnapshotOrder, takeSnapshot } from "../../../lib/recovery/take_snapshot.ts";
import { manifestFault } from "../../../lib/recovery/snapshot_manifest.ts";
import { NEVER } from "../../support/recovery_site.ts";
import { TempRepository } from "../../support/temp_repository.ts";

const about = {
  name: "snapshot_1",
  created_at: 1,
  primary: ".data",
  commit: "",
  correlation_id: "",
  release_candidate_id: "",
};

function orderFor({ root }: TempRepository, more: Partial<SnapshotOrder> = {}): SnapshotOrder {
  const [primary, staging] = [join(root, "p"), join(root, "staging")];
  return { primary, staging, excluded: [], attempts: 1, about, signal: NEVER, ...more };
}

const FILES = { "p/a": "1234", "p/b": "5678", "p/c/d": "" };

/** Makes a file look as if nobody had touched it for long. */
async function age(path: string): Promise<void> {
  await Deno.utime(path, new Date(1e12), new Date(1e12));
}

Deno.test("takeSnapshot() copies bytes, permission bits, times, links and empty folders", async () => {
  await using repository = await TempRepository.make(FILES);
  await Deno.mkdir(repository.path("p/empty"));
  await Deno.symlink("../a", repository.path("p/c/link"));
  await Deno.symlink("nowhere", repository.path("p/dangling"));
  await Deno.chmod(repository.path("p/a"), 0o4640);
  await Deno.chmod(repository.path("p/c"), 0o510);
  await age(repository.path("p/b"));
  const { manifest, faults, changed } = await takeSnapshot(orderFor(repository));
  assertEquals([faults, changed], [[], []]);
  assertEquals(await manifestFault(manifest!), undefined);
  assertEquals(manifest!.entries.map(({ path, type }) => `${type} ${path}`), [
    ...["file a", "file b", "folder c", "file c/d", "link c/link", "link dangling"],
    "folder empty",
  ]);
  const data = repository.path("staging/data");
  const comparison = await compareTree(data, manifest!.entries, NEVER);
  assertEquals([comparison.same, comparison.tree_sha256], [true, manifest!.tree_sha256]);
  assertEquals((await Deno.lstat(join(data, "a"))).mode! & 0o7777, 0o4640);
  assertEquals((await Deno.lstat(join(data, "c"))).mode! & 0o7777, 0o510);
  assertEquals((await Deno.lstat(join(data, "b"))).mtime, new Date(1e12));
  assertEquals(await Deno.readLink(join(data, "dangling")), "nowhere");
});

Deno.test("takeSnapshot() streams a large file with the digest of its bytes", async () => {
  const big = new Uint8Array((5 << 20) + 3).map((_, at) => at % 251);
  await using repository = await TempRepository.make({ "p/big": big });
  const { manifest } = await takeSnapshot(orderFor(repository));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", big)).toHex();
  const [entry] = manifest!.entries;
  assert(entry?.type === "file");
  assertEquals([entry.size, entry.sha256], [big.length, digest]);
  assertEquals(await Deno.readFile(repository.path("staging/data/big")), big);
});

const CHANGES: Record<string, (root: string) => void> = {
  "grows": (root) => Deno.writeTextFileSync(join(root, "p/a"), "more", { append: true }),
  "is rewritten in the same length, with its time set back": (root) => {
    const { mtime } = Deno.statSync(join(root, "p/a"));
    Deno.writeTextFileSync(join(root, "p/a"), "4321");
    Deno.utimeSync(join(root, "p/a"), mtime!, mtime!);
  },
  "goes away": (root) => Deno.removeSync(join(root, "p/a")),
  "is replaced by another of the same bytes": (root) => {
    Deno.writeTextFileSync(join(root, "p/c/new"), "1234");
    Deno.renameSync(join(root, "p/c/new"), join(root, "p/a"));
  },
  "loses a permission": (root) => Deno.chmodSync(join(root, "p/a"), 0o600),
  "becomes a link": (root) => {
    Deno.removeSync(join(root, "p/a"));
    Deno.symlinkSync("b", join(root, "p/a"));
  },
};

for (const [what, change] of Object.entries(CHANGES)) {
  Deno.test(`takeSnapshot() makes none when a file ${what} after it was copied`, async () => {
    await using repository = await TempRepository.make(FILES);
    await Deno.chmod(repository.path("p/a"), 0o644);
    const onCopied = (path: string): void => {
      if (path === "b") change(repository.root);
    };
    const { manifest, changed } = await takeSnapshot(orderFor(repository, { onCopied }));
    assertEquals([manifest, changed], [undefined, ["a"]]);
    assertEquals(await repository.list("staging"), []);
  });
}

Deno.test("takeSnapshot() copies a primary anew until it comes to rest", async () => {
  await using repository = await TempRepository.make(FILES);
  let changes = 0;
  const onCopied = (path: string): void => {
    if (path !== "b" || changes === 2) return;
    changes += 1;
    Deno.writeTextFileSync(repository.path("p/a"), `change ${changes}`);
  };
  const { manifest, attempts } = await takeSnapshot(
    orderFor(repository, { onCopied, attempts: 3 }),
  );
  assertEquals([attempts, changes], [3, 2]);
  assertEquals(await repository.read("staging/data/a"), "change 2");
  assert(manifest !== undefined);
});

Deno.test("takeSnapshot() names what was added, and leaves out what is excluded", async () => {
  await using repository = await TempRepository.make({ ...FILES, "p/out/x": "1" });
  const onCopied = (path: string): void => {
    if (path !== "b") return;
    Deno.writeTextFileSync(repository.path("p/out/y"), "2");
    Deno.writeTextFileSync(repository.path("p/c/new"), "2");
  };
  const order = orderFor(repository, { onCopied, excluded: ["out"] });
  assertEquals((await takeSnapshot(order)).changed, ["c/new"]);
  const { manifest } = await takeSnapshot({ ...order, onCopied: () => {} });
  assertEquals(manifest!.excluded, ["out"]);
  assert(!manifest!.entries.some(({ path }) => path.startsWith("out")));
});

Deno.test("takeSnapshot() names links that lead out, and sockets and pipes", async () => {
  await using repository = await TempRepository.make(FILES);
  for (const [name, target] of [["up", "../x"], ["abs", "/etc"], ["in", "c/../a"]] as const) {
    await Deno.symlink(target, repository.path(`p/${name}`));
  }
  await new Deno.Command("mkfifo", { args: [repository.path("p/pipe")] }).output();
  const { outside, special, manifest } = await takeSnapshot(orderFor(repository));
  assertEquals([outside, special], [["abs", "up"], ["pipe"]]);
  assert(!manifest!.entries.some(({ path }) => path === "pipe"));
});

Deno.test({
  name: "takeSnapshot() makes none when a name is not UTF-8, and says so",
  ignore: Deno.build.os !== "linux", // other file systems refuse such a name
  fn: async () => {
    await using repository = await TempRepository.make(FILES);
    await new Deno.Command("sh", {
      args: ["-c", `touch "$(printf 'bad\\377')"`],
      cwd: repository.path("p"),
    }).output();
    const { manifest, faults } = await takeSnapshot(orderFor(repository));
    assertEquals([manifest, faults], [undefined, ["bad\uFFFD has a name that is not UTF-8"]]);
  },
});

Deno.test("copyTree() says which file went away, and removeTree() removes locked folders", async () => {
  await using repository = await TempRepository.make({ "from/a": "1" });
  await Deno.mkdir(repository.path("to"));
  const row = { type: "file", mode: 0o600, size: 1, mtime_ms: 0 } as const;
  const { copied, faults } = await copyTree({
    from: repository.path("from"),
    to: repository.path("to"),
    rows: [{ ...row, path: "gone" }, { ...row, path: "x/a" }, { ...row, path: "a" }, {
      type: "folder",
      path: "x",
      mode: 0,
    }],
    signal: NEVER,
  });
  assertEquals([...copied.keys()], ["a"]);
  assertEquals(faults, [
    "gone went away while it was copied",
    "x/a went away while it was copied",
  ]);
  await removeTree(repository.path("to"));
  await removeTree(repository.path("to"));
  assertEquals(await repository.list("."), ["from", "security"]);
});
