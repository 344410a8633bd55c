import { assertEquals } from "@std/assert";
import { findRoot, PROJECT_FILES } from "../../../lib/project/root.ts";
import { TempFolder } from "../../support/temp_folder.ts";

for (const name of PROJECT_FILES) {
  Deno.test(`findRoot() finds a folder with security/ and ${name} from far below`, () => {
    using folder = new TempFolder();
    Deno.mkdirSync(folder.file("security"));
    Deno.mkdirSync(folder.file("a/b/c"), { recursive: true });
    if (name === ".git") Deno.mkdirSync(folder.file(name));
    else Deno.writeTextFileSync(folder.file(name), "");
    assertEquals(findRoot(folder.file("a/b/c")), folder.path);
    assertEquals(findRoot(folder.path), folder.path);
  });
}

Deno.test("findRoot() takes the nearest of two, and no folder that has only half of it", () => {
  using folder = new TempFolder();
  for (const inner of ["security", "app/security", "app/only_security/security", "app/only_file"]) {
    Deno.mkdirSync(folder.file(inner), { recursive: true });
  }
  for (const inner of ["deno.json", "app/package.json", "app/only_file/deno.json"]) {
    Deno.writeTextFileSync(folder.file(inner), "{}");
  }
  assertEquals(findRoot(folder.file("app/only_security")), folder.file("app"));
  assertEquals(findRoot(folder.file("app/only_file")), folder.file("app"));
  assertEquals(findRoot(folder.path), folder.path);
});

Deno.test("findRoot() finds nothing where there is nothing", () => {
  using folder = new TempFolder();
  assertEquals(findRoot(folder.path), undefined);
});
