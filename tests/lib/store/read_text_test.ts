import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { invalidUtf8At, readText } from "../../../lib/store/read_text.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const REFUSED: [what: string, bytes: number[], offset: number][] = [
  ["a lone continuation byte", [0x61, 0x80], 1],
  ["UTF-16 with its mark", [0xff, 0xfe, 0x61, 0x00], 0],
  ["an overlong slash", [0x61, 0x62, 0xc0, 0xaf], 2],
  ["a surrogate", [0xed, 0xa0, 0x80], 0],
  ["a character cut off at the end", [0x61, 0xe2, 0x82], 1],
  ["Latin-1", [...utf8("é"), 0xe9, 0x61], 2],
];

for (const [what, bytes, offset] of REFUSED) {
  Deno.test(`readText() refuses ${what} as malformed and names offset ${offset}`, () => {
    using folder = new TempFolder();
    Deno.writeFileSync(folder.file("x"), Uint8Array.from(bytes));
    const read = readText(folder.file("x"));
    assertEquals(read.state, "malformed");
    assert(read.state === "malformed");
    assertEquals(read.message, `is not UTF-8: wrong byte at offset ${offset}`);
    assertEquals(read.bytes, Uint8Array.from(bytes));
  });
}

Deno.test("readText() takes a byte-order mark off and says that it was there", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("x"), "\uFEFF{}\uFEFF");
  const read = readText(folder.file("x"));
  assert(read.state === "ok");
  assertEquals([read.text, read.bom, read.bytes.length], ["{}\uFEFF", true, 8]);
});

Deno.test("readText() refuses a file one byte above the limit, and takes it at the limit", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("x"), "12345");
  assertEquals(readText(folder.file("x"), 5).state, "ok");
  const read = readText(folder.file("x"), 4);
  assert(read.state === "unreadable");
  assertEquals(read.message, "is 5 bytes, limit is 4 bytes");
});

Deno.test("readText() tells a missing file from a folder, a pipe and a file used as a folder", async () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("file"), "");
  Deno.symlinkSync("nowhere", folder.file("dangling"));
  const made = await new Deno.Command("mkfifo", { args: [folder.file("pipe")] }).output();
  assert(made.success);
  const states = ["none", "dangling", ".", "pipe", "file/below", "nul\0byte"]
    .map((name) => readText(folder.file(name)).state);
  assertEquals(states, ["missing", "missing", ...Array(4).fill("unreadable")]);
});

Deno.test("readText() gives back any text that was written", () => {
  using folder = new TempFolder();
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    Deno.writeTextFileSync(folder.file("x"), text);
    const read = readText(folder.file("x"));
    assert(read.state === "ok");
    assertEquals((read.bom ? "\uFEFF" : "") + read.text, text);
  }));
});

Deno.test("invalidUtf8At() finds a wrong byte wherever it stands", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 200 });
  fc.assert(fc.property(text, text, (before, after) => {
    const bytes = Uint8Array.from([...utf8(before), 0xff, ...utf8(after)]);
    assertEquals(invalidUtf8At(bytes), utf8(before).length);
  }));
});
