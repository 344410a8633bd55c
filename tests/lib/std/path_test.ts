import { assertEquals, assertThrows } from "@std/assert";
import { basename } from "@std/path/basename";
import { SEPARATOR } from "@std/path/constants";
import { dirname } from "@std/path/dirname";
import { extname } from "@std/path/extname";
import { fromFileUrl } from "@std/path/from-file-url";
import { join } from "@std/path/join";
import { parse } from "@std/path/parse";
import { basename as posixBasename } from "@std/path/posix/basename";
import { dirname as posixDirname } from "@std/path/posix/dirname";
import { extname as posixExtname } from "@std/path/posix/extname";
import { fromFileUrl as posixFromFileUrl } from "@std/path/posix/from-file-url";
import { isAbsolute as posixIsAbsolute } from "@std/path/posix/is-absolute";
import { join as posixJoin } from "@std/path/posix/join";
import { normalize as posixNormalize } from "@std/path/posix/normalize";
import { parse as posixParse } from "@std/path/posix/parse";
import { relative as posixRelative } from "@std/path/posix/relative";
import { resolve as posixResolve } from "@std/path/posix/resolve";
import { toFileUrl as posixToFileUrl } from "@std/path/posix/to-file-url";
import { relative } from "@std/path/relative";
import { resolve } from "@std/path/resolve";
import fc from "fast-check";
import * as node from "node:path";

Deno.test("join() skips empty segments, resolves dots and keeps a trailing separator", () => {
  const cases: [string[], string][] = [
    [["a", "b"], "a/b"],
    [["a", "", "b"], "a/b"],
    [["a", "..", "b"], "b"],
    [["a", "../../b"], "../b"],
    [["/", "..", "a"], "/a"],
    [["a", "/b"], "a/b"],
    [["a//", "b/"], "a/b/"],
    [["", ""], "."],
    [[""], "."],
    [["."], "."],
    [["./a"], "a"],
  ];
  for (const [[first = "", ...rest], expected] of cases) {
    assertEquals(posixJoin(first, ...rest), expected);
  }
});

Deno.test("join() accepts a file URL as its first segment", () => {
  assertEquals(posixJoin(new URL("file:///a%20b/"), "c"), "/a b/c");
});

Deno.test("join() gives . when called without a segment", () => {
  assertEquals(posixJoin(), ".");
});

Deno.test("join() refuses what is not text and names it", () => {
  const notText = 5 as unknown as string;
  assertThrows(() => posixJoin("a", notText), TypeError, 'Path must be a string, received "5"');
});

Deno.test("normalize() keeps leading .. only in relative paths", () => {
  const cases: [string, string][] = [
    ["", "."],
    ["./", "./"],
    ["/", "/"],
    ["//a", "/a"],
    ["a/./b//c/..", "a/b"],
    ["a/..", "."],
    ["a/../", "./"],
    ["../../a", "../../a"],
    ["/../../a", "/a"],
    ["a/b/", "a/b/"],
    [".../..a", ".../..a"],
  ];
  for (const [path, expected] of cases) assertEquals(posixNormalize(path), expected, path);
});

Deno.test("resolve() takes the last absolute segment and everything after it", () => {
  assertEquals(posixResolve("/a", "b", "..", "c"), "/a/c");
  assertEquals(posixResolve("/a", "/b/", "c"), "/b/c");
  assertEquals(posixResolve("/a", "", "b/"), "/a/b");
  assertEquals(posixResolve("/.."), "/");
});

Deno.test("resolve() starts from the working directory and needs no absolute segment", () => {
  assertEquals(resolve("a"), join(Deno.cwd(), "a"));
  assertEquals(resolve(), Deno.cwd());
  assertEquals(resolve("", ""), Deno.cwd());
});

Deno.test("relative() walks up to the shared directory and down again", () => {
  const cases: [string, string, string][] = [
    ["/a/b", "/a/c/d", "../c/d"],
    ["/a/b", "/a/b", ""],
    ["/a/b/", "/a/b", ""],
    ["/a/b", "/a/bc", "../bc"],
    ["/a/bc", "/a/b", "../b"],
    ["/", "/a", "a"],
    ["/a", "/", ".."],
    ["/a/b/c", "/x", "../../../x"],
  ];
  for (const [from, to, expected] of cases) assertEquals(posixRelative(from, to), expected);
  assertEquals(relative("a/b", "a/c"), join("..", "c"));
});

Deno.test("dirname() gives . for a bare name and drops repeated separators", () => {
  const cases: [string, string][] = [
    ["a/b", "a"],
    ["a/b/", "a"],
    ["a//b", "a"],
    ["/a", "/"],
    ["//a", "/"],
    ["/", "/"],
    ["a", "."],
    ["", "."],
  ];
  for (const [path, expected] of cases) assertEquals(posixDirname(path), expected, path);
  assertEquals(posixDirname(new URL("file:///a/b%20c/d")), "/a/b c");
});

Deno.test("basename() ignores trailing separators, and a suffix that is the whole name", () => {
  const cases: [string, string, string][] = [
    ["a/b.ts", "", "b.ts"],
    ["a/b.ts", ".ts", "b"],
    ["a/b.ts//", ".ts", "b"],
    ["b.ts", "b.ts", "b.ts"],
    ["b.ts", ".js", "b.ts"],
    ["/", "", "/"],
    ["", "", ""],
  ];
  for (const [path, suffix, expected] of cases) {
    assertEquals(posixBasename(path, suffix), expected, path);
  }
  assertEquals(posixBasename(new URL("file:///a/b%20c")), "b c");
});

Deno.test("extname() starts at the last dot unless the name starts there", () => {
  const cases: [string, string][] = [
    ["a.ts", ".ts"],
    ["a.tar.gz", ".gz"],
    [".bashrc", ""],
    [".bashrc.bak", ".bak"],
    ["a.", "."],
    ["..", ""],
    ["a.b/c", ""],
    ["a/b.ts/", ".ts"],
    ["a", ""],
    ["", ""],
  ];
  for (const [path, expected] of cases) assertEquals(posixExtname(path), expected, path);
});

Deno.test("isAbsolute() looks only at the first character", () => {
  assertEquals(["/", "/a", "a", "./a", "", "~/a"].map(posixIsAbsolute), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("parse() takes a path apart", () => {
  const cases: [string, [root: string, dir: string, base: string, ext: string, name: string]][] = [
    ["/a/b.tar.gz", ["/", "/a", "b.tar.gz", ".gz", "b.tar"]],
    ["/a", ["/", "/", "a", "", "a"]],
    ["a/b/", ["", "a", "b", "", "b"]],
    ["./.rc", ["", ".", ".rc", "", ".rc"]],
    ["a", ["", "", "a", "", "a"]],
    ["/", ["/", "/", "/", "", ""]],
    ["", ["", "", "", "", ""]],
  ];
  for (const [path, [root, dir, base, ext, name]] of cases) {
    assertEquals(posixParse(path), { root, dir, base, ext, name }, path);
  }
});

Deno.test("fromFileUrl() decodes escapes and leaves a stray percent sign alone", () => {
  assertEquals(posixFromFileUrl("file:///a%20b/%C3%A9"), "/a b/é");
  assertEquals(posixFromFileUrl(new URL("file:///100%/a")), "/100%/a");
});

Deno.test("fromFileUrl() refuses other schemes", () => {
  assertThrows(
    () => posixFromFileUrl("https://example.org/a"),
    TypeError,
    'URL must be a file URL: received "https:"',
  );
});

Deno.test("toFileUrl() escapes what a URL would read as syntax", () => {
  assertEquals(posixToFileUrl("/a b/c%d\\e?#").href, "file:///a%20b/c%25d%5Ce%3F%23");
  assertEquals(posixToFileUrl("/a\tb\nc").href, "file:///a%09b%0Ac");
});

Deno.test("toFileUrl() refuses a relative path", () => {
  assertThrows(() => posixToFileUrl("a"), TypeError, 'Path must be absolute: received "a"');
});

Deno.test("the undecorated functions follow the platform", () => {
  assertEquals(join("a", "b"), `a${SEPARATOR}b`);
  assertEquals(dirname(join("a", "b")), "a");
  assertEquals(basename(join("a", "b.ts"), ".ts"), "b");
  assertEquals(extname(join("a", "b.ts")), ".ts");
  assertEquals(parse(join("a", "b.ts")).name, "b");
  assertEquals(fromFileUrl(import.meta.url), import.meta.filename);
});

const NAME = fc.constantFrom("a", "b", ".", "..", "c.ts", ".rc", "x.", "a.b.c", "");
const PATH = fc.tuple(fc.constantFrom("", "/", "//"), fc.array(NAME, { maxLength: 6 }))
  .map(([root, names]) => root + names.join("/"));

Deno.test("join(), normalize(), resolve(), relative(), isAbsolute() and extname() agree with Node", () => {
  fc.assert(fc.property(PATH, PATH, (a, b) => {
    assertEquals(posixNormalize(a), node.posix.normalize(a));
    assertEquals(posixJoin(a, b), node.posix.join(a, b));
    assertEquals(posixResolve(a, b), node.posix.resolve(a, b));
    assertEquals(posixRelative(a, b), node.posix.relative(a, b));
    assertEquals(posixIsAbsolute(a), node.posix.isAbsolute(a));
    assertEquals(posixExtname(a), node.posix.extname(a));
  }));
});

Deno.test("join() after relative() leads back to the target", () => {
  fc.assert(fc.property(PATH, PATH, (a, b) => {
    const [from, to] = [posixResolve(a), posixResolve(b)];
    assertEquals(posixJoin(from, posixRelative(from, to)), to);
  }));
});
