import { assertEquals } from "@std/assert";
import { stamp, writeArtifact } from "../../../lib/report/artifact.ts";
import { TempFolder } from "../../support/temp_folder.ts";

Deno.test("stamp() is the UTC second in the form that sorts", () => {
  assertEquals(stamp(1_767_225_600.999), "20260101T000000Z");
  assertEquals(stamp(951_782_400), "20000229T000000Z");
});

Deno.test("writeArtifact() never writes over an artifact of the same second", async () => {
  using folder = new TempFolder();
  const spec = { prefix: "sample_gate", epochS: 1_767_225_600 };
  const paths: string[] = [];
  for (let i = 0; i < 12; i++) {
    paths.push(await writeArtifact(folder.path, spec, (path) => `${i} ${path}`));
  }
  assertEquals(paths.slice(0, 3), [
    ".data/out/sample_gate_20260101T000000Z.json",
    ".data/out/sample_gate_20260101T000000Z_1.json",
    ".data/out/sample_gate_20260101T000000Z_2.json",
  ]);
  assertEquals(new Set(paths).size, 12);
  for (const [i, path] of paths.entries()) {
    assertEquals(await Deno.readTextFile(folder.file(path)), `${i} ${path}`);
  }
});

Deno.test("writeArtifact() takes another extension and makes its folder", async () => {
  using folder = new TempFolder();
  const spec = { prefix: "page", epochS: 0, extension: "html" };
  assertEquals(
    await writeArtifact(folder.path, spec, () => ""),
    ".data/out/page_19700101T000000Z.html",
  );
});
