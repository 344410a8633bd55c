import { assertEquals } from "@std/assert";
import { readGitAnchors, writeGitAnchor } from "../../../lib/audit/anchors.ts";
import { TempRepository } from "../../support/temp_repository.ts";

const note = (n: number): string => `ops\n${n}\n${"A".repeat(43)}=\n\n— ops AAAA${n}\n`;

Deno.test("readGitAnchors() reads every note of a ref, however many, from any folder", async () => {
  await using it = await TempRepository.make({ "sub/x": "x" }, { git: true });
  const head = await it.git("rev-parse", "HEAD");
  const notes = new Map([[head, note(0)]]);
  await writeGitAnchor(it.root, "audit", note(0));
  // 300 commits and notes at once: git itself would take a process for each.
  const commit = (n: number) =>
    `commit refs/heads/many\nmark :${n}\ncommitter t <t@example.invalid> ${n} +0000\ndata 0\n` +
    `${n === 1 ? `from ${head}\n` : ""}\n`;
  const line = (n: number) => `N inline :${n}\ndata ${byteLength(note(n))}\n${note(n)}\n`;
  const numbers = Array.from({ length: 300 }, (_, i) => i + 1);
  await fastImport(
    it,
    numbers.map(commit).join("") +
      "commit refs/notes/audit\ncommitter t <t@example.invalid> 1 +0000\ndata 0\n" +
      `from refs/notes/audit^0\n${numbers.map(line).join("")}\n`,
  );
  const rows = (await it.git("rev-list", "--reverse", `${head}..refs/heads/many`)).split("\n");
  rows.forEach((id, i) => notes.set(id, note(i + 1)));
  const found = async (root: string, ref: string) =>
    new Map((await readGitAnchors(root, ref)).map(({ name, note }) => [name, note]));
  const wanted = new Map([...notes].map(([id, text]) => [`note of ${id.slice(0, 12)}`, text]));
  assertEquals(wanted.size, 301);
  for (const ref of ["audit", "notes/audit", "refs/notes/audit"]) {
    assertEquals(await found(it.root, ref), wanted);
  }
  assertEquals(await found(it.path("sub"), "audit"), wanted);
});

Deno.test("readGitAnchors() gives a note byte for byte, whatever git is configured to print", async () => {
  await using it = await TempRepository.make({ x: "x" }, { git: true });
  for (const key of ["lineNumber", "column", "fullName", "extendedRegexp"]) {
    await it.git("config", `grep.${key}`, "true");
  }
  await it.git("config", "color.ui", "always");
  await writeGitAnchor(it.root, "audit", note(1));
  assertEquals((await readGitAnchors(it.root, "audit")).map(({ note }) => note), [note(1)]);
});

Deno.test("readGitAnchors() finds none where there is no such ref, and none outside git", async () => {
  await using it = await TempRepository.make({ x: "x" }, { git: true });
  assertEquals(await readGitAnchors(it.root, "audit"), []);
  await using outside = await TempRepository.make({ x: "x" });
  assertEquals(await readGitAnchors(outside.root, "audit"), []);
});

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

async function fastImport(it: TempRepository, stream: string): Promise<void> {
  const child = new Deno.Command("git", {
    args: ["fast-import", "--quiet"],
    cwd: it.root,
    stdin: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stream));
  await writer.close();
  const { success, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
