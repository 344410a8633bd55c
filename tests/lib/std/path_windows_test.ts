import { assertEquals, assertThrows } from "@std/assert";
import { basename } from "@std/path/windows/basename";
import { dirname } from "@std/path/windows/dirname";
import { extname } from "@std/path/windows/extname";
import { fromFileUrl } from "@std/path/windows/from-file-url";
import { isAbsolute } from "@std/path/windows/is-absolute";
import { join } from "@std/path/windows/join";
import { normalize } from "@std/path/windows/normalize";
import { parse } from "@std/path/windows/parse";
import { relative } from "@std/path/windows/relative";
import { resolve } from "@std/path/windows/resolve";
import { toFileUrl } from "@std/path/windows/to-file-url";

function check(actual: (path: string) => unknown, cases: [string, unknown][]): void {
  for (const [path, expected] of cases) assertEquals(actual(path), expected, path);
}

Deno.test("windows normalize() turns slashes and keeps the root", () => {
  check(normalize, [
    ["C:/a/../b", "C:\\b"],
    ["C:\\..\\a", "C:\\a"],
    ["C:..\\a", "C:..\\a"],
    ["C:", "C:."],
    ["/a/b/", "\\a\\b\\"],
    ["//server/share", "\\\\server\\share\\"],
    ["//server/share/a/..", "\\\\server\\share\\"],
    ["", "."],
  ]);
});

Deno.test("windows join() opens a share only when its first segment does", () => {
  assertEquals(join("C:\\", "a", "..", "b"), "C:\\b");
  assertEquals(join("//server", "share"), "\\\\server\\share\\");
  assertEquals(join("/", "/server", "share"), "\\server\\share");
  assertEquals(join("", ""), ".");
});

Deno.test("windows resolve() ignores segments on another drive", () => {
  assertEquals(resolve("C:\\a", "..", "b"), "C:\\b");
  assertEquals(resolve("C:\\a", "D:\\b", "C:c"), "C:\\a\\c");
  assertEquals(resolve("C:\\a", "\\b"), "C:\\b");
  assertEquals(resolve("//server/share", "..", "a"), "\\\\server\\share\\a");
});

Deno.test("windows relative() ignores case, and gives the target across drives", () => {
  assertEquals(relative("C:\\A\\b", "c:\\a\\c"), "..\\c");
  assertEquals(relative("C:\\a", "C:\\"), "..");
  assertEquals(relative("C:\\", "C:\\a"), "a");
  assertEquals(relative("C:\\a", "D:\\b"), "D:\\b");
  assertEquals(relative("C:\\a", "C:\\a"), "");
});

Deno.test("windows dirname(), basename() and extname() know drives and shares", () => {
  check(dirname, [
    ["C:\\a\\b", "C:\\a"],
    ["C:\\a", "C:\\"],
    ["C:\\", "C:\\"],
    ["\\\\server\\share\\a", "\\\\server\\share\\"],
    ["a", "."],
  ]);
  check(basename, [["C:\\a/b.ts", "b.ts"], ["C:a", "a"], ["C:", ""], ["a\\", "a"]]);
  check(extname, [["C:\\a.b\\c.ts", ".ts"], ["C:.ts", ""]]);
});

Deno.test("windows isAbsolute() needs a separator after a drive", () => {
  check(isAbsolute, [["C:\\", true], ["C:/a", true], ["C:a", false], ["\\a", true], ["a", false]]);
});

Deno.test("windows parse() takes a path apart", () => {
  assertEquals(parse("C:\\a\\b.ts"), {
    root: "C:\\",
    dir: "C:\\a",
    base: "b.ts",
    ext: ".ts",
    name: "b",
  });
  assertEquals(parse("C:\\"), { root: "C:\\", dir: "C:\\", base: "\\", ext: "", name: "" });
  assertEquals(parse("C:"), { root: "C:", dir: "C:", base: "", ext: "", name: "" });
  assertEquals(parse(""), { root: "", dir: "", base: "", ext: "", name: "" });
  assertEquals(parse("C:\\a").dir, "C:\\");
  assertEquals(parse("\\\\server\\share\\a").root, "\\\\server\\share\\");
});

Deno.test("windows file URLs carry drives as paths and servers as hosts", () => {
  assertEquals(fromFileUrl("file:///C:/a%20b"), "C:\\a b");
  assertEquals(fromFileUrl("file://server/share/a"), "\\\\server\\share\\a");
  assertEquals(toFileUrl("C:\\a b").href, "file:///C:/a%20b");
  assertEquals(toFileUrl("\\\\server\\share\\a").href, "file://server/share/a");
  assertThrows(() => toFileUrl("C:a"), TypeError, 'Path must be absolute: received "C:a"');
});
