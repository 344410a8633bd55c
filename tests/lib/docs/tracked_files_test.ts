import { assertEquals } from "@std/assert";
import { trackedFiles } from "../../../lib/docs/tracked_files.ts";
import { TempRepository } from "../../support/temp_repository.ts";

Deno.test("trackedFiles() lists what git tracks and what is new, not what is deleted or ignored", async () => {
  await using repository = await TempRepository.make({
    ".gitignore": "*.log\n",
    "kept.md": "kept\n",
    "gone.md": "gone\n",
    "a name with spaces.md": "kept\n",
  }, { git: true });
  await Deno.remove(repository.path("gone.md"));
  await Deno.writeTextFile(repository.path("new.md"), "new\n");
  await Deno.writeTextFile(repository.path("debug.log"), "ignored\n");
  assertEquals(await trackedFiles(repository.root), {
    files: [".gitignore", "a name with spaces.md", "kept.md", "new.md"],
    source: "git",
  });
});

Deno.test("trackedFiles() walks the folder where there is no git", async () => {
  await using repository = await TempRepository.make({
    "docs/a.md": "a\n",
    ".data/out/report.json": "{}\n",
  });
  assertEquals(await trackedFiles(repository.root), { files: ["docs/a.md"], source: "walk" });
});
