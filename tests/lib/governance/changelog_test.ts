import { assertEquals } from "@std/assert";
import { changelogSections, judgeChangelog } from "../../../lib/governance/changelog.ts";
import type { TextFile } from "../../../lib/store/read_text.ts";
import { failedIds } from "../../support/run_script.ts";

const CASES: [
  what: string,
  text: string,
  found: [version: string, line: number, body: string][],
][] = [
  ["a plain heading", "# Changes\n\n## 1.2.3\n\ntext\n", [["1.2.3", 3, "text"]]],
  ["brackets and a date", "## [1.2.3] - 2026-01-31\nx", [["1.2.3", 1, "x"]]],
  ["a link", "## [1.2.3](https://x/y) (2026)\nx", [["1.2.3", 1, "x"]]],
  ["a leading v", "# v1.2.3-rc.1\nx", [["1.2.3-rc.1", 1, "x"]]],
  ["lines of Windows", "## 1.2.3\r\nx\r\n", [["1.2.3", 1, "x"]]],
  [
    "two versions with headings inside",
    "## 2.0.0\n### Added\n- a\n## 1.0.0\n- b",
    [["2.0.0", 1, "### Added\n- a"], ["1.0.0", 4, "- b"]],
  ],
  ["a version only in a fence", "````\n```\n## 1.2.3\n```\n````\n", []],
  ["a version only in a comment", "<!--\n## 1.2.3\ntext\n-->\n", []],
  ["a comment on one line", "<!-- ## 1.2.3 -->\n## 1.2.4\nx", [["1.2.4", 2, "x"]]],
  ["a comment sign in a fence", "```\n<!--\n```\n## 1.2.3\nx", [["1.2.3", 4, "x"]]],
  ["a heading of level 4", "#### 1.2.3\nx", []],
  ["what is no version", "## Unreleased\n## 1.2\n## 1.2.3.4\nx", []],
];

for (const [what, text, found] of CASES) {
  Deno.test(`changelogSections() of ${what}`, () => {
    assertEquals(
      changelogSections(text).map(({ version, line, body }) => [version, line, body]),
      found,
    );
  });
}

const read = (text: string): TextFile => ({
  state: "ok",
  text,
  bytes: new TextEncoder().encode(text),
  bom: false,
});

const JUDGED: [what: string, file: TextFile, failed: string[]][] = [
  ["the version's own section", read("## 1.0.1\nx"), []],
  ["only 11.0.10, which 1.0.1 is part of", read("## 11.0.10\nx"), [
    "changes_mentions_current_version",
  ]],
  ["only 1.0.1-rc.1", read("## 1.0.1-rc.1\nx"), ["changes_mentions_current_version"]],
  ["the version only in text", read("## 2.0.0\nsince 1.0.1"), ["changes_mentions_current_version"]],
  ["an empty section", read("## 1.0.1\n\n## 1.0.0\nx"), ["changes_mentions_current_version"]],
  ["no file", { state: "missing", message: "no such file" }, [
    "changes_doc_exists",
    "changes_mentions_current_version",
  ]],
];

for (const [what, file, failed] of JUDGED) {
  Deno.test(`judgeChangelog() fails [${failed}] for ${what}`, () => {
    const checks = judgeChangelog(file, "1.0.1", { file: "CHANGES.md", mode: "warn" });
    assertEquals(failedIds({ checks }), failed);
  });
}

Deno.test("judgeChangelog() warns of a missing changelog, and enforces that it can be read", () => {
  const modes = (["missing", "malformed", "unreadable"] as const).map((state) =>
    judgeChangelog({ state, message: "" }, "1.0.1", { file: "C", mode: "warn" })[0]?.mode
  );
  assertEquals(modes, ["warn", "enforce", "enforce"]);
});
