import { assertEquals, assertThrows } from "@std/assert";
import { migrate } from "../../../lib/compat/migrate.ts";
import { applyOperation } from "../../../lib/compat/operations.ts";
import type { Migration, Operation } from "../../../lib/policy/release_compat_matrix.ts";

type Document = Record<string, unknown>;

const CASES: [title: string, before: Document, operation: Operation, after: Document][] = [
  ["default sets what is absent", {}, { op: "default", path: "/a", value: 1 }, { a: 1 }],
  ["default keeps what is there", { a: 0 }, { op: "default", path: "/a", value: 1 }, { a: 0 }],
  [
    "default reaches every member through *",
    { c: { x: {}, y: { r: "eu" } } },
    { op: "default", path: "/c/*/r", value: "us" },
    { c: { x: { r: "us" }, y: { r: "eu" } } },
  ],
  ["drop takes a key away", { a: 1, b: 2 }, { op: "drop", path: "/a" }, { b: 2 }],
  ["drop of what is absent changes nothing", { b: 2 }, { op: "drop", path: "/a/x" }, { b: 2 }],
  ["rename keeps the value", { a: 1 }, { op: "rename", path: "/a", to: "b" }, { b: 1 }],
  [
    "rename reaches every item through *",
    { l: [{ a: 1 }, {}] },
    { op: "rename", path: "/l/*/a", to: "b" },
    { l: [{ b: 1 }, {}] },
  ],
  [
    "move goes into another object",
    { a: 1, o: {} },
    { op: "move", from: "/a", to: "/o/b" },
    { o: { b: 1 } },
  ],
];

for (const [title, before, operation, after] of CASES) {
  Deno.test(`applyOperation(): ${title}`, () => {
    const document = structuredClone(before);
    applyOperation(document, operation);
    assertEquals(document, after);
  });
}

Deno.test("applyOperation() never overwrites by rename or move", () => {
  const rename: Operation = { op: "rename", path: "/a", to: "b" };
  assertThrows(() => applyOperation({ a: 1, b: 2 }, rename), RangeError, "is there already");
  const move: Operation = { op: "move", from: "/a", to: "/b" };
  assertThrows(() => applyOperation({ a: 1, b: 2 }, move), RangeError, "is there already");
  const nowhere: Operation = { op: "move", from: "/a", to: "/x/b" };
  assertThrows(() => applyOperation({ a: 1 }, nowhere), RangeError, "no object to hold it");
});

const STEPS: Migration[] = [
  {
    from: "1.0",
    to: "1.1",
    up: [{ op: "rename", path: "/name", to: "title" }],
    down: [{ op: "rename", path: "/title", to: "name" }],
  },
  { from: "1.1", to: "2.0", up: [{ op: "default", path: "/tags", value: [] }] },
];

function read(value: Document, fromSchema: string, toSchema: string) {
  const text = JSON.stringify(value);
  const request = { text, value, path: undefined, fromSchema, toSchema, direction: "upgrade" };
  return migrate(request, STEPS, "/schema_version");
}

Deno.test("migrate() goes several schemas up, and restamps the document", () => {
  const answer = read({ schema_version: "1.0", name: "x" }, "1.0", "2.0");
  assertEquals(answer.ok && answer.value, { schema_version: "2.0", title: "x", tags: [] });
  assertEquals(answer.ok && answer.dropped, ["/name"]);
});

Deno.test("migrate() does not change the document it was given", () => {
  const value = { schema_version: "1.0", name: "x" };
  read(value, "1.0", "1.1");
  assertEquals(value, { schema_version: "1.0", name: "x" });
});

Deno.test("migrate() goes back down where a way down is declared, and only there", () => {
  const back = read({ title: "x" }, "1.1", "1.0");
  assertEquals(back.ok && back.value, { name: "x" });
  assertEquals(read({ title: "x" }, "2.0", "1.1"), {
    ok: false,
    why: "no declared migration leads from 2.0 to 1.1",
  });
});
