/** What can be told about a script's flags without running it. */
export interface SourceFlags {
  /** Option names as written on a command line, such as `--out`, `-o`. */
  flags: Set<string>;
  /**
   * True when the source shows that it reads options, so one that is not among `flags` is wrong;
   * false when options may be read elsewhere and nothing can be told.
   */
  complete: boolean;
}

const LITERAL = /(?<![\w-])--?[A-Za-z0-9][\w-]*/g;
/** Something that hands arguments on or reads options nobody can list from here. */
const OPEN_ENDED =
  /parse_known_args|allow_unknown|ignore_unknown_options|UNPROCESSED|REMAINDER|allowUnknownOption|"\$@"|\$\*|@args|importlib|__import__|allowPositionals:\s*true[^]*strict:\s*false/;
const READS_PYTHON = /add_argument\(|@click\.option|typer\.Option|absl|getopt\(/;
const READS_JS = /parseArgs\(|\.option\(|yargs|commander|\bcac\(|minimist|defineCommand/;
const READS_SHELL = /getopts\b|case\s+"?\$\{?1/;

function quotedNames(source: string): string[] {
  return [...source.matchAll(/["'`]([A-Za-z][\w-]*)["'`]|(?:^|[{,\s])([A-Za-z][\w-]*)\s*:/g)]
    .map((found) => `--${found[1] ?? found[2] ?? ""}`);
}

/**
 * Lists the options a script's source names: literals such as `--out`, the destinations of option
 * parsers, and PowerShell parameters.
 *
 * @param path Decides the language by its extension.
 */
export function sourceFlags(path: string, source: string): SourceFlags {
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  const flags = new Set(source.match(LITERAL) ?? []);
  const open = OPEN_ENDED.test(source);
  if (extension === "ps1") {
    for (const found of source.matchAll(/\$(\w+)/g)) flags.add(`-${found[1]}`);
    return { flags, complete: /\bparam\s*\(/i.test(source) && !open };
  }
  if (extension === "py") {
    for (const flag of ["-h", "--help"]) flags.add(flag);
    return { flags, complete: READS_PYTHON.test(source) && !open };
  }
  if (/^(?:sh|bash|zsh|ksh|)$/.test(extension)) {
    for (const found of source.matchAll(/getopts\s+["']?:?([A-Za-z:]+)/g)) {
      for (const letter of (found[1] ?? "").replaceAll(":", "")) flags.add(`-${letter}`);
    }
    return { flags, complete: READS_SHELL.test(source) && !open };
  }
  for (const name of quotedNames(source)) flags.add(name);
  for (const flag of ["-h", "--help", "-V", "--version"]) flags.add(flag);
  return { flags, complete: READS_JS.test(source) && !open };
}
