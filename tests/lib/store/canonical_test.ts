import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { canonicalJson } from "../../../lib/store/canonical.ts";

const VECTORS = new URL("../../../../shared/vectors/jcs/", import.meta.url);

function isThere(url: URL): boolean {
  try {
    return Deno.statSync(url).isDirectory;
  } catch {
    return false;
  }
}

const present = isThere(VECTORS);
for (const name of ["arrays", "french", "structures", "unicode", "values", "weird"]) {
  const why = present ? "" : " (skipped: ../shared/vectors/jcs is not there)";
  Deno.test({
    name: `canonicalJson() writes the bytes that RFC 8785's test data has for ${name}${why}`,
    ignore: !present,
    fn: async () => {
      const input = await Deno.readTextFile(new URL(`input/${name}.json`, VECTORS));
      const hex = await Deno.readTextFile(new URL(`outhex/${name}.txt`, VECTORS));
      const bytes = new TextEncoder().encode(canonicalJson(JSON.parse(input)));
      assertEquals(bytes.toHex(), hex.replaceAll(/\s/g, ""));
    },
  });
}

Deno.test("canonicalJson() refuses what has no JSON form", () => {
  for (const value of [undefined, NaN, Infinity, () => 1, "\ud800", { a: "\udc00" }]) {
    assertThrows(() => canonicalJson(value), TypeError, "Cannot canonicalise");
  }
});

Deno.test("canonicalJson() does not depend on the order of keys, and loses nothing", () => {
  fc.assert(fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (value) => {
    const turned = Object.fromEntries(Object.entries(value).reverse());
    assertEquals(canonicalJson(turned), canonicalJson(value));
    assertEquals(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
  }));
});
