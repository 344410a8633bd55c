import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { DeclarationDescription, Description } from "../../lib/command/describe.ts";
import { POLICIES } from "../../lib/policy/catalogue.ts";
import { scriptPermissions } from "../../lib/preflight/permissions.ts";
import { STEPS } from "../../lib/preflight/registry.ts";
import { isSecretName } from "../../lib/scan/redact.ts";
import { scriptNames } from "../../lib/references/script_descriptions.ts";
import { governedRepository } from "../support/governed.ts";
import { runScript, type ScriptEnd } from "../support/run_script.ts";
import type { TempRepository } from "../support/temp_repository.ts";

/**
 * The toolkit's own generator has no policy or evidence to be handed, preflight is its siblings, and
 * the drills make governed roots of their own.
 */
const WITHOUT_INPUT = new Set([
  "generate_references",
  "incident_notify_drill",
  "release_preflight",
  "rollback_drill",
]);

const names = await scriptNames(".");

async function describe(name: string): Promise<Description> {
  await using repository = await governedRepository({}, { git: false });
  const { code, stdout, stderr } = await runScript(name, ["--describe"], { root: repository.root });
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Bare grants, each with a reason that stands in the script. */
const BARE_GRANTS: Record<string, string[]> = {
  disaster_recovery_drill: ["--allow-write"], // a copy belongs on another disk, and holds links
  incident_notify: ["--allow-net"], // where messages go is secret: no file may name it
  release_rollout_executor: ["--allow-run"], // ends the process group of a traffic command
  signing_key: ["--allow-write"], // a private key belongs outside the repository
};

const granted = (permissions: readonly string[], kind: string): string[] | undefined => {
  const flag = permissions.find((flag) => flag.startsWith(`--allow-${kind}=`));
  return flag?.slice(flag.indexOf("=") + 1).split(",");
};

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

for (const name of names) {
  Deno.test(`${name} describes itself under its own permissions, and they are the least it needs`, async () => {
    const permissions = await scriptPermissions(name);
    assert(permissions.includes("--no-prompt"));
    assert(!permissions.some((flag) => flag === "-A" || flag === "--allow-all"));
    const description = await describe(name);
    assertEquals(description.name, name);
    if (name === "release_preflight") return; // it may start what it wants: its siblings
    const flags = Object.values(description.commands).flatMap((command) => command.flags);
    const declared = flags.flatMap(({ env, kind }) =>
      env === undefined ? [] : kind === "secret" ? [env, `${env}_FILE`] : [env]
    );
    const patterns = granted(permissions, "env") ?? [];
    for (const env of declared) {
      assert(
        patterns.some((pattern) => matches(pattern, env)),
        `${name} declares ${env} but is not granted it`,
      );
    }
    for (const pattern of patterns) {
      const used = declared.some((env) => matches(pattern, env));
      assert(
        used || /^(WA_RELEASE_\*|GITHUB_|CI$|[a-z_]+_proxy$)/i.test(pattern) ||
          !isSecretName(pattern),
        `${name} is granted ${pattern}, which it does not declare`,
      );
    }
    const bare = permissions.filter((flag) =>
      ["--allow-write", "--allow-run", "--allow-net", "--allow-env"].includes(flag)
    );
    assertEquals(bare, BARE_GRANTS[name] ?? []);
  });

  Deno.test(`${name} --help names every flag and exits 0`, async () => {
    await using repository = await governedRepository({}, { git: false });
    const description = await describe(name);
    for (const [word, declaration] of Object.entries(description.commands)) {
      const words = word === "" ? [] : [word];
      const { code, stdout } = await runScript(name, [...words, "--help"], {
        root: repository.root,
      });
      assertEquals(code, 0);
      for (const flag of declaration.flags) {
        assertStringIncludes(stdout, flag.kind === "secret" ? flag.env! : `--${flag.name}`);
      }
      assert(!stdout.includes("\x1b"));
    }
  });

  Deno.test(`${name} refuses a flag that does not exist with exit code 64`, async () => {
    await using repository = await governedRepository({}, { git: false });
    const [word = ""] = Object.keys((await describe(name)).commands);
    const { code, stderr, stdout } = await runScript(name, [
      ...word === "" ? [] : [word],
      "--no-such-flag",
    ], { root: repository.root });
    assertEquals([code, stdout], [64, ""]);
    assertStringIncludes(stderr, 'Unknown flag "--no-such-flag"');
  });
}

const NOT_UTF8 = new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
const DEEP = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;

/** Larger than any policy or evidence that is read, bytes; a sparse file. */
const HUGE = 65 << 20;

/** Content that no policy and no evidence may have. */
const BAD: Record<string, string | Uint8Array> = {
  empty: "",
  huge: "", // made so large when it is there that nobody should read it whole
  malformed: '{ "version": 1, ',
  "wrong-typed": '{ "version": "one", "channels": 7, "ok": "yes" }',
  "an array": "[1, 2, 3]",
  "not UTF-8": NOT_UTF8,
  "nested 200 000 deep": DEEP,
  hostile: '{ "__proto__": { "ok": true }, "constructor": 1, "ok": true, "ok": true }',
};

function inputPaths({ flags, policy }: DeclarationDescription): string[] {
  const paths = flags.filter(({ kind, default: path }) =>
    kind === "path" && typeof path === "string" && /^security\/[\w.]+\.json$/.test(path)
  );
  return [
    ...new Set([
      ...paths.map((flag) => String(flag.default)),
      ...policy === undefined ? [] : [policy],
    ]),
  ];
}

function judge(end: ScriptEnd, what: string): void {
  const ids = end.report?.checks.map(({ id }) => id) ?? [];
  assert(!ids.includes("no_internal_error"), `${what}: internal error\n${end.stderr}`);
  assert(
    !end.stderr.includes("internal error") && !/\n {4}at /.test(end.stderr),
    `${what}: ${end.stderr}`,
  );
  assert([0, 2, 64, 70, 75].includes(end.code), `${what}: exit ${end.code}\n${end.stderr}`);
}

async function reportIsWritten(
  end: ScriptEnd,
  repository: TempRepository,
  what: string,
): Promise<void> {
  if (end.code === 64 && end.stdout === "") return; // the call itself was wrong
  assert(end.report !== undefined, `${what}: no report\n${end.stderr}`);
  if (end.report.report_path !== undefined) {
    assertEquals(await repository.json(end.report.report_path), JSON.parse(end.stdout), what);
  }
}

for (const name of names.filter((name) => !WITHOUT_INPUT.has(name))) {
  for (const [kind, content] of Object.entries(BAD)) {
    Deno.test(`${name} on ${kind} policies and evidence: a report, the right exit code, nothing changed`, async () => {
      const { commands } = await describe(name);
      for (const [word, declaration] of Object.entries(commands)) {
        const paths = inputPaths(declaration);
        const evidence = STEPS.map((step) => `.data/out/${step.kind}_20260101T000000Z.json`);
        await using repository = await governedRepository(
          Object.fromEntries([...paths, ...evidence].map((path) => [path, content])),
        );
        if (kind === "huge") {
          for (const path of [...paths, ...evidence]) {
            await Deno.truncate(repository.path(path), HUGE);
          }
        }
        const what = `${name} ${word} with ${kind} input`;
        const end = await runScript(name, [...word === "" ? [] : [word], "--json"], {
          root: repository.root,
        });
        judge(end, what);
        await reportIsWritten(end, repository, what);
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        for (const path of [...paths, ...evidence]) {
          const file = repository.path(path);
          const changed = `${what}: ${path} was changed`;
          if (kind === "huge") assertEquals((await Deno.stat(file)).size, HUGE, changed);
          else assertEquals(await Deno.readFile(file), bytes, changed);
        }
        const read = (end.report?.inputs ?? []).filter(({ path }) => paths.includes(path));
        for (const { path, state } of read) {
          assertNotEquals(state, "ok", `${what}: ${path} was taken as good`);
        }
        if (read.length > 0) assertNotEquals(end.code, 0, `${what}: passed`);
      }
    });
  }

  Deno.test(`${name} without any policy: a report with a hint, or a clear refusal`, async () => {
    const { commands } = await describe(name);
    for (const word of Object.keys(commands)) {
      await using repository = await governedRepository({}, { git: false });
      for (const file of await repository.list("security")) {
        await Deno.remove(repository.path(`security/${file}`));
      }
      const end = await runScript(name, [...word === "" ? [] : [word], "--json"], {
        root: repository.root,
      });
      judge(end, `${name} ${word}`);
      await reportIsWritten(end, repository, `${name} ${word}`);
      for (const check of end.report?.checks ?? []) {
        if (!check.ok) {
          assert((check.hint ?? "") !== "", `${name} ${word}: ${check.id} has no hint`);
        }
      }
    }
  });
}

Deno.test("every policy file of this repository keeps to its schema and names it", async () => {
  for (const { name, schema } of POLICIES) {
    const text = await Deno.readTextFile(`security/${name}.json`).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
    if (text === undefined) continue;
    const value = JSON.parse(text);
    assertEquals(value.$schema, `./schemas/${name}.schema.json`);
    (await schema()).parse(value);
  }
});
