import {
  CHAIN_LIMIT,
  type CommandJudgement,
  type CommandPlace,
  type CommandUse,
  one,
  type WordJudgement,
} from "./command_place.ts";
import { judgePathToken } from "./judge_path.ts";
import { judgeModule, judgeScript } from "./judge_script.ts";
import {
  judgeCargoTarget,
  judgeFile,
  judgeRemote,
  judgeTarget,
  judgeTask,
  judgeWord,
} from "./judge_task.ts";
import { readCommand } from "./read_command.ts";
import type { Facts } from "./reference.ts";
import { resolveInside } from "./repository_view.ts";
import type { Claim, CommandReading } from "./runner_claim.ts";
import { type Dialect, lexShell, type SimpleCommand } from "./shell_words.ts";
import { denoTasks, npmScripts } from "./task_table.ts";

/** Judges all commands of a text; `cd` moves the working folder for those that follow. */
export function judgeCommands(text: string, dialect: Dialect, at: CommandPlace): CommandJudgement {
  const result: CommandJudgement = { commands: [], references: [] };
  let folder = "";
  for (const command of lexShell(text, dialect)) {
    const moved = changedFolder(command, folder, at.facts);
    folder = moved ?? folder;
    const reading = readCommand(command, folder);
    const judged = reading === undefined ? [] : judgeReading(reading, command, folder, at, 0);
    for (const { word, judgement } of judged) {
      result.references.push({
        ...at.place(word.offset),
        raw: word.text,
        ...judgement,
        runner: reading?.runner ?? "",
      });
    }
    const use = describe(command, reading, judged, text, at);
    if (use !== undefined) result.commands.push(use);
    const script = judged.find(({ judgement }) => judgement.kind === "command")?.judgement.resolved;
    if (script !== undefined) result.script = script;
  }
  return result;
}

function changedFolder(
  command: SimpleCommand,
  folder: string,
  { repository }: Facts,
): string | undefined {
  const [name, target] = command.words;
  if (!/^(?:cd|pushd|chdir|Set-Location|sl)$/i.test(name?.text ?? "") || target === undefined) {
    return undefined;
  }
  const path = resolveInside(folder, target.text);
  return path !== undefined && repository.lookup(path).state === "folder"
    ? path.replace(/\/$/, "")
    : undefined;
}

function describe(
  command: SimpleCommand,
  reading: CommandReading | undefined,
  judged: WordJudgement[],
  text: string,
  at: CommandPlace,
): CommandUse | undefined {
  const [first] = command.words;
  const last = command.words.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const worst = (["failed", "aliased", "placeholder", "found"] as const).find((status) =>
    judged.some(({ judgement }) => judgement.status === status)
  );
  const reason = judged.find(({ judgement }) => judgement.status === "failed")?.judgement.rule;
  return {
    raw: text.slice(first.offset, last.offset + last.text.length + (last.quoted ? 2 : 0)),
    ...at.place(first.offset),
    runner: reading?.runner ?? first.text,
    ...(reading?.target === undefined ? {} : { target: reading.target }),
    argv: command.words.map((word) => word.text),
    status: worst ?? "unverified",
    ...(reason === undefined ? {} : { reason }),
  };
}

function judgeReading(
  reading: CommandReading,
  command: SimpleCommand,
  folder: string,
  at: CommandPlace,
  depth: number,
): WordJudgement[] {
  const judged = reading.claims.flatMap((claim) =>
    judgeClaim(claim, reading, command, folder, at, depth)
  );
  const targets = judged.filter(({ judgement }) => judgement.kind === "target");
  const sentence = targets.length > 1 &&
    targets.every(({ judgement }) => judgement.status === "failed");
  return sentence ? judged.filter((one) => !targets.includes(one)) : judged; // "make it so" is no command
}

function judgeClaim(
  claim: Claim,
  reading: CommandReading,
  command: SimpleCommand,
  folder: string,
  at: CommandPlace,
  depth: number,
): WordJudgement[] {
  switch (claim.kind) {
    case "script":
      return judgeScript(claim, reading, command, folder, at, depth, judgeReading);
    case "module":
      return judgeModule(claim, at);
    case "file":
    case "folder":
      return one(claim.word, judgeFile(claim.path, at.facts));
    case "task":
      return judgeTask(
        claim,
        denoTasks(at.facts.repository, claim.folder, claim.config),
        "task_missing",
        at,
        depth,
        judgeReading,
      );
    case "npm_script":
      return judgeTask(
        claim,
        npmScripts(at.facts.repository, claim.folder),
        "npm_script_missing",
        at,
        depth,
        judgeReading,
      );
    case "make_target":
      return one(claim.word, judgeTarget(claim, at.facts));
    case "cargo_target":
      return one(claim.word, judgeCargoTarget(claim.name, at.facts));
    case "word":
      return judgeWord(claim);
    case "remote":
      return one(claim.word, judgeRemote(claim.specifier, at.facts));
    case "mention": {
      const judgement = judgePathToken(
        claim.word.text.replace(/^--?[\w-]+=/, ""),
        "span",
        at.doc,
        at.facts,
      );
      return judgement === undefined ? [] : one(claim.word, judgement);
    }
    case "nested":
      return lexShell(claim.word.text, "posix").flatMap((inner) => {
        const moved = {
          ...inner,
          words: inner.words.map((word) => ({ ...word, offset: claim.word.offset })),
        };
        const read = depth < CHAIN_LIMIT ? readCommand(moved, folder) : undefined;
        return read === undefined ? [] : judgeReading(read, moved, folder, at, depth + 1);
      });
  }
}
