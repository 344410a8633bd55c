import { assertEquals, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { loadJson } from "../../../lib/policy/load.ts";
import { loadedCheck } from "../../../lib/report/loaded_check.ts";
import type { Check, Mode } from "../../../lib/report/check.ts";
import { TempFolder } from "../../support/temp_folder.ts";

const Schema = z.strictObject({ version: z.literal(1) });

async function checkOf(content: string | undefined, missing: Mode): Promise<Check> {
  using folder = new TempFolder();
  const path = folder.file("x.json");
  if (content !== undefined) await Deno.writeTextFile(path, content);
  return loadedCheck(
    "x_loaded",
    await loadJson(path, Schema, { shown: "security/x.json" }),
    missing,
  );
}

const CASES: [what: string, content: string | undefined, missing: Mode, ok: boolean, mode: Mode][] =
  [
    ["a sound file", '{"version":1}', "warn", true, "warn"],
    ["a missing file where that is a warning", undefined, "warn", false, "warn"],
    ["a missing file where it is needed", undefined, "enforce", false, "enforce"],
    ["a malformed file, even where missing is a warning", "{", "warn", false, "enforce"],
    ["a wrongly typed file, even where missing is a warning", "[]", "warn", false, "enforce"],
  ];

for (const [what, content, missing, ok, mode] of CASES) {
  Deno.test(`loadedCheck() ${ok ? "passes" : `fails in mode ${mode}`} for ${what}`, async () => {
    const check = await checkOf(content, missing);
    assertEquals([check.id, check.ok, check.mode], ["x_loaded", ok, mode]);
    assertEquals(check.hint !== undefined, !ok);
    assertEquals(check.location?.file, "security/x.json");
  });
}

Deno.test("loadedCheck() points at line and column, and tells what to mend", async () => {
  const check = await checkOf('{\n  "version": 2}', "warn");
  assertEquals(check.location, { file: "security/x.json", line: 2, column: 3 });
  assertStringIncludes(check.hint ?? "", "security/x.json:2:3 /version is 2, expected 1");
});
