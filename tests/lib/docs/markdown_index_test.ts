import { assert, assertEquals, assertLess } from "@std/assert";
import { indexMarkdown, type MarkdownIndex } from "../../../lib/docs/markdown_index.ts";
import { LineTable } from "../../../lib/docs/line_table.ts";

const FENCE = "```";

function at(items: { line: number; column: number }[]): string[] {
  return items.map(({ line, column }) => `${line}:${column}`);
}

Deno.test("indexMarkdown() gives every construct its place", () => {
  const index = indexMarkdown(`---
title: x
---
# Head \`one\`

A [link](a.md "t"), ![image](b.png), [label][ref] and \`span of
two lines\`.

> - ${FENCE}sh run
>   deno task ci
>   ${FENCE}

| a |
| --- |
| \`x \\| y\` |

[ref]: <c.md>
<a id="here"></a>
<!-- note -->
`);
  assertEquals(index.headings.map(({ slug }) => slug), ["head-one"]);
  assertEquals([...index.anchors].sort(), ["head-one", "here"]);
  assertEquals(at(index.links), ["6:10", "6:30", "17:9"]);
  assertEquals(index.labelUses.map(({ label, plain }) => [label, plain]), [["ref", false]]);
  assertEquals(index.codeSpans.map(({ text }) => text), ["one", "span of\ntwo lines", "x  | y"]);
  assertEquals(
    index.codeBlocks.map(({ language, firstLine, text }) => [language, firstLine, text]),
    [
      ["yaml", 2, "title: x"],
      ["sh", 10, "deno task ci"],
    ],
  );
  assertEquals([index.tables, index.comments.map(({ text }) => text), index.limited], [
    1,
    ["note"],
    [],
  ]);
});

Deno.test("indexMarkdown() numbers repeated headings as GitHub does", () => {
  const index = indexMarkdown("# A b\n\n## A b\n\n# Größe & Maß 中文!\n");
  assertEquals(index.headings.map(({ slug }) => slug), ["a-b", "a-b-1", "größe--maß-中文"]);
});

Deno.test("indexMarkdown() finds definitions anywhere in a document of many parts", () => {
  const middle = "Some words here.\n\n".repeat(3_000);
  const index = indexMarkdown(`[a][late] [b][none]\n\n${middle}[late]: x.md\n`);
  assert(index.definitions.has("LATE"));
  assertEquals(index.labelUses.map(({ label }) => label), ["late", "none"]);
});

/** Inputs that would make a parser superlinear, with what must still be seen in them. */
const HOSTILE: [what: string, text: string, seen: (index: MarkdownIndex) => boolean][] = [
  [
    "240 KB of backticks",
    "`".repeat(240_000) + "\n\n`docs/x.md`\n",
    (index) => index.codeBlocks.length === 1,
  ],
  [
    "unmatched backticks",
    "`a ``b ".repeat(40_000) + "\n\n`docs/x.md`\n",
    (index) => index.codeSpans.some(({ text }) => text === "docs/x.md"),
  ],
  ["deep quotes", ">".repeat(50_000) + " x\n\n[a](b.md)\n", (index) => index.links.length === 1],
  [
    "deep lists",
    Array.from({ length: 500 }, (_, i) => "  ".repeat(i) + "- a\n").join("") + "\n[a](b.md)\n",
    (index) => index.links.length === 1,
  ],
  ["open brackets", "[".repeat(100_000) + "\n\n# x\n", (index) => index.anchors.has("x")],
  [
    "a giant table",
    "|a|b|\n|-|-|\n" + "|`x`|[l](m.md)|\n".repeat(20_000),
    (index) => index.links.length === 20_000 && index.tables === 1,
  ],
  ["100 000 links", "[a](b.md)\n".repeat(100_000), (index) => index.links.length === 100_000],
  [
    "10 MB of paragraphs",
    "Words `x` and [a](b.md).\n\n".repeat(400_000),
    (index) => index.links.length === 400_000,
  ],
  [
    "a fence that never ends",
    `${FENCE}sh\n${"deno task ci\n".repeat(30_000)}`,
    (index) => index.codeBlocks.length === 1,
  ],
];

for (const [what, text, seen] of HOSTILE) {
  Deno.test(`indexMarkdown() reads ${what}, and says when it read line by line`, () => {
    const index = indexMarkdown(text);
    assert(seen(index));
    assert(index.limited.length > 0);
    assertLess(index.limited.length, 100);
  });
}

Deno.test("indexMarkdown() reads on inside a block that was too long to parse, and parses after it", () => {
  const text = `${FENCE}sh\n${
    "cat <<A\n".repeat(12_000)
  }${FENCE}\n\n# After\n\n[a][ref] and \`x\`\n\n[ref]: y.md\n`;
  const index = indexMarkdown(text);
  assertEquals(index.codeBlocks.map(({ text }) => text.length), [95_999]);
  assertEquals([index.headings.length, index.codeSpans.length, index.limited.length], [1, 1, 1]);
});

Deno.test("the parser and the line reader see the same claims in plain Markdown", () => {
  const part =
    `## Part\n\nSee [a](b.md#c) and \`docs/x.md\`, ![i](j.png).\n\n${FENCE}sh\ndeno task ci\n${FENCE}\n\n- \`y\` [l][ref]\n\n<a id="z"></a>\n\n`;
  const parsed = indexMarkdown(part.repeat(20));
  const scanned = indexMarkdown(part.repeat(4_000));
  assertEquals([parsed.limited.length, scanned.limited.length], [0, 1]);
  for (const key of ["headings", "links", "codeSpans", "codeBlocks"] as const) {
    assertEquals(scanned[key].length, parsed[key].length * 200, key);
    assertEquals(at(scanned[key].slice(0, parsed[key].length)), at(parsed[key]), key);
  }
});

Deno.test("LineTable counts lines and columns with every kind of line end", () => {
  const table = new LineTable("a\nbc\r\nd\re");
  assertEquals(
    [0, 2, 3, 6, 8].map((offset) => table.place(offset)).map(({ line, column }) =>
      `${line}:${column}`
    ),
    ["1:1", "2:1", "2:2", "3:1", "4:1"],
  );
  assertEquals([table.count, new LineTable("a\n").count, new LineTable("").count, table.line(2)], [
    4,
    1,
    1,
    "bc",
  ]);
});
