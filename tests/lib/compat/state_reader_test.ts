import { assert, assertEquals } from "@std/assert";
import { generateDocuments } from "../../../lib/compat/generate_documents.ts";
import {
  readRegistryState,
  REGISTRY_FORMS,
  STATE_SCHEMA,
} from "../../../lib/compat/state_reader.ts";
import { newestShape, stateShapes } from "../../../lib/compat/state_shapes.ts";
import { compareSchemas } from "../../../lib/compat/schema_line.ts";
import { Inputs } from "../../../lib/command/inputs.ts";
import { ReleaseCompatMatrix } from "../../../lib/policy/release_compat_matrix.ts";

const fixture = (name: string): string =>
  Deno.readTextFileSync(new URL(`../../fixtures/compat/${name}.json`, import.meta.url));

const MATRIX = ReleaseCompatMatrix.parse({
  version: 1,
  reader: { kind: "release_channels" },
  cases: [],
});

const { shapes } = await stateShapes(MATRIX, new Inputs("."));

for (const schema of REGISTRY_FORMS.keys()) {
  Deno.test(`the registry of schema ${schema} is recognised as that, and only that`, () => {
    const document = JSON.parse(fixture(`registry_${schema}`));
    assertEquals(newestShape(document, shapes, compareSchemas), schema);
  });

  Deno.test(`documents generated for schema ${schema} satisfy it and are always the same`, async () => {
    const shape = shapes.get(schema)!;
    const [first, second] = [await generateDocuments(shape), await generateDocuments(shape)];
    assertEquals(first, second);
    assertEquals(first.length, 2);
    for (const { value } of first) assertEquals(shape.faults(value), []);
    const [minimal, full] = first.map(({ value }) => Object.keys(value).length);
    assert(minimal! < full!);
  });
}

Deno.test("readRegistryState() counts changes from 0 in a registry that never counted", () => {
  const answer = readRegistryState(fixture("registry_0.9"), "x", STATE_SCHEMA);
  assertEquals(answer.ok && answer.value.revision, 0);
});

Deno.test("readRegistryState() keeps what it does not know", () => {
  const later = readRegistryState(fixture("registry_1.1"), "x", STATE_SCHEMA);
  assertEquals(
    later.ok && later.value.previous_sha256,
    JSON.parse(fixture("registry_1.1")).previous_sha256,
  );
  const earlier = readRegistryState(fixture("registry_0.9"), "x", "0.9");
  assertEquals(earlier.ok && earlier.value, JSON.parse(fixture("registry_0.9")));
});

Deno.test("readRegistryState() refuses a damaged registry and an unknown schema", () => {
  const damaged = readRegistryState(fixture("registry_history_lost"), "x", STATE_SCHEMA);
  assert(!damaged.ok && damaged.why.includes("/history"));
  const unknown = readRegistryState(fixture("registry_1.0"), "x", "9.9");
  assertEquals(unknown, { ok: false, why: "no registry of schema 9.9 is known" });
});
