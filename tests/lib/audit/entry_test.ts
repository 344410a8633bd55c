import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type AuditRecord,
  AuditRecordError,
  composeLine,
  entryHash,
  MAX_DEPTH,
  readLine,
} from "../../../lib/audit/entry.ts";
import { Frontier, leafHash } from "../../../lib/audit/merkle_tree.ts";
import { canonicalJson } from "../../../lib/store/canonical.ts";
import { sampleRecord } from "./sample_log.ts";
import { vectorsAt } from "./vectors.ts";

const encoder = new TextEncoder();
const COMMON = {
  schema_version: 2,
  actor: "release-bot",
  source: "release_channel_control",
  status: "ok",
};
const FIRST = {
  ...COMMON,
  seq: 1,
  ts: 1771718400.125,
  action: "release_channel_set",
  context: { channel: "canary", to_version: "1.4.0" },
  prev_hash: "",
};
const SECOND = {
  ...COMMON,
  seq: 2,
  ts: 1771718401,
  action: "release_channel_promote",
  context: { source: "canary", target: "stable", "\u{1f600}": 1, "\ufb33": 2 },
  prev_hash: entryHash(FIRST),
};
const lineOf = (entry: Record<string, unknown>) =>
  encoder.encode(canonicalJson({ ...entry, entry_hash: entryHash(entry) }));

Deno.test("entry hashes, leaf hashes and root are the published ones", () => {
  const lines = [FIRST, SECOND].map(lineOf);
  assertEquals([FIRST, SECOND].map(entryHash), [
    "1e8eb92904e45aefceff891873a6c23e44ce0bb43130ef1dca9382c6864aafc0",
    "286f5671d230fbfe7d031886e639af6ec066f6951693fff88c40ce81671d464d",
  ]);
  assertEquals(lines.map((line) => leafHash(line).toHex()), [
    "566156423c08c6e380398ef22e02e273df95a143948067193e7e3be6ec81d20a",
    "0101f45b369b19046b44b85d60a65cc187d770f70eace24291a67d2b7230e1a7",
  ]);
  const tree = new Frontier();
  lines.forEach((line) => tree.push(leafHash(line)));
  assertEquals(
    tree.root().toHex(),
    "6967b810d9f920bcebd7c589b7885603acf106309be7376ab458297dc2381579",
  );
  for (const line of lines) {
    const read = readLine(line);
    assert(!("defect" in read) && read.entryHash === read.computedHash);
  }
});

const PREDECESSOR = '{"action": "a", "actor": "b", "context": {}, "entry_hash": "' +
  '1dbe72d879d8629778532f6823846168c0f77f25734f4fae222e7b97f2a8acba", "prev_hash": "", ' +
  '"schema_version": 1, "seq": 1, "source": "c", "status": "ok", "ts": 1771718400.0}';

Deno.test("a line of the older form has the published hash, which is not its RFC 8785 one", () => {
  const read = readLine(encoder.encode(PREDECESSOR));
  assert(!("defect" in read));
  assertEquals([read.version, read.computedHash], [1, read.entryHash]);
  const { entry_hash: _, ...entry } = JSON.parse(PREDECESSOR);
  assertEquals(
    entryHash(entry),
    "76e32df699a298b2facbbb0849666cad255a0bea5f1e91c586013bc7203abcec",
  );
});

const RESPELT: [name: string, change: (line: string) => string][] = [
  ["a number without its fraction", (line) => line.replace("1771718400.0", "1771718400")],
  ["a missing space", (line) => line.replace(": ", ":")],
  [
    "another key order",
    (line) => line.replace('"action": "a", "actor": "b"', '"actor": "b", "action": "a"'),
  ],
  ["a key twice", (line) => line.replace("{", '{"action": "z", ')],
  ["an escaped letter", (line) => line.replace('"b"', '"\\u0062"')],
  ["Infinity", (line) => line.replace("1771718400.0", "Infinity")],
  ["1e400", (line) => line.replace("1771718400.0", "1e400")],
];
for (const [name, change] of RESPELT) {
  Deno.test(`a line of the older form with ${name} is not that entry`, () => {
    const read = readLine(encoder.encode(change(PREDECESSOR)));
    assert("defect" in read || read.computedHash !== read.entryHash);
  });
}

Deno.test("composeLine() refuses what a reader would reject", () => {
  const nested = (depth: number): unknown => depth === 0 ? 0 : [nested(depth - 1)];
  const cases: [Partial<AuditRecord>, string][] = [
    [{ action: " " }, "action is blank"],
    [{ actor: "" }, "actor is blank"],
    [{ source: "\t" }, "source is blank"],
    [{ status: "" }, "status is blank"],
    [{ context: { a: NaN } }, "NaN"],
    [{ context: { a: 2 ** 53 } }, "beyond the integers"],
    [{ context: { a: "\ud800" } }, "surrogate"],
    [{ context: { a: "x".repeat(65_536) } }, "exceeds 65536 bytes"],
    [{ context: { a: nested(MAX_DEPTH) } }, "nesting exceeds"],
    [{ context: [] as unknown as Record<string, unknown> }, "context is not an object"],
    [{ context: { a: 1n } }, "Cannot record"],
  ];
  const place = { seq: 1, prevHash: "", ts: 1, clockSkewMs: 0 };
  for (const [change, why] of cases) {
    assertThrows(
      () => composeLine({ ...sampleRecord(1), ...change }, place),
      AuditRecordError,
      why,
    );
  }
  composeLine({ ...sampleRecord(1), context: { a: nested(MAX_DEPTH - 2) } }, place);
});

Deno.test("readLine() answers hostile bytes with a defect", () => {
  const line = new TextDecoder().decode(lineOf(FIRST));
  for (
    const bad of [
      "",
      "null",
      "[]",
      "{}",
      "[".repeat(60_000),
      `{"context":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
      "x".repeat(70_000),
      line.replace('"seq":1', '"seq":"1"'),
      line.replace('"seq":1', '"seq":1.5'),
      line.replace('"prev_hash":""', '"prev_hash":null'),
      line.replace('"schema_version":2', '"schema_version":99'),
      line.replace('"ts":1771718400.125', '"ts":-1'),
      line.replace('"ts":1771718400.125', '"ts":1771718400125'),
      line.replace("{", '{"__proto__":1,'),
    ]
  ) assert("defect" in readLine(encoder.encode(bad)), bad.slice(0, 40));
});

Deno.test("any record that is composed is read back with its own hash", () => {
  const context = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
  fc.assert(
    fc.property(context, fc.string({ minLength: 1, unit: "binary" }), (context, actor) => {
      const place = { seq: 7, prevHash: "a".repeat(64), ts: 1.5, clockSkewMs: 3 };
      let line: Uint8Array;
      try {
        line = composeLine({ ...sampleRecord(1), actor, context }, place);
      } catch (error) {
        return error instanceof AuditRecordError;
      }
      const read = readLine(line);
      return !("defect" in read) && read.computedHash === read.entryHash;
    }),
    { numRuns: 300 },
  );
});

const jcs = vectorsAt("jcs/");
Deno.test({
  name: `canonicalJson() gives the published bytes of RFC 8785${jcs.reason}`,
  ignore: !jcs.present,
  async fn() {
    let files = 0;
    for await (const { name } of Deno.readDir(new URL("input/", jcs.url))) {
      const input = await Deno.readTextFile(new URL(`input/${name}`, jcs.url));
      const hex = await Deno.readTextFile(
        new URL(`outhex/${name.replace(".json", ".txt")}`, jcs.url),
      );
      const bytes = encoder.encode(canonicalJson(JSON.parse(input)));
      assertEquals(bytes.toHex(), hex.replace(/\s/g, ""), name);
      files += 1;
    }
    assertEquals(files, 6);
  },
});

const NUMBERS: [string, string][] = [
  ["333333333.33333329", "333333333.3333333"],
  ["1E30", "1e+30"],
  ["4.50", "4.5"],
  ["2e-3", "0.002"],
  ["1e-27", "1e-27"],
  ["-0", "0"],
  ["1e-7", "1e-7"],
  ["1771718400.0", "1771718400"],
];
Deno.test("canonicalJson() spells numbers and orders keys as RFC 8785 does", () => {
  for (const [from, to] of NUMBERS) assertEquals(canonicalJson(JSON.parse(from)), to);
  const keys = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"];
  const shuffled = Object.fromEntries(keys.toReversed().map((key) => [key, 0]));
  assertEquals(canonicalJson(shuffled), `{${keys.map((key) => `${JSON.stringify(key)}:0`)}}`);
});
