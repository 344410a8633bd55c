import { allFlags, type Command, COMMON_FLAGS, type Declaration } from "./command.ts";
import type { Flag } from "./flag.ts";

const WIDTH = 92;

function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

function origins(flag: Flag): string {
  const facts = [
    ...(flag.fallback === undefined || flag.fallback === false ||
        (Array.isArray(flag.fallback) && flag.fallback.length === 0)
      ? []
      : [`default: ${flag.fallback}`]),
    ...(flag.env === undefined ? [] : [`env: ${flag.env}`]),
    ...(flag.policy === undefined ? [] : [`policy: ${flag.policy}`]),
  ];
  return facts.length === 0 ? "" : ` [${facts.join(", ")}]`;
}

function flagLines(entries: [string, Flag][]): string[] {
  return entries.flatMap(([name, flag]) => {
    const left = flag.kind === "secret"
      ? `  (${flag.env})`
      : `  --${name} ${flag.placeholder}`.trimEnd();
    const text = `${flag.help}${flag.kind === "secret" ? `; ${flag.accepts}` : origins(flag)}`;
    const lines = wrap(text, " ".repeat(30));
    if (left.length > 28) return [left, ...lines];
    return [left.padEnd(30) + lines[0]!.trimStart(), ...lines.slice(1)];
  });
}

const EXIT_LINES = [
  "Exit codes:",
  "  0 passed   2 failed   64 wrong call or configuration   70 internal or I/O error",
  "  75 not ready yet, try again   130, 143 stopped by a signal",
];

const KIND_LINES = {
  gate: "A gate: reads and judges; writes nothing but its report.",
  producer: "A producer: makes evidence; changes nothing else.",
  actor: "An actor: changes state or the outside world, and records it in the audit log.",
};

function declarationHelp(name: string, declaration: Declaration): string[] {
  const all = Object.entries(allFlags(declaration));
  const isCommon = (flag: string): boolean =>
    Object.hasOwn(COMMON_FLAGS, flag) && !Object.hasOwn(declaration.flags, flag);
  const own = all.filter(([flag]) => !isCommon(flag));
  const common = all.filter(([flag]) => isCommon(flag));
  const operand = declaration.operands === undefined ? "" : ` [${declaration.operands.name}]`;
  return [
    `${declaration.summary}.`,
    KIND_LINES[declaration.kind],
    "",
    `Usage: ${name} [flags]${operand}`,
    ...(declaration.operands === undefined
      ? []
      : [`  ${declaration.operands.name}: ${declaration.operands.help}`]),
    ...(declaration.details ?? []).flatMap((paragraph) => ["", ...wrap(paragraph, "")]),
    ...(own.length === 0 ? [] : ["", "Flags:", ...flagLines(own)]),
    "",
    "Common flags:",
    ...flagLines(common),
    "",
    "A flag wins over its environment variable, that over the policy, that over the default.",
    ...(declaration.artifact === undefined
      ? []
      : [`Report: .data/out/${declaration.artifact}_<UTC time>.json`]),
    ...(declaration.examples === undefined ? [] : [
      "",
      "Examples:",
      ...declaration.examples.map((example) => `  ${name} ${example}`.trimEnd()),
    ]),
    "",
    ...EXIT_LINES,
  ];
}

/** The text of `--help`, rendered from the declaration. */
export function help(command: Command, declaration?: Declaration): string {
  const only = declaration ?? command.declarations.get("");
  if (only !== undefined) return declarationHelp(only.name, only).join("\n") + "\n";
  const rows = [...command.declarations].map(([word, { summary }]) =>
    `  ${word.padEnd(14)} ${summary}`
  );
  return [
    `${command.summary}.`,
    "",
    `Usage: ${command.name} SUBCOMMAND [flags]`,
    "",
    "Subcommands:",
    ...rows,
    "",
    `${command.name} SUBCOMMAND --help shows the flags of one.`,
    "",
    ...EXIT_LINES,
  ].join("\n") + "\n";
}
