/**
 * Every report that a preflight leaves keeps to its schema by a validator that the toolkit itself
 * does not use, whether the run went well or every policy was broken.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { governedRepository } from "../support/governed.ts";
import { runScript } from "../support/run_script.ts";
import type { TempRepository } from "../support/temp_repository.ts";

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

/** What of the reports in a repository breaks the schema of their kind, and how many there are. */
async function violations(repository: TempRepository): Promise<{ found: string[]; count: number }> {
  const found: string[] = [];
  const names = (await repository.list(".data/out")).filter((name) => name.endsWith(".json"));
  for (const name of names) {
    const report = await repository.json<{ kind: string }>(`.data/out/${name}`);
    const path = `security/schemas/artifacts/${report.kind}.schema.json`;
    const validate = ajv.compile({ ...JSON.parse(await Deno.readTextFile(path)), $id: name });
    if (!validate(report)) found.push(`${name}: ${ajv.errorsText(validate.errors)}`);
  }
  return { found, count: names.length };
}

async function preflight(repository: TempRepository): Promise<number> {
  const end = await runScript("release_preflight", ["--quick"], { root: repository.root });
  assert([0, 2].includes(end.code), end.stderr);
  return end.code;
}

Deno.test("every report of a preflight keeps to the schema of its kind", async () => {
  await using repository = await governedRepository();
  await preflight(repository);
  const { found, count } = await violations(repository);
  assertEquals(found, []);
  assert(count >= 10, `${count} reports`);
});

Deno.test("every report of a preflight whose policies are all broken keeps to the schema of its kind", async () => {
  await using repository = await governedRepository();
  for (const name of await repository.list("security")) {
    if (name.endsWith(".json")) await repository.write(`security/${name}`, '{ "version": 1, ');
  }
  assertEquals(await preflight(repository), 2);
  const { found, count } = await violations(repository);
  assertEquals(found, []);
  assert(count >= 8, `${count} reports`);
});
