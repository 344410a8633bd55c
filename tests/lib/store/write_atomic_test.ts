import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { createExclusive, writeAtomic } from "../../../lib/store/write_atomic.ts";
import { killHard, readAtLeast, spawnModule } from "../../support/run_module.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const WRITER = new URL("./writer.ts", import.meta.url);
const CREATOR = new URL("./creator.ts", import.meta.url);
const LINES = 5_000;

/** A writer's text is one line over and over: a cut or mixed one has another length or two lines. */
function assertWhole(text: string): void {
  const lines = text.trimEnd().split("\n");
  assertEquals([lines.length, new Set(lines).size], [LINES, 1]);
}

Deno.test("writeAtomic() killed anywhere leaves old or new content, never half", async () => {
  using folder = new TempFolder();
  const path = folder.file("state.json");
  await writeAtomic(path, "0.0\n".repeat(LINES));
  for (let round = 1; round <= 8; round++) {
    const child = spawnModule(WRITER, [path, String(LINES)]);
    await readAtLeast(child, 1 + round % 5);
    await killHard(child);
    assertWhole(await Deno.readTextFile(path));
  }
  for (const name of folder.names()) assertMatch(name, /^state\.json(\.[0-9a-f-]{36}\.tmp)?$/);
});

Deno.test("writeAtomic() by several processes at once leaves the whole text of one", async () => {
  using folder = new TempFolder();
  const path = folder.file("state.json");
  const children = [1, 2, 3].map(() => spawnModule(WRITER, [path, String(LINES)]));
  await Promise.all(children.map((child) => readAtLeast(child, 1)));
  for (let look = 0; look < 50; look++) assertWhole(await Deno.readTextFile(path));
  await Promise.all(children.map(killHard));
});

Deno.test("createExclusive() by several processes lets exactly one win, with a whole file", async () => {
  using folder = new TempFolder();
  const path = folder.file("once.json");
  const children = ["a", "b", "c", "d"].map((text) =>
    spawnModule(CREATOR, [path, text], { stdin: "piped" })
  );
  await Promise.all(children.map((child) => readAtLeast(child, 1)));
  await Promise.all(children.map((child) => child.stdin.close()));
  const outputs = await Promise.all(children.map((child) => child.output()));
  const words = outputs.map(({ stdout }) => new TextDecoder().decode(stdout)).sort();
  assertEquals(words, ["lost", "lost", "lost", "won"]);
  assertMatch(await Deno.readTextFile(path), /^(a{20000}|b{20000}|c{20000}|d{20000})$/);
  assertEquals(folder.names(), ["once.json"]);
});

Deno.test("createExclusive() changes nothing where the name is taken, even by a dangling link", async () => {
  using folder = new TempFolder();
  await Deno.writeTextFile(folder.file("taken"), "mine");
  await Deno.symlink(folder.file("nowhere"), folder.file("link"));
  for (const name of ["taken", "link"]) {
    await assertRejects(() => createExclusive(folder.file(name), "x"), Deno.errors.AlreadyExists);
  }
  assertEquals(await Deno.readTextFile(folder.file("taken")), "mine");
  assertEquals(folder.names(), ["link", "taken"]);
});

Deno.test("writeAtomic() leaves no temporary file where it fails", async () => {
  using folder = new TempFolder();
  await Deno.mkdir(folder.file("folder"));
  await assertRejects(() => writeAtomic(folder.file("folder"), "x"));
  await assertRejects(() => writeAtomic(folder.file("no/such/file"), "x"), Deno.errors.NotFound);
  assertEquals(folder.names(), ["folder"]);
});

Deno.test("writeAtomic() gives a private file its mode before it has content", async () => {
  using folder = new TempFolder();
  await writeAtomic(folder.file("key"), "secret", { mode: 0o600 });
  assertEquals((await Deno.stat(folder.file("key"))).mode! & 0o777, 0o600);
});

Deno.test("writeAtomic() writes an empty text and bytes as they are", async () => {
  using folder = new TempFolder();
  await writeAtomic(folder.file("empty"), "");
  await writeAtomic(folder.file("bytes"), Uint8Array.of(0, 255, 10));
  assertEquals((await Deno.stat(folder.file("empty"))).size, 0);
  assertEquals(await Deno.readFile(folder.file("bytes")), Uint8Array.of(0, 255, 10));
});
