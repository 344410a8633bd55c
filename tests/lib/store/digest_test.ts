import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { sha256File, sha256Hex } from "../../../lib/store/digest.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const MIB = 1 << 20;

// FIPS 180-4, examples of SHA-256.
const FIPS_180: [text: string, digest: string][] = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
];

for (const [text, digest] of FIPS_180) {
  Deno.test(`sha256Hex() agrees with FIPS 180-4 on ${text.length} characters`, async () => {
    assertEquals(await sha256Hex(text), digest);
    assertEquals(await sha256Hex(new TextEncoder().encode(text)), digest);
  });
}

Deno.test("sha256File() gives the same digest as a stream and at once, on both sides of the limit", async () => {
  using folder = new TempFolder();
  const path = folder.file("large");
  for (const size of [0, 1, 4 * MIB, 4 * MIB + 1, 5 * MIB + 7]) {
    const bytes = new Uint8Array(size).fill(size % 251);
    await Deno.writeFile(path, bytes);
    assertEquals(await sha256File(path), { sha256: await sha256Hex(bytes), size });
  }
});

Deno.test("sha256File() does not hold a large file in memory", async () => {
  using folder = new TempFolder();
  const path = folder.file("large");
  using file = await Deno.open(path, { write: true, create: true });
  await file.truncate(256 * MIB);
  const before = Deno.memoryUsage().rss;
  const { size } = await sha256File(path);
  assertEquals(size, 256 * MIB);
  assert(Deno.memoryUsage().rss - before < 128 * MIB);
});

Deno.test("sha256File() throws where there is no file", async () => {
  await assertRejects(() => sha256File("/no/such/file"), Deno.errors.NotFound);
});

Deno.test("sha256Hex() tells any two different texts apart", async () => {
  await fc.assert(fc.asyncProperty(fc.string(), fc.string(), async (a, b) => {
    const same = new TextEncoder().encode(a).join() === new TextEncoder().encode(b).join();
    assertEquals(await sha256Hex(a) === await sha256Hex(b), same);
  }));
});
