import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { copy } from "@std/fs/copy";
import { fillRegions } from "../../lib/references/generated_files.ts";
import { table } from "../../lib/references/tables.ts";
import { TempRepository } from "../support/temp_repository.ts";
import { failedIds } from "../support/run_script.ts";

const COPIED = ["scripts", "lib", "security", "docs"];
const FILES = ["README.md", "deno.json", "deno.lock", "import_map.json"];

/** Runs the generator of a copy of the toolkit: it writes into the toolkit it belongs to. */
async function generate(
  root: string,
  ...args: string[]
): Promise<{ code: number; stdout: string }> {
  const source = await Deno.readTextFile(`${root}/scripts/generate_references.ts`);
  const permissions = source.split("\n", 1)[0]!.split(" deno run ")[1]!.split(" ");
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, "scripts/generate_references.ts", "--json", ...args],
    cwd: root,
    stderr: "null",
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

Deno.test("generate_references finds each stale file, mends it, and then finds nothing", async () => {
  await using repository = await TempRepository.make({});
  for (const folder of COPIED) await copy(folder, repository.path(folder), { overwrite: true });
  for (const file of FILES) await copy(file, repository.path(file));
  const docs = await repository.read("docs/ENVIRONMENT.md");
  await repository.write(
    "docs/ENVIRONMENT.md",
    docs.replace("WA_RELEASE_GOVERNANCE_STRICT", "WA_NONSENSE"),
  );
  await repository.write("security/schemas/release_policy.schema.json", "{}");
  await repository.write("security/schemas/nobody.schema.json", "{}");
  const stale = await generate(repository.root, "--check");
  assertEquals(stale.code, 2, stale.stdout);
  assertEquals(failedIds(JSON.parse(stale.stdout)).sort(), [
    "generated_current::docs/ENVIRONMENT.md",
    "generated_current::security/schemas/nobody.schema.json",
    "generated_current::security/schemas/release_policy.schema.json",
  ]);
  assertEquals((await generate(repository.root)).code, 0);
  assertEquals(await repository.read("docs/ENVIRONMENT.md"), docs);
  const current = await generate(repository.root, "--check");
  assertEquals(current.code, 0, current.stdout);
});

Deno.test("fillRegions() fills marked regions only, and refuses a region that nothing makes", () => {
  const text = "a\n<!-- generated:one -->\nold\n<!-- /generated -->\nb\n";
  const filled = fillRegions(text, { one: "new" }, "x.md");
  assertEquals(filled, "a\n<!-- generated:one -->\n\nnew\n\n<!-- /generated -->\nb\n");
  assertThrows(
    () => fillRegions(text, {}, "x.md"),
    Error,
    'x.md has a region "one" that nothing generates',
  );
});

Deno.test("table() keeps a cell in its cell", () => {
  assertStringIncludes(table(["a"], [["x | y\nz"]]), "| x \\| y z |");
});
