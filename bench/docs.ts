#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write --allow-sys
/**
 * Documents: what both guards cost over parsing alone, and whether hostile input stays linear.
 *
 * Prints ratios; a ratio near 2 in the last column means time grows with the size and no faster.
 * @module
 */
import { join } from "@std/path/join";
import { DocumentSet } from "../lib/docs/document_set.ts";
import { judgeDocument } from "../lib/docs/judge_document.ts";
import { judgeText } from "../lib/docs/judge_text.ts";
import { indexMarkdown } from "../lib/docs/markdown_index.ts";
import type { Facts } from "../lib/docs/reference.ts";
import { RepositoryView } from "../lib/docs/repository_view.ts";

const DOCUMENTS = 2_000;

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Inputs that make a parser of Markdown slow, by size in characters. */
const HOSTILE: Record<string, (size: number) => string> = {
  "one run of backticks": (size) => "`".repeat(size),
  "backtick runs of growing length": (size) => {
    let text = "";
    for (let run = 1; text.length < size; run++) text += "`".repeat(run) + "a";
    return text;
  },
  "unmatched backticks": (size) => "`a ``b ".repeat(size / 7),
  "open brackets": (size) => "[".repeat(size),
  "half links": (size) => "[a](".repeat(size / 4),
  "footnote calls": (size) => "[^a]".repeat(size / 4),
  "nested quotes": (size) => ">".repeat(size) + " a",
  "staircase of lists": (size) => {
    let text = "";
    for (let depth = 0; text.length < size; depth++) text += "  ".repeat(depth) + "- a\n";
    return text;
  },
  "one table": (size) => "|a|b|\n|-|-|\n" + "|`scripts/x.ts`|[l](m.md)|\n".repeat(size / 27),
  "one wide table": (size) => "|a".repeat(size / 4) + "|\n" + "|-".repeat(size / 4) + "|\n",
  "emphasis": (size) => "*a **b ".repeat(size / 7),
  "entities": (size) => "&a;&".repeat(size / 4),
  "open tags": (size) => "<a ".repeat(size / 3),
  "open comments": (size) => "<!-- ".repeat(size / 5),
  "links": (size) => "[a](b.md)\n".repeat(size / 10),
  "one code span": (size) => "`" + "a/".repeat(size / 2) + "`",
  "missing paths": (size) => "`scripts/a.ts` scripts/b.ts ".repeat(size / 28),
  "different missing links": (size) => {
    let text = "";
    for (let i = 0; text.length < size; i++) text += `[a](docs/x${i}.md)\n`;
    return text;
  },
  "undefined labels": (size) => {
    let text = "";
    for (let i = 0; text.length < size; i++) text += `[a][l${i}]\n\n[d${i}]: x\n\n`;
    return text;
  },
  "history headings": (size) => "# Changelog\n\n".repeat(size / 13),
  "marked examples": (size) => "<!-- example -->\n`docs/x.md`\n\n".repeat(size / 30),
  "garbled words": (size) => "Grã¶ãŸe fÃ¼r Ã©tÃ© ".repeat(size / 19),
  "Cyrillic read as Latin": (size) => "Ð¿Ñ€Ð¸Ð²ÐµÑ‚ ".repeat(size / 13),
  "hidden characters": (size) => "a\u202eb\u200bc\n".repeat(size / 6),
  "closing brackets": (size) => "`" + ")".repeat(size) + "` docs/" + ")".repeat(size),
  "quotes in shell": (size) => "```sh\n" + `a "b' $(c \\\n`.repeat(size / 12) + "```\n",
  "here-documents": (size) => "```sh\n" + "cat <<A\n".repeat(size / 8) + "```\n",
  "an open fence": (size) => "```sh\n" + "deno run scripts/x.ts --a b\n".repeat(size / 28),
};

function documents(): Map<string, string> {
  const files = new Map<string, string>([["scripts/x.ts", 'parseArgs({ string: ["out"] })'], [
    "deno.json",
    '{"tasks":{"ci":""}}',
  ]]);
  for (let i = 0; i < DOCUMENTS; i++) {
    const next = `page_${(i + 1) % DOCUMENTS}.md`;
    const section = (at: number): string =>
      `## Part ${at} of ${i}\n\nSee [the next](${next}#part-${at}-of-${
        (i + 1) % DOCUMENTS
      }) and \`docs/${next}\`, größer als \`scripts/x.ts\`. Some plain words follow here, as they do in every document.\n\n- \`deno task ci\`\n- \`WA_PAGE_NAME=1\`\n\n\`\`\`sh\ndeno run --allow-read scripts/x.ts --out ${at}\n\`\`\`\n\n| a | b |\n| --- | --- |\n| \`docs/${next}\` | text |\n\n`;
    files.set(
      `docs/page_${i}.md`,
      `# Page ${i}\n\n` + Array.from({ length: 6 }, (_, at) => section(at)).join(""),
    );
  }
  return files;
}

function guards(): void {
  const files = documents();
  const docs = [...files.keys()].filter((path) => path.endsWith(".md"));
  const bytes = docs.map((path) => new TextEncoder().encode(files.get(path)));
  const repository = new RepositoryView({
    files: files.keys(),
    readText: (path) => files.get(path),
  });
  const set = new DocumentSet((path) => files.get(path));
  const facts: Facts = {
    repository,
    pathPrefixes: ["docs/", "scripts/"],
    generatedPrefixes: [".data/"],
    declarations: new Map(),
    environment: new Set(["WA_PAGE_NAME"]),
    aliases: [],
    today: "2026-11-26",
    anchorsOf: (path) => set.anchors(path),
  };
  const spent = { parse: 0, reality: 0, encoding: 0 };
  let claims = 0;
  for (const [i, path] of docs.entries()) { // alternating, so that a busy machine slows all alike
    spent.parse += timed(() => indexMarkdown(files.get(path) ?? ""));
    spent.reality += timed(() => {
      const index = set.index(path);
      if (index !== undefined) claims += judgeDocument(path, index, facts).references.length;
      set.release(path);
    });
    spent.encoding += timed(() => judgeText(bytes[i] ?? new Uint8Array()));
  }
  const size = bytes.reduce((sum, { length }) => sum + length, 0);
  const reality = spent.reality / spent.parse;
  const encoding = spent.encoding / spent.parse;
  say(`${docs.length} documents, ${(size / 1e6).toFixed(1)} MB, ${claims} claims`);
  say(
    `parsing alone 1.00, reality guard ${reality.toFixed(2)}, encoding guard ${
      encoding.toFixed(2)
    }, both ${(reality + encoding).toFixed(2)} (limit 2)`,
  );
}

/** Everything both guards do with one document. */
function judge(text: string): void {
  const files = new Map([["x.md", text], ["scripts/y.ts", ""], [
    "deno.json",
    '{"tasks":{"ci":""}}',
  ]]);
  const repository = new RepositoryView({
    files: files.keys(),
    readText: (path) => files.get(path),
  });
  const index = indexMarkdown(text);
  judgeDocument("x.md", index, {
    repository,
    pathPrefixes: ["scripts/"],
    generatedPrefixes: [".data/"],
    declarations: new Map(),
    aliases: [],
    today: "2026-11-26",
    anchorsOf: () => index.anchors,
  });
  judgeText(new TextEncoder().encode(text));
}

function hostile(size: number): void {
  say(`\nhostile input, ${size} and ${2 * size} characters: milliseconds, and their ratio`);
  for (const [name, make] of Object.entries(HOSTILE)) {
    const [small, large] = [make(size), make(2 * size)];
    const before = timed(() => judge(small));
    const after = timed(() => judge(large));
    say(
      `${name.padEnd(34)} ${before.toFixed(0).padStart(6)} ${after.toFixed(0).padStart(6)}  ${
        (after / before).toFixed(1)
      }`,
    );
  }
}

/** A temporary 10 MB document: peak memory against the file's size. */
function memory(): void {
  const folder = Deno.makeTempDirSync();
  const path = join(folder, "large.md");
  Deno.writeTextFileSync(
    path,
    "# Part\n\nWords `scripts/x.ts` and [a](b.md), more words here.\n\n".repeat(160_000),
  );
  const text = Deno.readTextFileSync(path);
  const before = Deno.memoryUsage().rss;
  let index: ReturnType<typeof indexMarkdown> | undefined;
  const took = timed(() => index = indexMarkdown(text));
  const grown = (Deno.memoryUsage().rss - before) / text.length;
  say(
    `\n${(text.length / 1e6).toFixed(0)} MB document: ${
      took.toFixed(0)
    } ms, ${index?.links.length} links, memory ${grown.toFixed(1)} bytes a character`,
  );
  Deno.removeSync(folder, { recursive: true });
}

if (import.meta.main) {
  guards();
  hostile(120_000);
  memory();
}
