import { assertEquals } from "@std/assert";
import { readCatalogue } from "../../../lib/catalogue/read_catalogue.ts";

const PAGE = `# Catalogue

Mentions \`stray\` and tokens; not a section.

## slo_guard

About \`ok\`.

- Artifact glob: \`.data/out/slo_guard_*.json\`
- Written by: \`scripts/slo.ts\`
- Required fields:
  - \`ok\`: boolean, see \`other\`
  - \`summary.window_s\`
- Notes:
  - \`not_a_field\`

\`\`\`md
## fenced
- Artifact glob: \`fenced_*.json\`
\`\`\`

### deeper

- Artifact glob: \`deeper_*.json\`

## \`next_one\` ##

* artifact glob: \`a_*.json\` or \`b_*.json\`
`;

Deno.test("readCatalogue() takes ids, globs and fields from their places and from nowhere else", () => {
  assertEquals(readCatalogue(PAGE), [
    {
      id: "slo_guard",
      line: 5,
      globs: [".data/out/slo_guard_*.json"],
      fields: ["ok", "summary.window_s"],
    },
    { id: "next_one", line: 26, globs: ["a_*.json", "b_*.json"], fields: [] },
  ]);
});

Deno.test("readCatalogue() reads text with CRLF, and no text at all", () => {
  assertEquals(readCatalogue(PAGE.replaceAll("\n", "\r\n")), readCatalogue(PAGE));
  assertEquals(readCatalogue(""), []);
});
