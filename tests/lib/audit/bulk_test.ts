import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { BulkFollower } from "../../../lib/audit/bulk.ts";
import { ChainHead } from "../../../lib/audit/chain.ts";
import { readLine } from "../../../lib/audit/entry.ts";
import { LineScanner } from "../../../lib/audit/scan_line.ts";
import { pad, paddedLength, sha256 } from "../../../lib/audit/sha256.ts";
import { Lanes } from "../../../lib/audit/sha256_lanes.ts";
import { joinLines, sampleLog, sampleRecord, seeded } from "./sample_log.ts";

const digestOf = async (message: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", message));

Deno.test("sha256() and Lanes.hash() agree with WebCrypto for every length up to 300", async () => {
  const lanes = new Lanes(1 << 16);
  for (let length = 0; length <= 300; length++) {
    const padded = paddedLength(length);
    const messages = [0, 1, 2, 3].map(() => crypto.getRandomValues(new Uint8Array(length)));
    const places = messages.map((message, i) => {
      const at = Lanes.FIRST + i * padded;
      lanes.bytes.set(message, at);
      pad(lanes.bytes, at, length);
      return at;
    });
    const [a, b, c, d] = places;
    lanes.hash(a!, b!, c!, d!, padded / 64);
    for (const [lane, message] of messages.entries()) {
      const want = await digestOf(message);
      assertEquals(sha256(message), want);
      const words = new DataView(want.buffer);
      for (let i = 0; i < 8; i++) assertEquals(lanes.words[4 * i + lane], words.getInt32(4 * i));
    }
  }
});

Deno.test("following in bulk gets where following one by one gets, whatever the pieces", () => {
  const { lines } = sampleLog(Array.from({ length: 700 }, (_, i) => sampleRecord(i)));
  const random = seeded(3);
  for (let round = 0; round < 8; round++) {
    const [one, bulk] = [new ChainHead(), new ChainHead()];
    const follower = new BulkFollower();
    for (let at = 0; at < lines.length;) {
      const piece = lines.slice(at, at + 1 + Math.floor(random() * 600));
      piece.forEach((line) => assertEquals(one.accept(line), undefined));
      let taken = 0;
      for (let bytes = joinLines(piece); bytes.length > 0;) {
        const length = follower.follow(bulk, bytes, Infinity, new Uint8Array());
        taken += length;
        bytes = bytes.slice(length);
        if (length > 0) continue;
        const end = bytes.indexOf(10); // one beyond the ordinary
        assertEquals(bulk.accept(bytes.slice(0, end)), undefined);
        bytes = bytes.slice(end + 1);
      }
      assert(taken > 0 || piece.length < 4);
      assertEquals([bulk.at, bulk.tree().root()], [one.at, one.tree().root()]);
      assertEquals(bulk.before, one.before);
      at += piece.length;
    }
  }
});

/** A scanner over lines of its own, which answers whether one was taken whole. */
function lineScanner() {
  const memory = new Uint8Array(1 << 12);
  const scanner = new LineScanner(memory);
  const takes = (line: Uint8Array) => {
    memory.fill(0);
    memory.set(line);
    if (scanner.scan(0) !== line.length) return false;
    const text = new TextDecoder().decode(line);
    return /"entry_hash":"[0-9a-f]{64}","prev_hash":"([0-9a-f]{64})?"/.test(text);
  };
  return { scanner, takes };
}

Deno.test("LineScanner never takes a line that readLine() does not", () => {
  const line = sampleLog([sampleRecord(1), sampleRecord(2)]).lines[1]!;
  const { scanner, takes } = lineScanner();
  assert(takes(line));
  const pieces = [...'{}[]",:\\0123456789.-+eE truefalsn\u0000é'].map((c) =>
    new TextEncoder().encode(c)
  );
  let taken = 0;
  const change = fc.tuple(
    fc.nat(line.length - 1),
    fc.nat(3),
    fc.array(fc.constantFrom(...pieces), { maxLength: 4 }),
  );
  fc.assert(
    fc.property(change, ([at, cut, put]) => {
      const bytes = Uint8Array.from([
        ...line.slice(0, at),
        ...put.flatMap((p) => [...p]),
        ...line.slice(at + cut),
      ]);
      if (!takes(bytes)) return true;
      taken += 1;
      const read = readLine(bytes);
      return !("defect" in read) && read.seq === scanner.seq && read.ts === scanner.ts;
    }),
    { numRuns: 20_000 },
  );
  assert(taken > 1_000, `${taken} changed lines were taken`);
});

Deno.test("LineScanner takes numbers in their one spelling only", () => {
  const line = new TextDecoder().decode(sampleLog([sampleRecord(1)]).lines[0]!);
  const scanner = lineScanner();
  const takes = (number: string) =>
    scanner.takes(new TextEncoder().encode(line.replace('"n":1', `"n":${number}`)));
  for (
    const good of ["0", "-1", "1.5", "0.000001", "999999999999999", "-0.25", "12345678.1234567"]
  ) {
    assert(takes(good), good);
  }
  for (
    const bad of ["-0", "01", "1.0", "1.50", ".5", "1.", "+1", "0.0000001", "1e5", "-0.0", "0.0"]
  ) {
    assert(!takes(bad), bad);
  }
});
