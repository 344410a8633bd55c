import type { CommandPlace, WordJudgement } from "./command_place.ts";
import { judgePathToken } from "./judge_path.ts";
import { checkArguments } from "./script_declaration.ts";
import type { Word } from "./shell_words.ts";
import { sourceFlags } from "./source_flags.ts";
import { suggest } from "./suggest.ts";

/** Flags whose value a script creates, so it need not exist. */
const WRITES =
  /(?:^|-)(?:out|output|write|save|dest|destination|sarif|report|html|junit|log|to|dir|target)(?:-|$)/;

/** Judges the arguments a document gives a script: flags, values, and paths among them. */
export function judgeArguments(
  path: string,
  args: readonly Word[],
  at: CommandPlace,
): WordJudgement[] {
  const declaration = at.facts.declarations.get(path);
  const flags = declaration === undefined || typeof declaration === "string"
    ? judgeAgainstSource(path, args, at)
    : checkArguments(declaration, args).map((issue): WordJudgement => ({
      word: issue.word,
      judgement: {
        kind: "flag",
        status: "failed",
        rule: issue.rule,
        message: `${path}: ${issue.message}`,
        ...(issue.suggestion === undefined ? {} : { suggestion: issue.suggestion }),
      },
    }));
  return [...flags, ...judgePaths(args, at)];
}

function judgeAgainstSource(
  path: string,
  args: readonly Word[],
  at: CommandPlace,
): WordJudgement[] {
  const written = args.filter((word) => /^--?[A-Za-z][\w-]*(?:=|$)/.test(word.text));
  if (written.length === 0) return [];
  const source = at.facts.repository.text(path);
  const known = source === undefined
    ? undefined
    : at.facts.repository.derived(`flags ${path}`, () => sourceFlags(path, source));
  return written.flatMap((word): WordJudgement[] => {
    const flag = word.text.replace(/=[^]*$/, "");
    if (known?.flags.has(flag)) return [{ word, judgement: { kind: "flag", status: "found" } }];
    const near = known === undefined ? undefined : suggest(flag, known.flags, { maxRatio: 0.25 });
    if (!known?.complete) return [{ word, judgement: { kind: "flag", status: "unverified" } }];
    return [{
      word,
      judgement: {
        kind: "flag",
        status: "failed",
        rule: "unknown_flag",
        message: `${path}: the source names no option "${flag}"`,
        ...(near === undefined ? {} : { suggestion: near }),
      },
    }];
  });
}

function judgePaths(args: readonly Word[], at: CommandPlace): WordJudgement[] {
  return args.flatMap((word, i): WordJudgement[] => {
    const inline = /^--?([A-Za-z][\w-]*)=([^]+)$/.exec(word.text);
    const flag = inline?.[1] ?? /^--?([A-Za-z][\w-]*)$/.exec(args[i - 1]?.text ?? "")?.[1] ?? "";
    const value = inline?.[2] ?? word.text;
    if (word.expands || value.startsWith("-") || WRITES.test(flag) || !value.includes("/")) {
      return [];
    }
    const judgement = judgePathToken(value, "span", at.doc, at.facts);
    return judgement === undefined ? [] : [{ word, judgement }];
  });
}
