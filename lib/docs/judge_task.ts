import {
  CHAIN_LIMIT,
  type CommandPlace,
  one,
  type ReadingJudge,
  type WordJudgement,
} from "./command_place.ts";
import { failed, type Judgement } from "./judgement.ts";
import { isGlob } from "./glob.ts";
import { isStandIn } from "./placeholder.ts";
import { readCommand } from "./read_command.ts";
import type { Facts } from "./reference.ts";
import type { Claim } from "./runner_claim.ts";
import { lexShell, type Word } from "./shell_words.ts";
import { suggest } from "./suggest.ts";
import { cargoTargets, makeTargets, type TaskTable } from "./task_table.ts";

export function judgeFile(path: string, facts: Facts): Judgement {
  if (facts.generatedPrefixes.some((prefix) => path.startsWith(prefix) || `${path}/` === prefix)) {
    return { kind: "path", status: "generated" };
  }
  if (isGlob(path)) {
    const match = facts.repository.firstMatch(path);
    return match === undefined
      ? failed("glob", "glob_without_match", `"${path}" matches no tracked file`)
      : { kind: "glob", status: "found", resolved: match };
  }
  const found = facts.repository.lookup(path);
  if (found.state === "other_case") {
    return failed("path", "case_mismatch", `"${path}" is written "${found.path}"`, found.path);
  }
  if (found.state !== "missing") return { kind: "path", status: "found", resolved: found.path };
  if (isStandIn(path)) return { kind: "path", status: "placeholder" };
  return failed(
    "path",
    "missing_path",
    `"${path}" does not exist`,
    facts.repository.nearest(path),
  );
}

export function judgeTask(
  claim: Extract<Claim, { kind: "task" | "npm_script" }>,
  table: TaskTable | undefined,
  rule: "task_missing" | "npm_script_missing",
  at: CommandPlace,
  depth: number,
  judge: ReadingJudge,
): WordJudgement[] {
  const where = rule === "task_missing" ? "deno.json" : "package.json";
  if (isStandIn(claim.name)) return one(claim.word, { kind: "task", status: "placeholder" });
  if (table === undefined) {
    return one(
      claim.word,
      failed("task", rule, `there is no ${where} that declares "${claim.name}"`),
    );
  }
  if (
    isGlob(claim.name) &&
    [...table.commands.keys()].some((name) =>
      new RegExp(`^${claim.name.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(name)
    )
  ) {
    return one(claim.word, {
      kind: "task",
      status: "found",
      resolved: `${table.file}#${claim.name}`,
    });
  }
  const text = table.commands.get(claim.name);
  if (text === undefined) {
    const near = suggest(claim.name, table.commands.keys(), { maxRatio: 0.5 });
    return one(
      claim.word,
      failed("task", rule, `${table.file} declares no "${claim.name}"`, near),
    );
  }
  const found = one(claim.word, {
    kind: "task",
    status: "found",
    resolved: `${table.file}#${claim.name}`,
  });
  return [...found, ...judgeAppended(text, claim.args, table.file, at, depth, judge)];
}

/** Arguments after a task's name are appended to its last command, so they are judged against that. */
function judgeAppended(
  text: string,
  args: readonly Word[],
  file: string,
  at: CommandPlace,
  depth: number,
  judge: ReadingJudge,
): WordJudgement[] {
  const last = lexShell(text, "posix").at(-1);
  if (last === undefined || depth >= CHAIN_LIMIT) return [];
  const folder = file.slice(0, Math.max(0, file.lastIndexOf("/")));
  const own = new Set(args);
  const command = { ...last, words: [...last.words, ...args] };
  const reading = readCommand(command, folder);
  if (reading === undefined) return [];
  const judged = judge(reading, command, folder, at, depth + 1);
  const script = judged.find(({ judgement }) =>
    judgement.kind === "command" && judgement.resolved !== undefined
  );
  const anchor = args[0] ?? last.words[0];
  const named = script === undefined || anchor === undefined
    ? []
    : [{ ...script, word: { ...anchor } }];
  return [...named.filter(() => args.length > 0), ...judged.filter(({ word }) => own.has(word))];
}

export function judgeTarget(
  claim: Extract<Claim, { kind: "make_target" }>,
  facts: Facts,
): Judgement {
  const targets = makeTargets(facts.repository, claim.folder, claim.file);
  if (targets === undefined) return { kind: "target", status: "unverified" };
  if (targets.has(claim.name)) return { kind: "target", status: "found", resolved: targets.file };
  const near = suggest(claim.name, targets.names, { maxRatio: 0.5 });
  return failed(
    "target",
    "make_target_missing",
    `${targets.file} has no target "${claim.name}"`,
    near,
  );
}

export function judgeWord(claim: Extract<Claim, { kind: "word" }>): WordJudgement[] {
  const { word, rule, of, known } = claim;
  const near = suggest(word.text.replace(/=.*$/, ""), known);
  if (near === undefined && of !== "deno") return [];
  const what = rule === "unknown_flag" ? "flag" : "subcommand";
  const kind = rule === "unknown_flag" ? "flag" : "command";
  return one(word, failed(kind, rule, `"${word.text}" is not a ${what} of ${of}`, near));
}

/** A remote program is only what the document says while its version is fixed. */
export function judgeRemote(specifier: string, facts: Facts): Judgement {
  const [, name = specifier, version] =
    /^((?:jsr|npm):(?:@[^@/]+\/)?[^@/]+)(?:@([^/]+))?/.exec(specifier) ?? [];
  const pinned = version !== undefined || /@v?\d/.test(specifier);
  const locked = facts.repository.text("deno.lock")?.includes(`"${name}@`) ?? false;
  if (pinned || locked) return { kind: "command", status: "unverified" };
  return failed("command", "remote_unpinned", `"${specifier}" names no version`);
}

/** A package, binary or example of a Cargo workspace. */
export function judgeCargoTarget(name: string, facts: Facts): Judgement {
  const known = cargoTargets(facts.repository);
  if (known === undefined) return { kind: "target", status: "unverified" };
  if (known.includes(name)) return { kind: "target", status: "found", resolved: name };
  const near = suggest(name, known);
  return failed("target", "cargo_target_missing", `no Cargo.toml declares "${name}"`, near);
}
