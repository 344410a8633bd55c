import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { join } from "@std/path/join";
import { copiedFiles, copySources } from "../../../lib/rollback/copy_sources.ts";
import { rehearseRestore } from "../../../lib/rollback/restore_bundle.ts";
import { verifyBundle } from "../../../lib/rollback/verify_bundle.ts";
import { publishBundle, stagingFolder } from "../../../lib/rollback/write_bundle.ts";
import { TempRepository } from "../../support/temp_repository.ts";

/** A bundle of two files in a temporary repository. */
async function bundled(): Promise<{ repository: TempRepository; folder: string }> {
  const repository = await TempRepository.make({
    "CHANGES.md": "# Changes\n",
    "security/release_channels.json": {
      ...{ version: 1, updated_at: 0, history: [] },
      channels: { stable: { version: "1.0.0", rollout_percent: 100, updated_at: 0 } },
    },
  });
  const outDir = repository.path(".data/out");
  const staging = await stagingFolder(outDir);
  const sources = ["CHANGES.md", "security/release_channels.json"].map((path) => (
    { path, group: "document" as const, required: true }
  ));
  const rows = await copySources(repository.root, staging, sources, []);
  const { folder } = await publishBundle(staging, outDir, {
    ...{ schema_version: 1, kind: "rollback_bundle", name: "rollback_bundle_1", label: "" },
    ...{ created_at: 1, commit: "", release_candidate_id: "", correlation_id: "" },
    ...{ release: null, restore: [] },
    files: copiedFiles(rows),
  });
  return { repository, folder };
}

const TAMPERINGS: [name: string, tamper: (folder: string) => Promise<void>, says: string][] = [
  ["a flipped byte", async (folder) => {
    const path = join(folder, "security/release_channels.json");
    const bytes = await Deno.readFile(path);
    bytes[10]! ^= 1;
    await Deno.writeFile(path, bytes);
  }, "security/release_channels.json is not as it was"],
  ["a removed file", (folder) => Deno.remove(join(folder, "CHANGES.md")), "CHANGES.md is missing"],
  [
    "an added file",
    (folder) => Deno.writeTextFile(join(folder, "new"), "x"),
    "new does not belong to the bundle",
  ],
  ["a file replaced by a link", async (folder) => {
    await Deno.remove(join(folder, "CHANGES.md"));
    await Deno.symlink("/etc/hostname", join(folder, "CHANGES.md"));
  }, "CHANGES.md is not a regular file"],
  ["a rewritten manifest", async (folder) => {
    const path = join(folder, "MANIFEST.json");
    const manifest = JSON.parse(await Deno.readTextFile(path));
    manifest.files.pop();
    await Deno.writeTextFile(path, JSON.stringify(manifest));
  }, "MANIFEST.json is not as it was"],
  [
    "a lost manifest",
    (folder) => Deno.remove(join(folder, "MANIFEST.json")),
    "MANIFEST.json no such file",
  ],
];

for (const [name, tamper, says] of TAMPERINGS) {
  Deno.test(`verifyBundle() and rehearseRestore() refuse a bundle with ${name}`, async () => {
    const { repository, folder } = await bundled();
    await using _ = repository;
    assertEquals((await verifyBundle(folder)).faults, []);
    await tamper(folder);
    const { ok, faults } = await verifyBundle(folder);
    assertEquals(ok, false);
    assertStringIncludes(faults.join("; "), says);
    const rehearsal = await rehearseRestore(folder, repository.path("rehearsal"));
    assertEquals([rehearsal.ok, rehearsal.files], [false, 0]);
  });
}

Deno.test("verifyBundle() refuses a manifest that names a path outside the bundle", async () => {
  const { repository, folder } = await bundled();
  await using _ = repository;
  const path = join(folder, "MANIFEST.json");
  const manifest = JSON.parse(await Deno.readTextFile(path));
  manifest.files[0].path = "../../../etc/passwd";
  await Deno.writeTextFile(path, JSON.stringify(manifest));
  const { ok, manifest: read } = await verifyBundle(folder);
  assertEquals([ok, read], [false, undefined]);
});

Deno.test("rehearseRestore() fails when the registry of an intact bundle cannot be read", async () => {
  const { repository, folder } = await bundled();
  await using _ = repository;
  assert((await rehearseRestore(folder, repository.path("rehearsal"))).ok);
  await repository.write("security/release_channels.json", "{");
  const outDir = repository.path(".data/out");
  const staging = await stagingFolder(outDir);
  const rows = await copySources(repository.root, staging, [{
    ...{ path: "security/release_channels.json", group: "registry", required: true },
  }], []);
  const { folder: broken } = await publishBundle(staging, outDir, {
    ...{ schema_version: 1, kind: "rollback_bundle", name: "rollback_bundle_2", label: "" },
    ...{ created_at: 1, commit: "", release_candidate_id: "", correlation_id: "" },
    ...{ release: null, restore: [] },
    files: copiedFiles(rows),
  });
  assertEquals((await verifyBundle(broken)).ok, true);
  const { ok, faults } = await rehearseRestore(broken, repository.path("rehearsal"));
  assertEquals(ok, false);
  assertStringIncludes(faults[0]!, "Cannot read channel registry");
});
