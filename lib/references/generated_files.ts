import { z } from "zod";
import { catalogueFiles } from "../catalogue/catalogue_entries.ts";
import { POLICIES } from "../policy/catalogue.ts";
import { Report } from "../report/report.ts";
import { type DescribedScript, describeScripts } from "./script_descriptions.ts";
import {
  artifactTable,
  environmentNames,
  environmentTable,
  policyTable,
  scriptReference,
  scriptTable,
  stepTable,
} from "./tables.ts";

/** Content of a file that is generated wholly or in marked regions. */
export interface GeneratedFile {
  /** Relative to root. */
  path: string;
  text: string;
}

/** Formats as `deno fmt` would, so that a generated file passes the formatter's check. */
async function format(text: string, extension: string, config: string): Promise<string> {
  const child = new Deno.Command("deno", {
    args: ["fmt", "--config", config, "--ext", extension, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  if (code !== 0) throw new Error(`deno fmt: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

function jsonSchema(schema: z.ZodType, title: string): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return JSON.stringify({ $schema, title, ...rest }, null, 2) + "\n";
}

async function schemaFiles(): Promise<GeneratedFile[]> {
  const files = await Promise.all(POLICIES.map(async ({ name, about, schema }) => ({
    path: `security/schemas/${name}.schema.json`,
    text: jsonSchema(await schema(), about),
  })));
  return [...files, {
    path: "security/schemas/report.schema.json",
    text: jsonSchema(Report, "What every report holds"),
  }];
}

/** Replaces the text between `<!-- generated:NAME -->` and `<!-- /generated -->`. */
export function fillRegions(text: string, regions: Record<string, string>, path: string): string {
  return text.replaceAll(
    /(<!-- generated:([a-z-]+) -->\n)[\s\S]*?(<!-- \/generated -->)/g,
    (_, open: string, name: string, close: string) => {
      const content = regions[name];
      if (content === undefined) {
        throw new Error(`${path} has a region "${name}" that nothing generates`);
      }
      return `${open}\n${content}\n\n${close}`;
    },
  );
}

async function documents(
  root: string,
  scripts: readonly DescribedScript[],
): Promise<GeneratedFile[]> {
  const regions = {
    scripts: scriptTable(scripts),
    "script-reference": scriptReference(scripts),
    environment: environmentTable(scripts),
    artifacts: artifactTable(scripts),
    steps: stepTable(),
    policies: policyTable(),
  };
  const paths = ["README.md"];
  for await (const entry of Deno.readDir(`${root}/docs`)) {
    if (entry.isFile && entry.name.endsWith(".md")) paths.push(`docs/${entry.name}`);
  }
  const files: GeneratedFile[] = [];
  for (const path of paths.sort()) {
    const text = await Deno.readTextFile(`${root}/${path}`);
    const inFolder = path.startsWith("docs/")
      ? Object.fromEntries(
        Object.entries(regions).map((
          [name, content],
        ) => [name, content.replaceAll("](docs/", "](")]),
      )
      : regions;
    const filled = fillRegions(text, inFolder, path);
    if (filled !== text || text.includes("<!-- generated:")) files.push({ path, text: filled });
  }
  return files;
}

/** A task for each script, with the permissions of its first line. */
async function tasks(root: string, scripts: readonly DescribedScript[]): Promise<GeneratedFile> {
  const config = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
  const names = new Set(scripts.map(({ name }) => name));
  const kept = Object.entries(config.tasks as Record<string, { command: string }>).filter((
    [name, { command }],
  ) => !names.has(name) && !/ scripts\/[a-z0-9_]+\.ts$/.test(command) || name === "preflight");
  const made = scripts.map(({ name, summary, permissions }) => [name, {
    description: summary,
    command: `deno run ${permissions.join(" ")} scripts/${name}.ts`,
  }]);
  return {
    path: "deno.json",
    text: JSON.stringify({ ...config, tasks: Object.fromEntries([...kept, ...made]) }, null, 2) +
      "\n",
  };
}

/** Every generated file of this repository, formatted, as it should be now. */
export async function generatedFiles(root: string): Promise<GeneratedFile[]> {
  const scripts = await describeScripts(root);
  const names = [...environmentNames(scripts).keys()].filter((name) => name.startsWith("WA_"));
  const ids = [
    "WA_RELEASE_CORRELATION_ID",
    "WA_RELEASE_CANDIDATE_ID",
    "WA_RELEASE_RUN_ID",
    "WA_RELEASE_STEP",
  ];
  const declared = [...new Set([...names, ...ids])].sort();
  const files = [
    ...await schemaFiles(),
    ...await catalogueFiles(new Set(scripts.map(({ name }) => name))),
    { path: "lib/preflight/declared_names.json", text: JSON.stringify(declared, null, 2) },
    ...await documents(root, scripts),
    await tasks(root, scripts),
  ];
  const config = `${root}/deno.json`;
  return await Promise.all(files.map(async ({ path, text }) => ({
    path,
    text: await format(text, path.endsWith(".md") ? "md" : "json", config),
  })));
}
