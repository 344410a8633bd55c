import { assertEquals } from "@std/assert";
import { migrationVersions, moveDirection } from "../../../lib/compat/migration_versions.ts";
import { shortestPath } from "../../../lib/compat/shortest_path.ts";
import { type TestedCase, testedWay, versionGraph } from "../../../lib/compat/version_graph.ts";
import { compareVersions as compare, isSemver } from "../../../lib/project/semver.ts";

function case_(from: string, to: string, more: Partial<TestedCase> = {}): TestedCase {
  return {
    id: `${from}>${to}`,
    direction: "upgrade",
    from_version: from,
    to_version: to,
    from_schema: "1.0",
    to_schema: "1.0",
    expect_readable: true,
    ok: true,
    ...more,
  };
}

const graph = (...cases: TestedCase[]) => versionGraph(cases, isSemver, compare);
const way = (cases: TestedCase[], from: string, to: string): string[] | undefined =>
  testedWay(graph(...cases).upgrades, from, to)?.map((hop) => hop.to);

Deno.test("versionGraph() orders versions by SemVer 2.0.0", () => {
  const versions = ["1.0.0", "1.0.0-rc.10", "1.0.0-rc.2", "1.0.0-alpha", "0.9.0"];
  assertEquals(graph(...versions.map((version) => case_(version, version))).versions, [
    "0.9.0",
    "1.0.0-alpha",
    "1.0.0-rc.2",
    "1.0.0-rc.10",
    "1.0.0",
  ]);
});

Deno.test("testedWay() finds a way of several hops, and the shortest one", () => {
  const hops = [case_("1.0.0", "1.1.0"), case_("1.1.0", "1.2.0")];
  assertEquals(way(hops, "1.0.0", "1.2.0"), ["1.1.0", "1.2.0"]);
  assertEquals(way([...hops, case_("1.0.0", "1.2.0")], "1.0.0", "1.2.0"), ["1.2.0"]);
  assertEquals(way(hops, "1.2.0", "1.0.0"), undefined);
});

Deno.test("versionGraph() has no hop that one of its cases fails, refuses or only rolls back", () => {
  assertEquals(way([case_("1.0.0", "1.1.0", { ok: false })], "1.0.0", "1.1.0"), undefined);
  const mixed = [case_("1.0.0", "1.1.0"), case_("1.0.0", "1.1.0", { id: "b", ok: false })];
  assertEquals(way(mixed, "1.0.0", "1.1.0"), undefined);
  assertEquals(
    way([case_("1.0.0", "1.1.0", { expect_readable: false })], "1.0.0", "1.1.0"),
    undefined,
  );
  assertEquals(
    way([case_("1.0.0", "1.1.0", { direction: "rollback" })], "1.0.0", "1.1.0"),
    undefined,
  );
});

Deno.test("shortestPath() ends in circles and needs no step to stay", () => {
  const circle = [{ from: "a", to: "b" }, { from: "b", to: "a" }];
  assertEquals(shortestPath(circle, "a", "c"), undefined);
  assertEquals(shortestPath(circle, "a", "a"), []);
});

const NONE = { fromFlag: undefined, toFlag: undefined, code: "", stable: undefined, matrix: [] };
const INFERRED: [title: string, hints: Partial<typeof NONE> | object, expected: string][] = [
  [
    "flags win",
    { fromFlag: "1.0.0", toFlag: "2.0.0", code: "3.0.0", stable: "4.0.0" },
    "1.0.0 flag, 2.0.0 flag",
  ],
  [
    "stable, then code",
    { code: "2.0.0", stable: "1.5.0", matrix: ["1.0.0"] },
    "1.5.0 stable_channel, 2.0.0 code",
  ],
  [
    "the nearest lower one where stable serves the target",
    { code: "2.0.0", stable: "2.0.0", matrix: ["2.0.0-rc.2", "1.0.0", "2.0.0-rc.10", "3.0.0"] },
    "2.0.0-rc.10 nearest_lower_in_matrix, 2.0.0 code",
  ],
  ["the target where nothing is lower", { code: "1.0.0" }, "1.0.0 same_as_target, 1.0.0 code"],
  ["nothing at all", {}, " none,  none"],
];

for (const [title, hints, expected] of INFERRED) {
  Deno.test(`migrationVersions(): ${title}`, () => {
    const found = migrationVersions({ ...NONE, ...hints }, compare);
    assertEquals(`${found.from} ${found.fromRule}, ${found.to} ${found.toRule}`, expected);
  });
}

Deno.test("moveDirection() goes by SemVer precedence", () => {
  const direction = (from: string, to: string) => moveDirection({ from, to }, compare);
  assertEquals(direction("1.0.0-rc.2", "1.0.0-rc.10"), "upgrade");
  assertEquals(direction("1.0.0", "1.0.0-rc.10"), "downgrade");
  assertEquals(direction("1.0.0+a", "1.0.0+b"), "same");
  assertEquals(direction("v1.0.0", "1.0.0"), "unknown");
});
