import {
  CHAIN_LIMIT,
  type CommandPlace,
  one,
  type ReadingJudge,
  type WordJudgement,
} from "./command_place.ts";
import { failed, type Judgement } from "./judgement.ts";
import { isGlob } from "./glob.ts";
import { judgeArguments } from "./judge_arguments.ts";
import { isStandIn } from "./placeholder.ts";
import { readCommand } from "./read_command.ts";
import type { CommandAlias, Facts } from "./reference.ts";
import type { Claim, CommandReading } from "./runner_claim.ts";
import { PYTHON } from "./runner_python.ts";
import { lexShell, type SimpleCommand, type Word } from "./shell_words.ts";
import { denoTasks } from "./task_table.ts";

export function judgeScript(
  claim: Extract<Claim, { kind: "script" }>,
  reading: CommandReading,
  command: SimpleCommand,
  folder: string,
  at: CommandPlace,
  depth: number,
  judge: ReadingJudge,
): WordJudgement[] {
  const { facts } = at;
  const { path, word } = claim;
  const found = facts.repository.lookup(path);
  if (found.state === "file") {
    return [
      ...one(word, { kind: "command", status: "found", resolved: found.path }),
      ...judgeArguments(found.path, claim.args, at),
    ];
  }
  if (isStandIn(path) || /^[\d.xv]+$/.test(path)) {
    return one(word, { kind: "command", status: "placeholder" });
  }
  const alias = aliasFor(command, facts);
  if (alias !== undefined) return judgeAlias(alias, claim, folder, at, depth, judge);
  if (found.state === "other_case") {
    return one(
      word,
      failed("command", "case_mismatch", `"${path}" is written "${found.path}"`, found.path),
    );
  }
  if (isGlob(path) && facts.repository.firstMatch(path) !== undefined) {
    return one(word, { kind: "command", status: "found" });
  }
  if (facts.generatedPrefixes.some((prefix) => path.startsWith(prefix))) {
    return one(word, { kind: "command", status: "generated" });
  }
  return one(word, missingScript(path, reading, claim, facts));
}

/** A script that is gone: another language's twin or a task of its name makes the runner stale. */
function missingScript(
  path: string,
  reading: CommandReading,
  claim: Extract<Claim, { kind: "script" }>,
  facts: Facts,
): Judgement {
  const base = path.replace(/\.[^./]+$/, "");
  const twin = [".ts", ".mts", ".js", ".mjs"].map((extension) => base + extension)
    .find((candidate) => facts.repository.files.has(candidate));
  const stem = base.slice(base.lastIndexOf("/") + 1);
  const tasks = denoTasks(facts.repository, "")?.commands;
  const task = tasks === undefined
    ? undefined
    : [stem, stem.replaceAll("_", "-")].find((name) => tasks.has(name)) ??
      [...tasks].find(([, text]) => twin !== undefined && text.includes(twin))?.[0];
  if (reading.runner === "python" && (twin !== undefined || task !== undefined)) {
    const args = claim.args.map((word) => word.quoted ? `"${word.text}"` : word.text).join(" ");
    const instead = `${task === undefined ? `deno run ${twin}` : `deno task ${task}`} ${args}`
      .trim();
    return failed(
      "command",
      "stale_runner",
      `"${path}" does not exist, another runner took over`,
      instead,
    );
  }
  return failed(
    "command",
    "script_missing",
    `"${path}" does not exist`,
    twin ?? facts.repository.nearest(path),
  );
}

interface AliasMatch {
  alias: CommandAlias;
  stem: string;
  rest: readonly Word[];
}

function aliasFor(command: SimpleCommand, facts: Facts): AliasMatch | undefined {
  for (const alias of facts.aliases) {
    if (alias.expires < facts.today) continue;
    const wanted = alias.match.split(/\s+/);
    let stem = "";
    const matches = wanted.every((part, i) => {
      const text = command.words[i]?.text.replaceAll("\\", "/").replace(/^\.\//, "") ?? "";
      if (!part.includes("{stem}")) return part === text || PYTHON.test(part) && PYTHON.test(text);
      const [start = "", end = ""] = part.split("{stem}");
      stem = text.slice(start.length, text.length - end.length);
      return text.startsWith(start) && text.endsWith(end) && stem !== "" && !stem.includes("/");
    });
    if (matches) return { alias, stem, rest: command.words.slice(wanted.length) };
  }
  return undefined;
}

function judgeAlias(
  { alias, stem, rest }: AliasMatch,
  claim: Extract<Claim, { kind: "script" }>,
  folder: string,
  at: CommandPlace,
  depth: number,
  judge: ReadingJudge,
): WordJudgement[] {
  const text = alias.to.replaceAll("{stem}", stem);
  if (alias.mode === "forbid") {
    return one(
      claim.word,
      failed("command", "alias_forbidden", `the alias for "${alias.match}" is forbidden`, text),
    );
  }
  const [target] = lexShell(text, "posix");
  const words = (target?.words ?? []).map((word) => ({ ...word, offset: claim.word.offset }));
  const command = { assignments: [], redirects: [], words: [...words, ...rest] };
  const reading = depth < CHAIN_LIMIT ? readCommand(command, folder) : undefined;
  const judged = reading === undefined ? [] : judge(reading, command, folder, at, depth + 1);
  const bad = judged.filter(({ judgement }) => judgement.status === "failed");
  return bad.length > 0
    ? bad
    : one(claim.word, { kind: "command", status: "aliased", resolved: text });
}

export function judgeModule(
  claim: Extract<Claim, { kind: "module" }>,
  at: CommandPlace,
): WordJudgement[] {
  const { repository } = at.facts;
  const base = [claim.folder, claim.name.replaceAll(".", "/")].filter((part) => part !== "").join(
    "/",
  );
  const file = ["", "src/"].flatMap((root) =>
    [".py", "/__main__.py", "/__init__.py"].map((end) => root + base + end)
  ).find((path) => repository.files.has(path));
  if (file !== undefined) {
    return [
      ...one(claim.word, { kind: "command", status: "found", resolved: file }),
      ...judgeArguments(file, claim.args, at),
    ];
  }
  const top = base.split("/")[0] ?? "";
  const ours = repository.folders.has(top) || repository.folders.has(`src/${top}`);
  if (!ours || !claim.name.includes(".")) {
    return one(claim.word, { kind: "command", status: "unverified" });
  }
  return one(
    claim.word,
    failed(
      "command",
      "script_missing",
      `module "${claim.name}" does not exist`,
      repository.nearest(`${base}.py`),
    ),
  );
}
