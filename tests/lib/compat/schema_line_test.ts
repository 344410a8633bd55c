import { assert, assertEquals } from "@std/assert";
import { compareSchemas, lineFaults, schemaLine } from "../../../lib/compat/schema_line.ts";

const policy = (more: Record<string, unknown> = {}) => ({
  current: "5.2",
  backward_read_compatible: ["5.2"],
  ...more,
});

Deno.test("compareSchemas() orders by number, not by text", () => {
  assertEquals(["2.10", "10.0", "2.9"].sort(compareSchemas), ["2.9", "2.10", "10.0"]);
});

Deno.test("schemaLine() takes the neighbours that history and planned_next name", () => {
  const line = schemaLine(policy({ history: ["4.9", "5.0", "5.2"], planned_next: "6.0" }));
  assert(line.isPrevious("5.0"));
  assert(!line.isPrevious("5.1"), "one minor lower was never released");
  assert(!line.isPrevious("4.9"), "lower, but not adjacent");
  assert(line.isNext("6.0"));
  assert(!line.isNext("5.3"));
  assertEquals(line.assumed, {});
});

Deno.test("schemaLine() prefers a released successor to the planned one", () => {
  const line = schemaLine(policy({ history: ["5.2", "5.4"], planned_next: "6.0" }));
  assert(line.isNext("5.4"));
  assert(!line.isNext("6.0"));
});

Deno.test("schemaLine() says what it assumes where the policy says nothing", () => {
  const line = schemaLine(policy());
  assert(line.isPrevious("5.1"));
  assert(!line.isPrevious("5.0"));
  assert(line.isNext("5.3") && line.isNext("6.0"));
  assert(!line.isNext("8.8"), "8.8 does not follow 5.2");
  assertEquals(Object.keys(line.assumed), ["previous", "next"]);
});

Deno.test("schemaLine() takes any minor of the major before as N-1 of a x.0", () => {
  const line = schemaLine(policy({ current: "5.0" }));
  assert(line.isPrevious("4.7"));
  assert(!line.isPrevious("3.9"));
});

Deno.test("schemaLine() knows no N-1 of the first schema of history", () => {
  assertEquals(schemaLine(policy({ history: ["5.2"] })).previous, undefined);
});

const FAULTS: [title: string, more: Record<string, unknown>, fault: string][] = [
  ["history without current", { history: ["5.1"] }, "history lacks 5.2"],
  ["history out of order", { history: ["5.1", "5.0", "5.2"] }, "history names 5.0 after 5.1"],
  [
    "a plan that goes backwards",
    { planned_next: "5.1" },
    "planned_next is 5.1, which does not follow 5.2",
  ],
  [
    "current that is not readable",
    { backward_read_compatible: ["5.1"] },
    "backward_read_compatible lacks 5.2",
  ],
  [
    "a readable schema nobody released",
    { history: ["5.1", "5.2"], backward_read_compatible: ["4.0", "5.2"] },
    "backward_read_compatible names 4.0, which history does not know",
  ],
];

for (const [title, more, fault] of FAULTS) {
  Deno.test(`lineFaults() finds ${title}`, () => {
    assertEquals(lineFaults(policy(more)), [fault]);
  });
}

Deno.test("lineFaults() finds nothing in a consistent line", () => {
  const consistent = { history: ["5.1", "5.2"], planned_next: "5.3" };
  assertEquals(lineFaults(policy(consistent)), []);
});
