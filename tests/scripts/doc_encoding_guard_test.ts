import { assertArrayIncludes, assertEquals, assertStringIncludes } from "@std/assert";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import { type Content, TempRepository } from "../support/temp_repository.ts";

async function guard(
  files: Record<string, Content>,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<ScriptEnd> {
  await using repository = await TempRepository.make(files, { git: true });
  return await runScript("doc_encoding_guard", ["--json", ...args], { root: repository.root, env });
}

const CLEAN = "# Prüfung\n\nГотово. 完成。\n";
const GARBLED = "# Titel\n\nDie PrÃ¼fung wÃ¤re schÃ¶n, fÃ¼r grÃ¶ÃŸere Ã„nderungen.\n";

Deno.test("doc_encoding_guard passes on clean documents, those in the root folder included", async () => {
  const { code, report } = await guard({ "docs/a.md": CLEAN, "README.MD": CLEAN }, ["--strict"]);
  assertEquals([code, report.clean, report["files_total"]], [0, true, 2]);
});

const CASES: [id: string, what: string, content: Content][] = [
  ["docs_mojibake_suspicious_bound", "UTF-8 read as windows-1252", GARBLED],
  ["docs_utf8_decode", "Latin-1 bytes", Uint8Array.of(0x66, 0xfc, 0x72, 0x0a)],
  ["docs_utf8_decode", "UTF-16", Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x62, 0)],
  ["docs_no_lost_characters", "U+FFFD", "a \uFFFD b\n"],
  ["docs_no_hidden_controls", "a bidirectional override", "a \u202e b\n"],
  ["docs_no_stray_characters", "NUL", "a\0b\n"],
  ["docs_line_ends_uniform", "mixed line ends", "a\r\nb\n"],
];

for (const [id, what, content] of CASES) {
  Deno.test(`doc_encoding_guard fails ${id} for ${what}: enforced under --strict, a warning without`, async () => {
    const strict = await guard({ "docs/a.md": content }, ["--strict"]);
    assertEquals(strict.code, 2);
    assertArrayIncludes(failedIds(strict.report), [id]);
    const lenient = await guard({ "docs/a.md": content });
    assertEquals([lenient.code, lenient.report.ok, lenient.report.clean], [0, true, false]);
  });
}

Deno.test("doc_encoding_guard only warns about a byte-order mark", async () => {
  const { code, report } = await guard({ "docs/a.md": "\ufeff# a\n" }, ["--strict"]);
  assertEquals([code, failedIds(report)], [0, ["docs_without_bom"]]);
});

Deno.test("doc_encoding_guard fails without documents, strict or not", async () => {
  for (const args of [[], ["--strict"]]) {
    const { code, report } = await guard({ "x.txt": "x" }, args);
    assertEquals([code, failedIds(report)], [2, ["docs_markdown_files_found"]]);
  }
});

Deno.test("doc_encoding_guard shows place, byte offset, character set and the repaired text", async () => {
  const { report } = await guard({ "docs/a.md": GARBLED });
  const [fault] = report["faults"] as Record<string, unknown>[];
  assertEquals(
    [
      fault?.["path"],
      fault?.["line"],
      fault?.["column"],
      fault?.["byte_offset"],
      fault?.["codec"],
      fault?.["repaired"],
      fault?.["count"],
    ],
    ["docs/a.md", 3, 7, 15, "windows-1252", "ü", 6],
  );
  const [finding] = report["findings"] as { rule: string; suggestion: string }[];
  assertEquals(finding?.rule, "mojibake");
  assertStringIncludes(finding?.suggestion ?? "", "ü");
});

Deno.test("doc_encoding_guard counts typical characters against both limits", async () => {
  const text = `${"word ".repeat(60)}\n\n${"锟 鈥 锛 銆 ".repeat(2)}\n`; // 8 of 248 characters, 0.0323
  const args = ["--strict"];
  assertEquals((await guard({ "docs/a.md": text }, args)).code, 2);
  assertEquals((await guard({ "docs/a.md": text }, [...args, "--min-hint-count", "9"])).code, 0);
  assertEquals((await guard({ "docs/a.md": text }, [...args, "--min-hint-ratio=0.04"])).code, 0);
  assertEquals(
    (await guard({ "docs/a.md": text }, [...args, "--max-suspicious-files", "1"])).code,
    0,
  );
  assertEquals(
    (await guard({ "docs/a.md": text }, args, { WA_DOC_ENCODING_MIN_HINT_COUNT: "9" })).code,
    0,
  );
  assertEquals(
    (await guard({ "docs/a.md": text }, [], { WA_DOC_ENCODING_GUARD_STRICT: "1" })).code,
    2,
  );
});

Deno.test("doc_encoding_guard reads the folder and files it is told to", async () => {
  const files = {
    "handbook/a.md": GARBLED,
    "data/x.json": '{"a":"PrÃ¼fung fÃ¼r schÃ¶ne GrÃ¶ÃŸe"}',
    "docs/b.md": CLEAN,
  };
  assertEquals((await guard(files, ["--strict"])).code, 0);
  assertEquals((await guard(files, ["--strict", "--docs-root", "handbook"])).code, 2);
  assertEquals((await guard(files, ["--strict", "--doc-glob", "data/*.json"])).code, 2);
  assertEquals(
    (await guard(files, ["--strict"], { WA_DOC_ENCODING_GUARD_ROOT: "handbook" })).code,
    2,
  );
});
