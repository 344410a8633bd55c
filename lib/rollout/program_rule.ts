import type { CommandTemplate } from "./traffic_template.ts";

/** What a contract says about the programs its commands may start. */
export interface ProgramRules {
  /** Let a command be a shell, or an interpreter with code on its command line. */
  allow_shell: boolean;
  /** Base names of programs; absent: any that is not a shell. */
  allowed_executables?: readonly string[] | undefined;
}

const SHELLS = ["sh", "bash", "dash", "zsh", "ksh", "fish", "cmd", "powershell", "pwsh", "busybox"];
/** Interpreters and the options that make an argument into code. */
const INLINE_CODE: Readonly<Record<string, readonly string[]>> = {
  python: ["-c"],
  node: ["-e", "--eval", "-p", "--print"],
  deno: ["eval"],
  perl: ["-e", "-E"],
  ruby: ["-e"],
  php: ["-r"],
};
/** Programs whose job is to start another. */
const WRAPPERS = ["env", "sudo", "doas", "nohup", "nice", "ionice", "setsid", "timeout", "xargs"];

const baseOf = (word: string): string =>
  (word.split(/[\\/]/).at(-1) ?? word).toLowerCase().replace(/\.exe$/, "");

/** Literal words; where a value would stand, there is nothing a rule could judge. */
function literals({ arguments: words }: CommandTemplate<string>): string[] {
  return words.map((parts) => parts.map((part) => "text" in part ? part.text : "").join(""));
}

function shellIn(words: string[]): string | undefined {
  for (const [at, word] of words.entries()) {
    const base = baseOf(word);
    if (SHELLS.includes(base)) return `"${word}" is a shell`;
    const interpreter = base.replace(/[0-9.]+$/, "");
    const codes = INLINE_CODE[interpreter] ?? [];
    const code = words.slice(at + 1).find((argument) => codes.includes(argument));
    if (code !== undefined) return `"${word} ${code}" runs code from its command line`;
    const passes = WRAPPERS.includes(base) || word.startsWith("-") || word.includes("=") ||
      /^[0-9]+[smhd]?$/.test(word);
    if (!passes) return undefined;
  }
  return undefined;
}

/** Why the contract does not let this command run; undefined when it does. */
export function programFault(
  template: CommandTemplate<string>,
  { allow_shell, allowed_executables }: ProgramRules,
): string | undefined {
  const words = literals(template);
  const program = words[0] ?? "";
  if (allowed_executables !== undefined && !allowed_executables.includes(baseOf(program))) {
    return `"${program}" is not among the allowed programs: ${allowed_executables.join(", ")}`;
  }
  return allow_shell ? undefined : shellIn(words);
}
