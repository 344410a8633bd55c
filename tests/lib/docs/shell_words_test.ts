import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parse, quote } from "shell-quote";
import { commandText } from "../../../lib/docs/command_text.ts";
import { type Dialect, lexShell } from "../../../lib/docs/shell_words.ts";

function words(text: string, dialect: Dialect = "posix"): string[][] {
  return lexShell(text, dialect).map((command) => command.words.map((word) => word.text));
}

const CASES: [what: string, text: string, dialect: Dialect, wanted: string[][]][] = [
  ["quotes and escapes", `a 'b c' "d \\"e" f\\ g`, "posix", [["a", "b c", 'd "e', "f g"]]],
  ["lists and pipes", "a && b || c; d | e & f", "posix", [["a"], ["b"], ["c"], ["d"], ["e"], [
    "f",
  ]]],
  ["comments", "a # b\n# c\nd#e", "posix", [["a"], ["d#e"]]],
  ["continuations", "a \\\n  b", "posix", [["a", "b"]]],
  ["redirections", "a > out 2>&1 < in 2>/dev/null b", "posix", [["a", "b"]]],
  ["here-documents", "cat <<'EOF' > x\npython y\nEOF\nb", "posix", [["cat"], ["b"]]],
  ["tab-stripped here-documents", "cat <<-E\n\tpython y\n\tE\nb", "posix", [["cat"], ["b"]]],
  ["assignments", "A=1 B='2 3' run C=4", "posix", [["run", "C=4"]]],
  ["keywords", "if a; then b; fi", "posix", [["a"], ["b"]]],
  ["placeholders", "run --x <name> <a b>", "posix", [["run", "--x", "<name>", "<a b>"]]],
  ["substitution", 'run $(date +%s) "${A}" x', "posix", [["run", "$(date +%s)", "${A}", "x"]]],
  ["an unclosed quote", "a 'b c", "posix", [["a", "b c"]]],
  ["PowerShell continuations and variables", "a `\n  b $env:X 'c d'", "powershell", [[
    "a",
    "b",
    "$env:X",
    "c d",
  ]]],
  ["cmd carets and comments", "rem x\na ^\n b %X% && c", "cmd", [["a", "b", "%X%"], ["c"]]],
];

for (const [what, text, dialect, wanted] of CASES) {
  Deno.test(`lexShell() reads ${what}`, () => assertEquals(words(text, dialect), wanted));
}

Deno.test("lexShell() keeps the place of every word", () => {
  const text = "A=1 run 'x y' --b\\\n c";
  const [command] = lexShell(text, "posix");
  assertEquals(command?.words.map(({ offset }) => text[offset]), ["r", "'", "-", "c"]);
  assertEquals(command?.assignments.map(({ name, value }) => [name, value.text]), [["A", "1"]]);
});

Deno.test("lexShell() agrees with shell-quote on words that are quoted for a shell", () => {
  const word = fc.string({
    unit: fc.constantFrom(..."abc-_./=:, '\"\\@"),
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (list) => {
      const text = quote(["run", ...list]);
      const theirs = parse(text).filter((part): part is string => typeof part === "string");
      assertEquals(words(text), [theirs]);
    }),
    { numRuns: 300, seed: 7 },
  );
});

const BLOCKS: [what: string, language: string, text: string, wanted: string[][]][] = [
  ["only prompted lines of a session", "console", "$ a\nout\n$ b \\\n> c\nd", [["a"], ["b", "c"]]],
  ["named prompts", "", "me@host:~/x$ a\nout\n(venv) $ b", [["a"], ["b"]]],
  ["PowerShell prompts", "", "PS C:\\x> a\nout\nPS> b", [["a"], ["b"]]],
  ["Windows prompts", "text", "C:\\x> a", []],
  ["here-documents of a session", "console", "$ cat <<E\nb\nE\n$ c", [["cat"], ["c"]]],
  ["steps of a workflow", "yaml", "- run: a b\n- run: |\n    c\n    d\n- uses: x", [["a", "b"], [
    "c",
  ], ["d"]]],
  ["no commands in other languages", "python", "import x", []],
];

for (const [what, language, text, wanted] of BLOCKS) {
  Deno.test(`commandText() leaves ${what}`, () => {
    const shell = commandText({ language, text });
    assertEquals(shell === undefined ? [] : words(shell.text, shell.dialect), wanted);
  });
}
