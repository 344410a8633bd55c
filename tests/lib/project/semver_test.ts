// @ts-types="@types/semver/functions/compare.d.ts"
import reference from "semver/functions/compare.js";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compareVersions, isSchemaVersion, isSemver } from "../../../lib/project/semver.ts";

const VERSIONS: [text: string, valid: boolean][] = [
  ["1.2.3", true],
  ["1.2.3-rc1", true],
  ["1.2.3-rc.1", true],
  ["1.2.3-rc.1+b5", true],
  ["0.0.0", true],
  ["1.0.0-0A.is.legal", true],
  ["1.0.0+0.build.1-rc.10000aaa-kk-0.1", true],
  ["999999999999999999.0.0", true],
  ["1.2", false],
  ["v1.2.3", false],
  ["01.2.3", false],
  ["1.2.3-..", false],
  ["1.2.3-01", false],
  ["1.2.3-", false],
  ["1.2.3+", false],
  ["1.2.3+a+b", false],
  ["1.2.3\n", false],
  [" 1.2.3", false],
  ["1.2.3-é", false],
  ["", false],
  [`1.2.3-${"a".repeat(300)}`, false],
];

for (const [text, valid] of VERSIONS) {
  Deno.test(`isSemver() ${valid ? "takes" : "refuses"} ${JSON.stringify(text.slice(0, 40))}`, () => {
    assertEquals(isSemver(text), valid);
  });
}

const SCHEMAS: [text: string, valid: boolean][] = [
  ["2.1", true],
  ["10.0", true],
  ["2", false],
  ["2.1.0", false],
  ["02.1", false],
  ["2.1\n", false],
  ["a.b", false],
];

for (const [text, valid] of SCHEMAS) {
  Deno.test(`isSchemaVersion() ${valid ? "takes" : "refuses"} ${JSON.stringify(text)}`, () => {
    assertEquals(isSchemaVersion(text), valid);
  });
}

Deno.test("compareVersions() keeps the order of SemVer 2.0.0, clause 11", () => {
  const rising = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0-rc.2",
    "1.0.0-rc.10",
    "1.0.0",
    "1.0.1",
    "1.0.10",
    "2.0.0",
  ];
  rising.forEach((a, i) =>
    rising.forEach((b, j) =>
      assertEquals(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} ${b}`)
    )
  );
  assertEquals(compareVersions("1.0.0+a", "1.0.0+b"), 0);
});

Deno.test("compareVersions() throws on what is no version instead of ordering it", () => {
  assertThrows(() => compareVersions("1.2.3", "v1.2.3"), RangeError, '"v1.2.3" is not SemVer');
});

Deno.test("compareVersions() orders any two versions as the reference implementation does, and the reverse the other way", () => {
  const identifier = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }).map(String),
    fc.nat({ max: 20 }).map(String),
    fc.stringMatching(/^[a-zA-Z-][0-9a-zA-Z-]{0,5}$/),
  );
  const version = fc.tuple(
    fc.nat({ max: 20 }),
    fc.nat({ max: 20 }),
    fc.nat({ max: 20 }),
    fc.array(identifier, { maxLength: 3 }),
  ).map(([a, b, c, pre]) => `${a}.${b}.${c}${pre.length > 0 ? `-${pre.join(".")}` : ""}`);
  fc.assert(fc.property(version, version, (a, b) => {
    assert(isSemver(a));
    assertEquals(Math.sign(compareVersions(a, b)), reference(a, b));
    assertEquals(Math.sign(compareVersions(b, a)), reference(b, a));
  }));
});
