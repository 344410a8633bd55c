#!/usr/bin/env -S deno run --no-prompt --allow-read --allow-write=. --allow-env=WA_RELEASE_*,GITHUB_ACTIONS --allow-run=git,deno
/**
 * Generates what follows from the declarations: JSON Schemas of the policies, reference tables in
 * the documents, the tasks, and the list of environment names.
 * @module
 */
import { walk } from "@std/fs/walk";
import { dirname } from "@std/path/dirname";
import { relative } from "@std/path/relative";
import { defineCommand } from "../lib/command/command.ts";
import { boolean } from "../lib/command/flag.ts";
import { main } from "../lib/command/main.ts";
import { generatedFiles } from "../lib/references/generated_files.ts";
import type { Check } from "../lib/report/check.ts";
import { readText } from "../lib/store/read_text.ts";
import { writeAtomic } from "../lib/store/write_atomic.ts";

function current(path: string, ok: boolean, value: string): Check {
  return {
    id: `generated_current::${path}`,
    ok,
    mode: "enforce",
    value,
    expect: "what the declarations say",
    hint: "deno task generate",
    location: { file: path },
  };
}

/** Schemas that nothing generates any more. */
async function strays(root: string, generated: ReadonlySet<string>): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path } of walk(`${root}/security/schemas`, { includeDirs: false })) {
    const inside = relative(root, path).replaceAll("\\", "/");
    if (!generated.has(inside)) paths.push(inside);
  }
  return paths.sort();
}

export const command = defineCommand({
  name: "generate_references",
  summary: "Generate schemas, reference tables, tasks and environment names from the declarations",
  kind: "producer",
  flags: {
    check: boolean({ help: "Write nothing; fail if a generated file is not what it should be" }),
  },
  details: [
    "Asks every script for its declaration (--describe) and every policy for its schema, and writes what follows from them. It generates the references of the toolkit itself, so it is run in the toolkit's own repository.",
  ],
  async run({ root, flags }) {
    const checks: Check[] = [];
    let written = 0;
    const files = await generatedFiles(root);
    for (const { path, text } of files) {
      const file = readText(`${root}/${path}`);
      const same = file.state === "ok" && file.text === text;
      if (!same && !flags.check) {
        await Deno.mkdir(dirname(`${root}/${path}`), { recursive: true });
        await writeAtomic(`${root}/${path}`, text);
        written++;
      }
      const found = same ? "current" : file.state === "ok" ? "differs" : file.state;
      checks.push(current(path, same || !flags.check, found));
    }
    for (const path of await strays(root, new Set(files.map(({ path }) => path)))) {
      if (!flags.check) await Deno.remove(`${root}/${path}`);
      checks.push(current(path, !flags.check, "no declaration makes it"));
    }
    const stale = checks.filter((check) => !check.ok).length;
    return {
      checks,
      headline: flags.check
        ? `${stale} of ${checks.length} generated files are stale`
        : `${written} of ${checks.length} files changed`,
    };
  },
});

if (import.meta.main) await main(command);
