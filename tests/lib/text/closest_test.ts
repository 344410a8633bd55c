import { assertEquals } from "@std/assert";
import { closest } from "../../../lib/text/closest.ts";

const KNOWN = ["strict", "max-age-s", "backward_read_compatible"];

const CASES: [name: string, expected: string | undefined][] = [
  ["strct", "strict"],
  ["backward_read_compatable", "backward_read_compatible"],
  ["strict", "strict"],
  ["frobnicate", undefined],
  ["", undefined],
  ["x".repeat(10_000_000), undefined],
];

for (const [name, expected] of CASES) {
  Deno.test(`closest() answers ${expected} for "${name.slice(0, 30)}"`, async () => {
    assertEquals(await closest(name, KNOWN), expected);
  });
}

Deno.test("closest() answers nothing where nothing is known", async () => {
  assertEquals(await closest("strict", []), undefined);
});
