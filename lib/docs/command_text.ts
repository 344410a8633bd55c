import type { CodeBlock } from "./markdown_index.ts";
import type { Dialect } from "./shell_words.ts";

const DIALECTS: Record<string, Dialect> = {
  "": "posix",
  sh: "posix",
  bash: "posix",
  zsh: "posix",
  shell: "posix",
  console: "posix",
  "shell-session": "posix",
  shellsession: "posix",
  "sh-session": "posix",
  terminal: "posix",
  make: "posix",
  makefile: "posix",
  fish: "posix",
  ksh: "posix",
  dockerfile: "posix",
  powershell: "powershell",
  pwsh: "powershell",
  ps1: "powershell",
  ps: "powershell",
  cmd: "cmd",
  bat: "cmd",
  batch: "cmd",
  dos: "cmd",
};
const SESSIONS = new Set(["console", "shell-session", "shellsession", "sh-session", "terminal"]);

/** A prompt: `$`, `user@host:~$`, `(venv) $`, `PS C:\repo>`, `C:\>`, `❯`, `%`. */
const PROMPT = /^(\s*(?:\([\w.-]+\)\s*)?(?:[\w.-]+@[\w.-]+[^$#%>]{0,100})?(?:\$|❯|➜|%)\s+)\S/;
const WINDOWS_PROMPT = /^(\s*(?:PS(?:\s?[A-Za-z]:[^>]{0,200})?|[A-Za-z]:\\[^>]{0,200})>\s*)\S/;
/** Prompts that also mean a comment or a quote; only counted where nothing else marks commands. */
const WEAK_PROMPT = /^(\s*[>#]\s+)\S/;

const OUTPUT = new Set(["text", "txt", "plain", "plaintext", "output", "log"]);
/** What output tells the reader to run: `hint: deno task x`. */
const ADVICE = /^(\s*hint:\s+)(?:deno|npx|npm|python3?|make)\s/;

/** Shell text of a block; same length as the block's text, so offsets stay valid. */
export interface CommandText {
  dialect: Dialect;
  text: string;
}

function blankOut(text: string): string {
  return " ".repeat(text.length);
}

/** Keeps what follows a prompt, and the continuation of such lines; blanks everything else. */
function maskSession(lines: string[], prompt: RegExp, escape: string): string[] {
  let continued = false;
  let heredoc: string | undefined;
  return lines.map((line) => {
    if (heredoc !== undefined) {
      if (line.replace(/^>\s?/, "").trim() === heredoc) heredoc = undefined;
      return blankOut(line);
    }
    const mark = prompt.exec(line)?.[1] ??
      (continued ? /^(\s*(?:>>?\s)?)/.exec(line)?.[1] ?? "" : undefined);
    if (mark === undefined) return blankOut(line);
    continued = line.trimEnd().endsWith(escape);
    heredoc = /<<-?\s*['"]?([\w.-]+)['"]?/.exec(line)?.[1];
    const kept = blankOut(mark) + line.slice(mark.length);
    return heredoc === undefined ? kept : kept.replace(/<<-?\s*['"]?[\w.-]+['"]?/, blankOut);
  });
}

/** Replaces `run:` values of a workflow snippet's steps by their commands, all else by blanks. */
function maskWorkflow(lines: string[]): string[] {
  let indent = -1;
  return lines.map((line) => {
    const own = line.length - line.trimStart().length;
    if (indent >= 0 && (line.trim() === "" || own > indent)) return line;
    indent = -1;
    const run = /^(\s*(?:-\s+)?run:\s*)(.*)$/.exec(line);
    if (run === null) return blankOut(line);
    if (/^[|>][+-]?\s*$/.test(run[2] ?? "")) {
      indent = own;
      return blankOut(line);
    }
    return blankOut(run[1] ?? "") + (run[2] ?? "");
  });
}

/**
 * The commands of a code block as shell text, or `undefined` if its language holds none.
 *
 * Where a prompt marks commands, only marked lines are commands and the rest is output; in output
 * alone, what a hint advises. Prompts, output and here-documents of sessions are replaced by blanks, so every offset keeps its place.
 */
export function commandText(block: Pick<CodeBlock, "language" | "text">): CommandText | undefined {
  const language = block.language.replace(/^[{.]+|\}+$/g, "");
  const lines = block.text.split("\n");
  if (language === "yaml" || language === "yml") {
    const masked = maskWorkflow(lines);
    return masked.some((line) => line.trim() !== "")
      ? { dialect: "posix", text: masked.join("\n") }
      : undefined;
  }
  if (OUTPUT.has(language)) {
    const advises = lines.some((line) => ADVICE.test(line));
    return advises
      ? { dialect: "posix", text: maskSession(lines, ADVICE, "\\").join("\n") }
      : undefined;
  }
  const dialect = DIALECTS[language];
  if (dialect === undefined) return undefined;
  if (lines.some((line) => PROMPT.test(line))) {
    return { dialect: "posix", text: maskSession(lines, PROMPT, "\\").join("\n") };
  }
  if (lines.some((line) => WINDOWS_PROMPT.test(line))) {
    const windows: Dialect = lines.some((line) => /^\s*PS/.test(line)) ? "powershell" : "cmd";
    return {
      dialect: windows,
      text: maskSession(lines, WINDOWS_PROMPT, windows === "cmd" ? "^" : "`").join("\n"),
    };
  }
  if (SESSIONS.has(language) && lines.some((line) => WEAK_PROMPT.test(line))) {
    return { dialect, text: maskSession(lines, WEAK_PROMPT, "\\").join("\n") };
  }
  return {
    dialect,
    text: language === "dockerfile" ? maskDockerfile(lines).join("\n") : block.text,
  };
}

function maskDockerfile(lines: string[]): string[] {
  return lines.map((line) => {
    const run = /^(\s*RUN\s+)/i.exec(line)?.[1];
    return run === undefined ? blankOut(line) : blankOut(run) + line.slice(run.length);
  });
}
