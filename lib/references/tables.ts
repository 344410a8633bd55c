import type { DeclarationDescription, FlagDescription } from "../command/describe.ts";
import { POLICIES, policyPath } from "../policy/catalogue.ts";
import { STEPS } from "../preflight/registry.ts";
import type { DescribedScript } from "./script_descriptions.ts";

type Row = readonly string[];

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** A Markdown table, as `deno fmt` would write it. */
export function table(head: Row, rows: readonly Row[]): string {
  const lines = [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))];
  return lines.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

const COMMON = new Set(["help", "version", "describe", "root", "strict", "json", "out", "quiet"]);

function declarations(script: DescribedScript): [string, DeclarationDescription][] {
  return Object.entries(script.commands);
}

/** The script table of README and `docs/SCRIPTS.md`. */
export function scriptTable(scripts: readonly DescribedScript[]): string {
  return table(
    ["script", "kind", "what it does"],
    scripts.map((script) => {
      const kinds = [...new Set(declarations(script).map(([, { kind }]) => kind))].join(", ");
      return [`[\`${script.name}\`](docs/SCRIPTS.md#${script.name})`, kinds, script.summary];
    }),
  );
}

function flagRows(flags: readonly FlagDescription[]): Row[] {
  return flags.filter(({ name, env }) =>
    !COMMON.has(name) || (name === "strict" && env !== undefined)
  ).map((flag) => {
    const written = flag.kind === "secret" ? "environment only" : `\`--${flag.name}\``;
    const standard = flag.default === undefined || flag.default === false ||
        (Array.isArray(flag.default) && flag.default.length === 0)
      ? ""
      : `\`${String(flag.default)}\``;
    return [
      written,
      flag.env === undefined ? "" : `\`${flag.env}\``,
      standard,
      `${flag.help} (${flag.accepts})`,
    ];
  });
}

function declarationSection(
  script: string,
  word: string,
  declaration: DeclarationDescription,
): string[] {
  const rows = flagRows(declaration.flags);
  return [
    ...(word === "" ? [] : [`#### ${script} ${word}`, "", `${declaration.summary}.`, ""]),
    `Kind: ${declaration.kind}.${
      declaration.artifact === undefined
        ? " Writes no report."
        : ` Report: \`.data/out/${declaration.artifact}_*.json\`.`
    }`,
    "",
    ...(rows.length === 0 ? [] : [table(["flag", "environment", "default", "meaning"], rows), ""]),
  ];
}

/** The reference of every script and flag. */
export function scriptReference(scripts: readonly DescribedScript[]): string {
  return scripts.flatMap((script) => [
    `### ${script.name}`,
    "",
    `${script.summary}.`,
    "",
    "```sh",
    `deno task ${script.name} --help`,
    "```",
    "",
    `Permissions: ${
      script.permissions.filter((flag) => flag.startsWith("--allow")).map((flag) => `\`${flag}\``)
        .join(" ")
    }`,
    "",
    ...declarations(script).flatMap(([word, declaration]) =>
      declarationSection(script.name, word, declaration)
    ),
  ]).join("\n").trimEnd();
}

/** Every environment variable with the scripts and flags that read it. */
export function environmentNames(
  scripts: readonly DescribedScript[],
): Map<string, { flag: string; script: string; help: string }[]> {
  const names = new Map<string, { flag: string; script: string; help: string }[]>();
  for (const script of scripts) {
    for (const [, { flags }] of declarations(script)) {
      for (const { env, name, help } of flags) {
        if (env === undefined) continue;
        const uses = names.get(env) ?? [];
        if (!uses.some((use) => use.script === script.name && use.flag === name)) {
          names.set(env, [...uses, { flag: name, script: script.name, help }]);
        }
      }
    }
  }
  return new Map([...names].sort(([a], [b]) => a < b ? -1 : 1));
}

/** What the names of one subject begin with, such as `WA_INCIDENT` or `GITHUB`. */
const subjectOf = (variable: string): string =>
  variable.split("_").slice(0, variable.startsWith("WA_") ? 2 : 1).join("_");

/** The reference of environment variables, a table for each subject. */
export function environmentTable(scripts: readonly DescribedScript[]): string {
  const subjects = Map.groupBy(environmentNames(scripts), ([name]) => subjectOf(name));
  return [...subjects.values()].map((names) =>
    table(
      ["variable", "stands for", "meaning"],
      names.map(([name, uses]) => [
        `\`${name}\``,
        uses.map(({ script, flag }) => `\`${script} --${flag}\``).join(", "),
        uses[0]?.help ?? "",
      ]),
    )
  ).join("\n\n");
}

/** The reference of artifacts: who writes what. */
export function artifactTable(scripts: readonly DescribedScript[]): string {
  const producers = new Map<string, string[]>();
  for (const script of scripts) {
    for (const [word, { artifact }] of declarations(script)) {
      if (artifact === undefined) continue;
      const who = word === "" ? script.name : `${script.name} ${word}`;
      producers.set(artifact, [...producers.get(artifact) ?? [], who]);
    }
  }
  return table(
    ["artifact", "written by"],
    [...producers].sort(([a], [b]) => a < b ? -1 : 1).map(([artifact, who]) => [
      `\`.data/out/${artifact}_*.json\``,
      who.map((name) => `\`${name}\``).join(", "),
    ]),
  );
}

/** The steps of preflight, in order. */
export function stepTable(): string {
  return table(
    ["step id", "script", "why it is there", "left out by"],
    STEPS.map((step) => [
      `\`${step.id}\``,
      `\`scripts/${step.script}.ts\``,
      step.why,
      `\`--${step.skipFlag}\``,
    ]),
  );
}

/** The policy files. */
export function policyTable(): string {
  return table(
    ["file", "what it decides", "schema"],
    POLICIES.map((
      { name, about },
    ) => [`\`${policyPath(name)}\``, about, `\`security/schemas/${name}.schema.json\``]),
  );
}
