import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { UsageError } from "../../../lib/command/errors.ts";
import { compareTree } from "../../../lib/recovery/compare_tree.ts";
import { damageCopy } from "../../../lib/recovery/damage_copy.ts";
import { newestRecord } from "../../../lib/recovery/newest_record.ts";
import { probeTemplate } from "../../../lib/recovery/probe_copy.ts";
import { proveCopy, type RestoreOrder } from "../../../lib/recovery/prove_copy.ts";
import type { TreeEntry } from "../../../lib/recovery/snapshot_manifest.ts";
import { takeSnapshot } from "../../../lib/recovery/take_snapshot.ts";
import { NEVER } from "../../support/recovery_site.ts";
import { type Content, TempRepository } from "../../support/temp_repository.ts";

/** A copy of these files, with a folder to restore it into. */
async function copyOf(
  files: Record<string, Content>,
): Promise<{ repository: TempRepository; order: RestoreOrder; entries: TreeEntry[] }> {
  const repository = await TempRepository.make(
    Object.fromEntries(Object.entries(files).map(([path, content]) => [`p/${path}`, content])),
  );
  await Deno.mkdir(repository.path("b"));
  const ids = { commit: "", correlation_id: "", release_candidate_id: "" };
  const { manifest } = await takeSnapshot({
    primary: repository.path("p"),
    excluded: [],
    staging: repository.path("copy"),
    attempts: 1,
    about: { name: "s", created_at: 1, primary: "p", ...ids },
    signal: NEVER,
  });
  const { entries } = manifest!;
  const data = repository.path("copy/data");
  const order = { data, entries, record: undefined };
  return { repository, entries, order: { ...order, root: repository.root, signal: NEVER } };
}

const FILES = { "a": "12345678", "c/b": "87654321", "c/d": "x" };

const TAMPERED: Record<string, [(data: string) => Promise<void>, string]> = {
  "lost a file": [(data) => Deno.remove(join(data, "a")), "a missing"],
  "has one byte changed": [(data) => Deno.writeTextFile(join(data, "a"), "12345679"), "a digest"],
  "has a file cut off": [(data) => Deno.truncate(join(data, "c/b"), 3), "c/b size"],
};

for (const [what, [tamper, difference]] of Object.entries(TAMPERED)) {
  Deno.test(`proveCopy() finds that a copy ${what}, and neither probes nor damages it`, async () => {
    const { repository, order } = await copyOf(FILES);
    await using _ = repository;
    await tamper(order.data);
    const { comparison, damage, probe } = await proveCopy(order, repository.path("b"));
    const named = comparison.differences.map(({ path, what }) => `${path} ${what}`);
    assertEquals([comparison.same, named], [false, [difference]]);
    assertEquals([damage, probe], [[], undefined]);
    assertEquals(await repository.list("b"), []);
  });
}

for (const count of [1, 2, 3, 7]) {
  Deno.test(`proveCopy() notices each damage in a copy of ${count} files with content`, async () => {
    const names = Array.from({ length: count }, (_, at) => `f${at}`);
    const { repository, order } = await copyOf({
      ...Object.fromEntries(names.map((name) => [name, "y"])),
      "empty": "",
    });
    await using _ = repository;
    await Deno.chmod(join(order.data, "f0"), 0o444);
    const entries = order.entries.map((entry) =>
      entry.path === "f0" && entry.type === "file" ? { ...entry, mode: 0o444 } : entry
    );
    const { comparison, damage } = await proveCopy({ ...order, entries }, repository.path("b"));
    assertEquals(comparison.same, true);
    assertEquals(damage.map((row) => [row.damage, row.detected]), [
      ["flip", true],
      ["drop", true],
      ["truncate", true],
    ]);
    if (count >= 3) assertEquals(new Set(damage.map(({ path }) => path)).size, 3);
  });
}

Deno.test("damageCopy() says what it cannot notice", async () => {
  const { repository, order, entries } = await copyOf({ "a": "12345678" });
  await using _ = repository;
  const [file] = entries;
  assert(file?.type === "file");
  // A manifest that does not hold the file: a comparison by it is blind to the damage.
  const blind = [{ ...file, path: "other" }];
  assertEquals(await damageCopy(order.data, order.data, blind, NEVER), []);
});

const DIFFERENCES: Record<string, [(top: string) => Promise<void>, string[]]> = {
  "nothing": [() => Promise.resolve(), []],
  "an added file": [(top) => Deno.writeTextFile(join(top, "new"), ""), ["new added"]],
  "another mode": [(top) => Deno.chmod(join(top, "a"), 0o611), ["a mode"]],
  "another mode of a folder": [(top) => Deno.chmod(join(top, "c"), 0o711), ["c mode"]],
  "another time": [(top) => Deno.utime(join(top, "a"), 1, 1), ["a time"]],
  "a link instead of a file": [async (top) => {
    await Deno.remove(join(top, "a"));
    await Deno.symlink("c/b", join(top, "a"));
  }, ["a type"]],
  "another link target": [async (top) => {
    await Deno.remove(join(top, "link"));
    await Deno.symlink("c/d", join(top, "link"));
  }, ["link target"]],
  "a missing folder": [
    (top) => Deno.remove(join(top, "c"), { recursive: true }),
    ["c missing", "c/b missing", "c/d missing"],
  ],
};

for (const [what, [change, wanted]] of Object.entries(DIFFERENCES)) {
  Deno.test(`compareTree() names ${what}`, async () => {
    const { repository, order } = await copyOf(FILES);
    await using _ = repository;
    for (const path of ["a", "c"]) await Deno.chmod(join(order.data, path), 0o755);
    await Deno.symlink("a", join(order.data, "link"));
    const entries = order.entries.map((entry) =>
      ["a", "c"].includes(entry.path) && entry.type !== "link" ? { ...entry, mode: 0o755 } : entry
    ).concat({ type: "link", path: "link", target: "a" });
    await change(order.data);
    const { differences, same } = await compareTree(order.data, entries, NEVER);
    assertEquals(differences.map(({ path, what }) => `${path} ${what}`), wanted);
    assertEquals(same, wanted.length === 0);
  });
}

Deno.test("compareTree() finds nothing the same where there is nothing", async () => {
  await using repository = await TempRepository.make({});
  assertEquals((await compareTree(repository.path("security"), [], NEVER)).same, false);
});

for (
  const [command, why] of [
    ["cat file", "must pass {restored}"],
    ["sh -c 'cat {restored}/a'", "is a shell"],
    ["cat {restored}/a | wc", '"|" has no meaning without a shell'],
    ["cat {restore}", 'unknown placeholder "restore"'],
    ["check --password hunter22 {restored}", '"password" would put a secret'],
    ["{restored}/run", "the program must not be a placeholder"],
  ] as const
) {
  Deno.test(`probeTemplate() refuses ${command}`, () => {
    const { message } = assertThrows(() => probeTemplate(command), UsageError);
    assert(message.includes(why), message);
  });
}

Deno.test("newestRecord() reads the time of a JSON document, of the last line, or of the files", async () => {
  await using repository = await TempRepository.make({
    "log": '{"ts":1}\n{"ts":"1970-01-01T00:00:07Z"}\n',
    "doc": { meta: { at: 5.5 } },
    "bad": "{",
  });
  const newest = { path: "x", mtime_ms: 9000 };
  const comparison = { newest } as Parameters<typeof newestRecord>[1];
  const read = (path: string, pointer: string) =>
    newestRecord(repository.root, comparison, { path, pointer });
  const none = newestRecord(repository.root, comparison, undefined);
  assertEquals(none, { path: "x", by: "file time", at_s: 9 });
  assertEquals(read("log", "/ts"), { path: "log", by: "/ts", at_s: 7 });
  assertEquals(read("doc", "/meta/at"), { path: "doc", by: "/meta/at", at_s: 5.5 });
  for (const [path, pointer] of [["bad", "/a"], ["doc", "/none"], ["gone", "/a"]] as const) {
    assert("fault" in read(path, pointer));
  }
});
