/** Whose quoting, comment and continuation rules apply. */
export type Dialect = "posix" | "powershell" | "cmd";

/** One word of a command line, unquoted. */
export interface Word {
  text: string;
  /** Offset of its first character in the text that was read. */
  offset: number;
  quoted: boolean;
  /** True when the shell would replace a part (`$x`, `$(…)`, `%x%`), so the value is unknown. */
  expands: boolean;
}

/** One simple command: what lies between separators. */
export interface SimpleCommand {
  assignments: { name: string; value: Word }[];
  words: Word[];
  /** Targets of `>` and `<`; never arguments. */
  redirects: Word[];
}

const ESCAPE: Record<Dialect, string> = { posix: "\\", powershell: "`", cmd: "^" };
/** `<name>`, which documents write where the reader puts a value. */
const PLACEHOLDER = /^<\w(?:[\w .|:/-]{0,60}\w)?>/;
/** Words after which a command still begins. */
const KEYWORDS = new Set([
  "if",
  "then",
  "else",
  "elif",
  "do",
  "while",
  "until",
  "!",
  "{",
  "}",
  "fi",
  "done",
  "&",
]);

/** Reads words and separators off one text; a class because the position is shared by all rules. */
class Lexer {
  readonly commands: SimpleCommand[] = [];
  #at = 0;
  #current: SimpleCommand = { assignments: [], words: [], redirects: [] };
  #redirecting = false;
  #heredocs: { end: string; tabs: boolean }[] = [];

  constructor(readonly text: string, readonly dialect: Dialect) {}

  read(): SimpleCommand[] {
    while (this.#at < this.text.length) this.#step();
    this.#finish();
    return this.commands;
  }

  #step(): void {
    const c = this.text[this.#at] ?? "";
    const next = this.text[this.#at + 1];
    if (c === ESCAPE[this.dialect] && (next === "\n" || next === "\r")) {
      this.#at += next === "\r" && this.text[this.#at + 2] === "\n" ? 3 : 2;
    } else if (c === "\n" || c === "\r") this.#endLine();
    else if (c === " " || c === "\t") this.#at++;
    else if (this.#comment(c)) this.#skipLine();
    else if (c === ";" || c === "|" || c === "(" || c === ")") this.#separate();
    else if (c === "&") this.#separate();
    else if (this.#redirects(c)) this.#redirect();
    else this.#word();
  }

  #redirects(c: string): boolean {
    if (c === "<") return !PLACEHOLDER.test(this.text.slice(this.#at, this.#at + 64));
    return c === ">" || /^\d>/.test(this.text.slice(this.#at, this.#at + 2));
  }

  #comment(c: string): boolean {
    if (this.dialect !== "cmd") return c === "#";
    return this.#current.words.length === 0 &&
      /^(?:rem\b|::)/i.test(this.text.slice(this.#at, this.#at + 4));
  }

  #skipLine(): void {
    while (this.#at < this.text.length && !/[\r\n]/.test(this.text[this.#at] ?? "")) this.#at++;
  }

  #separate(): void {
    this.#at++;
    this.#finish();
  }

  #endLine(): void {
    this.#at++;
    this.#finish();
    for (const { end, tabs } of this.#heredocs.splice(0)) {
      while (this.#at < this.text.length) {
        const from = this.#at;
        this.#skipLine();
        const line = this.text.slice(from, this.#at);
        this.#at += this.text.startsWith("\r\n", this.#at) ? 2 : 1;
        if ((tabs ? line.replace(/^\t+/, "") : line).trimEnd() === end) break;
      }
    }
  }

  #redirect(): void {
    const operator =
      /^\d?(?:<<<|<<-?|<>|<|>>|>&\d?|>\|?)/.exec(this.text.slice(this.#at, this.#at + 6))?.[0] ??
        "<";
    this.#at += operator.length;
    const here = this.dialect === "posix" && /<<-?$/.test(operator) && !operator.endsWith("<<<");
    const end = here
      ? /^\s*(?:'([^']*)'|"([^"]*)"|\\?([\w.-]+))/.exec(this.text.slice(this.#at, this.#at + 200))
      : null;
    if (end !== null) {
      this.#at += end[0].length;
      this.#heredocs.push({ end: end[1] ?? end[2] ?? end[3] ?? "", tabs: operator.endsWith("-") });
    } else this.#redirecting = !/&\d$/.test(operator);
  }

  #word(): void {
    const word: Word = { text: "", offset: this.#at, quoted: false, expands: false };
    const start = this.#at;
    while (this.#at < this.text.length) {
      const c = this.text[this.#at] ?? "";
      if (c === '"' || (c === "'" && this.dialect !== "cmd")) this.#quoted(word, c);
      else if (c === ESCAPE[this.dialect] && this.#at + 1 < this.text.length) {
        const next = this.text[this.#at + 1] ?? "";
        if (/[\r\n]/.test(next)) break;
        if (c === "\\" && /\w/.test(next)) word.text += c; // nobody escapes a letter: a Windows path
        word.text += this.text[this.#at + 1];
        this.#at += 2;
      } else if (
        c === "<" && PLACEHOLDER.test(this.text.slice(this.#at, this.#at + 64))
      ) {
        const placeholder = /^<[^<>]*>/.exec(this.text.slice(this.#at, this.#at + 64))?.[0] ?? c;
        word.text += placeholder;
        this.#at += placeholder.length;
      } else if (/[\s;|&()<>]/.test(c) && !this.#expansion(word, c)) break;
      else if (!this.#expansion(word, c)) {
        word.text += c;
        this.#at++;
      }
    }
    if (this.#at === start) this.#at++; // no rule took the character: leave it out
    else this.#keep(word);
  }

  /** Takes `$name`, `${…}`, `$(…)`, `` `…` `` and `%name%` whole. */
  #expansion(word: Word, c: string): boolean {
    const rest = this.text.slice(this.#at, this.#at + 400);
    const pattern = this.dialect === "cmd"
      ? /^%[^%\s]+%/
      : this.dialect === "posix"
      ? /^(?:\$\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\$\{[^{}\n]*\}|\$[\w@*#?]+|`[^`\n]*`)/
      : /^(?:\$\([^()\n]*\)|\$\{[^{}\n]*\}|\$[\w:]+)/;
    const found = c === "$" || c === "%" || c === "`" ? pattern.exec(rest)?.[0] : undefined;
    if (found === undefined) return false;
    word.text += found;
    word.expands = true;
    this.#at += found.length;
    return true;
  }

  #quoted(word: Word, quote: string): void {
    word.quoted = true;
    const escape = ESCAPE[this.dialect];
    for (this.#at++; this.#at < this.text.length; this.#at++) {
      const c = this.text[this.#at] ?? "";
      if (c === quote) break;
      const next = this.text[this.#at + 1] ?? "";
      const escaped = quote === '"' && c === escape &&
        (this.dialect !== "posix" || /["\\$`\n]/.test(next));
      if (escaped) this.#at++;
      else if (quote === '"' && c === "$" && /[\w({]/.test(next)) word.expands = true;
      word.text += escaped ? next : c;
    }
    this.#at++;
  }

  #keep(word: Word): void {
    if (this.#redirecting) {
      this.#redirecting = false;
      this.#current.redirects.push(word);
      return;
    }
    const { words, assignments } = this.#current;
    if (words.length === 0) {
      if (!word.quoted && KEYWORDS.has(word.text)) return;
      const assigned = /^([A-Za-z_]\w*)=([^]*)$/.exec(word.text);
      if (assigned !== null && this.dialect === "posix") {
        const [, name = "", text = ""] = assigned;
        assignments.push({ name, value: { ...word, text, offset: word.offset + name.length + 1 } });
        return;
      }
    }
    words.push(word);
  }

  #finish(): void {
    this.#redirecting = false;
    const { words, assignments } = this.#current;
    if (words.length > 0 || assignments.length > 0) this.commands.push(this.#current);
    this.#current = { assignments: [], words: [], redirects: [] };
  }
}

/**
 * Splits shell text into simple commands with the place of every word, without running or
 * expanding anything: quotes, escapes, comments, continuations, pipes and lists, redirections,
 * here-documents (left out), environment prefixes.
 *
 * A list of words would be enough for shell-quote; findings need places, three dialects and
 * here-documents, which it does not give. Tests compare the two on their common ground.
 */
export function lexShell(text: string, dialect: Dialect): SimpleCommand[] {
  return new Lexer(text, dialect).read();
}
