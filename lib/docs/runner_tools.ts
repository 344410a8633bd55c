import type { Word } from "./shell_words.ts";
import {
  type Claim,
  type CommandReading,
  fileClaim,
  isFixed,
  pathOf,
  scriptClaim,
  splitOptions,
} from "./runner_claim.ts";

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

const GIT_COMMANDS = words(`
  add am annotate apply archive bisect blame branch bundle cat-file check-attr check-ignore checkout
  cherry cherry-pick clean clone commit commit-graph config count-objects credential describe diff
  diff-tree difftool fast-export fast-import fetch filter-branch filter-repo for-each-ref format-patch
  fsck gc grep gui hash-object help init interpret-trailers lfs log ls-files ls-remote ls-tree
  maintenance merge merge-base mergetool mv name-rev notes pull push range-diff read-tree rebase
  reflog remote repack replace request-pull rerere reset restore rev-list rev-parse revert rm send-email
  shortlog show show-ref sparse-checkout stash status submodule subtree svn switch symbolic-ref tag
  update-index update-ref verify-commit verify-tag version whatchanged worktree write-tree flow
`);
const CARGO_COMMANDS = words(`
  add audit b bench build c check clean clippy config d deny doc fetch fix flamegraph fmt generate-lockfile
  help init install llvm-cov locate-project login logout metadata miri new nextest owner package pkgid
  publish r remove report rm run rustc rustdoc search t test tree udeps uninstall update vendor
  verify-project version watch yank
`);

/** Reads `make -C DIR -f FILE NAME=VALUE target…`. */
export function readMake(name: string, args: readonly Word[], folder: string): CommandReading {
  const { options, operands } = splitOptions(
    args,
    (flag) => /^(?:-[CfIoWl]|--directory|--file|--makefile)$/.test(flag),
  );
  const value = (pattern: RegExp): Word | undefined =>
    options.find(({ flag }) => pattern.test(flag.text))?.value;
  const directory = value(/^(?:-C|--directory)$/);
  const inside = directory === undefined ? folder : pathOf(directory, folder);
  const file = value(/^(?:-f|--file|--makefile)$/);
  const path = file === undefined || inside === undefined ? undefined : pathOf(file, inside);
  if (inside === undefined) return { runner: name, claims: [] };
  const targets = operands.filter((word) => isFixed(word) && !word.text.includes("="));
  const claims: Claim[] = targets.map((word) => ({
    kind: "make_target",
    name: word.text,
    word,
    folder: inside,
    ...(path === undefined ? {} : { file: path }),
  }));
  if (file !== undefined) claims.push(...fileClaim(file, inside));
  return { runner: name, claims, ...(targets[0] === undefined ? {} : { target: targets[0].text }) };
}

/** Reads `cargo`: the subcommand and the manifest. */
export function readCargo(name: string, args: readonly Word[], folder: string): CommandReading {
  const { options, operands } = splitOptions(
    args,
    (flag) =>
      /^(?:--manifest-path|--bin|--example|-p|--package|--features|-F|--target)$/.test(flag),
  );
  return {
    runner: name,
    claims: [
      ...subcommand(name, operands.find((word) => !word.text.startsWith("+")), CARGO_COMMANDS),
      ...options.filter(({ flag }) => /^(?:--bin|--example|-p|--package)$/.test(flag.text)).flatMap(
        (
          { value },
        ): Claim[] =>
          isFixed(value) ? [{ kind: "cargo_target", name: value.text, word: value }] : [],
      ),
      ...options.filter(({ flag }) => flag.text === "--manifest-path").flatMap(({ value }) =>
        fileClaim(value, folder)
      ),
    ],
  };
}

/** Subcommands may be aliases or plug-ins, so only a slip of a known one is claimed. */
function subcommand(of: string, word: Word | undefined, known: readonly string[]): Claim[] {
  if (!isFixed(word) || known.includes(word.text)) return [];
  return [{ kind: "word", word, rule: "unknown_subcommand", of, known }];
}

/** Reads `git`: the subcommand, and arguments that look like paths of the repository. */
export function readGit(name: string, args: readonly Word[]): CommandReading {
  const { operands } = splitOptions(
    args,
    (flag) => /^(?:-C|-c|-m|--git-dir|--work-tree)$/.test(flag),
  );
  const [command, ...rest] = operands;
  const reads = /^(?:add|mv|rm|diff|log|show|blame|restore|checkout|apply)$/.test(
    command?.text ?? "",
  );
  const paths = rest.filter((word) => /\//.test(word.text) && /\.\w+$|\*/.test(word.text));
  return {
    runner: name,
    claims: [
      ...subcommand(name, command, GIT_COMMANDS),
      ...(reads ? paths.map((word): Claim => ({ kind: "mention", word })) : []),
    ],
  };
}

/** Reads `bash FILE`, `sh -c TEXT`, `source FILE`. */
export function readShell(name: string, args: readonly Word[], folder: string): CommandReading {
  const { options, first } = splitOptions(
    args,
    (flag) => /^(?:-o|-O|--rcfile|--init-file)$|^-[a-z]*c$/.test(flag),
  );
  const text = options.find(({ flag }) => /^-[a-z]*c$/.test(flag.text))?.value;
  if (text !== undefined) return { runner: name, claims: [{ kind: "nested", word: text }] };
  const main = args[first];
  if (main === undefined || (name === "." || name === "source") && !/\.\w*sh$/.test(main.text)) {
    return { runner: name, claims: [] };
  }
  return {
    runner: name,
    target: main.text,
    claims: scriptClaim(main, args.slice(first + 1), folder),
  };
}

/** Reads `pwsh -File FILE` and `pwsh FILE`. */
export function readPwsh(name: string, args: readonly Word[], folder: string): CommandReading {
  const at = args.findIndex((word) => /^-f(?:ile)?$/i.test(word.text));
  const main = at >= 0 ? args[at + 1] : args.find((word) => /\.ps1$/i.test(word.text));
  const command = args.findIndex((word) => /^-c(?:ommand)?$/i.test(word.text));
  if (main === undefined) {
    const word = args[command + 1];
    return {
      runner: name,
      claims: command >= 0 && word !== undefined ? [{ kind: "nested", word }] : [],
    };
  }
  return {
    runner: name,
    target: main.text,
    claims: scriptClaim(main, args.slice(args.indexOf(main) + 1), folder),
  };
}

/** Reads tools whose file arguments must exist to be read: `cat`, `jq`, `head`, `docker -f` … */
export function readReader(name: string, args: readonly Word[]): CommandReading {
  const skip = /^(?:jq|yq|grep|rg|sed|awk|chmod|chown)$/.test(name) ? 1 : 0;
  const { operands, options } = splitOptions(
    args,
    (flag) => /^(?:-f|--file|-n|-e|-C|-A|-B)$/.test(flag),
  );
  const source = /^(?:cp|mv|install|copy)$/.test(name)
    ? operands.slice(0, -1)
    : operands.slice(skip);
  const files = options.filter(({ flag }) => /^(?:-f|--file)$/.test(flag.text)).flatMap((
    { value },
  ) => value ?? []);
  return { runner: name, claims: [...source, ...files].map((word) => ({ kind: "mention", word })) };
}
