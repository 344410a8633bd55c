import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { git, gitCompare, gitFacts } from "../../../lib/project/git.ts";
import { TempRepository } from "../../support/temp_repository.ts";

const FILES = { "deno.json": { version: "1.0.0" }, "src/a.txt": "a\n" };

Deno.test("gitFacts() says why outside git, instead of saying that all is clean", async () => {
  await using repository = await TempRepository.make(FILES);
  const facts = await gitFacts(repository.root);
  assertEquals([facts.available, facts.commit, facts.branch, facts.dirty], [false, "", "", null]);
  assertStringIncludes(facts.reason ?? "", "not a git repository");
});

Deno.test("gitFacts() has no commit before the first one", async () => {
  await using repository = await TempRepository.make(FILES);
  await repository.git("init", "-q", "-b", "main");
  assertEquals(await gitFacts(repository.root), {
    available: true,
    commit: "",
    branch: "main",
    dirty: true,
  });
});

Deno.test("gitFacts() tells a clean tree, a detached one, and each way to be dirty", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  const commit = await repository.git("rev-parse", "HEAD");
  const clean = { available: true, commit, branch: "main", dirty: false };
  assertEquals(await gitFacts(repository.root), clean);
  assertEquals(await gitFacts(repository.path("src")), clean);

  await repository.write("src/a.txt", "b\n");
  assertEquals((await gitFacts(repository.root)).dirty, true);
  await repository.git("add", "-A");
  assertEquals((await gitFacts(repository.root)).dirty, true);
  await repository.git("reset", "-q", "--hard");
  await repository.write("new.txt", "");
  assertEquals((await gitFacts(repository.root)).dirty, true);
  await Deno.remove(repository.path("new.txt"));

  await repository.git("checkout", "-q", "--detach");
  assertEquals(await gitFacts(repository.root), { ...clean, branch: "" });
});

Deno.test("gitFacts() does not let the repository decide what counts as clean", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  await repository.git("config", "status.showUntrackedFiles", "no");
  await repository.write("new.txt", "");
  assertEquals((await gitFacts(repository.root)).dirty, true);
});

/** Configuration by which a repository has git start a program while it only looks. */
const HOSTILE: [what: string, config: (program: string) => string, attributes?: string][] = [
  ["core.fsmonitor", (program) => `[core]\n\tfsmonitor = ${program}\n`],
  ["core.hooksPath", (program) => `[core]\n\thooksPath = ${program.replace(/\/[^/]*$/, "")}\n`],
  [
    "filter.x.clean",
    (program) => `[filter "x"]\n\tclean = ${program}\n\trequired = true\n`,
    "* filter=x\n",
  ],
  ["filter.x.process", (program) => `[filter "x"]\n\tprocess = ${program}\n`, "* filter=x\n"],
  ["diff.external", (program) => `[diff]\n\texternal = ${program}\n`],
  [
    "diff.x.textconv",
    (program) => `[diff "x"]\n\ttextconv = ${program}\n\tcommand = ${program}\n`,
    "* diff=x\n",
  ],
];

for (const [what, config, attributes] of HOSTILE) {
  Deno.test(`git runs nothing that ${what} of a governed repository names`, async () => {
    await using repository = await TempRepository.make(FILES, { git: true });
    const commit = await repository.git("rev-parse", "HEAD");
    const trace = repository.path(".git/ran");
    for (const name of ["program", "post-index-change"]) {
      const path = repository.path(`.git/traps/${name}`);
      await Deno.mkdir(repository.path(".git/traps"), { recursive: true });
      await Deno.writeTextFile(path, `#!/bin/sh\necho ran >> ${trace}\ncat\n`, { mode: 0o755 });
    }
    const include = repository.path(".git/more");
    const hostile = config(repository.path(".git/traps/program"));
    // Once plainly in the configuration, once in a file that it includes.
    for (const [file, text] of [[".git/config", hostile], [".git/more", hostile]] as const) {
      const old = await repository.read(".git/config");
      await repository.write(file, file === ".git/config" ? old + text : text);
      if (file === ".git/more") {
        await repository.write(".git/config", `${old}[include]\n\tpath = ${include}\n`);
      }
      if (attributes !== undefined) await repository.write(".git/info/attributes", attributes);
      await repository.write("src/a.txt", "b\n"); // same size: only its content tells it apart
      assertEquals((await gitFacts(repository.root)).dirty, true);
      assert((await gitCompare(repository.root, "diff", "--name-only", "HEAD", "--")).ok);
      assert((await git(repository.root, "show", `${commit}:./src/a.txt`)).ok);
      assertEquals(
        await repository.list(".git").then((names) => names.includes("ran")),
        false,
        file,
      );
      await repository.write(".git/config", old);
    }
  });
}

Deno.test("the traps of the tests above do run where nothing guards against them", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  const program = repository.path(".git/program");
  await Deno.writeTextFile(program, `#!/bin/sh\necho ran >> ${repository.path(".git/ran")}\n`, {
    mode: 0o755,
  });
  await repository.git("config", "core.fsmonitor", program);
  await repository.git("status");
  assert((await repository.list(".git")).includes("ran"));
});

Deno.test("git fetches nothing a partial clone lacks, by whatever program its remote names", async () => {
  await using repository = await TempRepository.make(FILES, { git: true });
  const trap = repository.path(".git/trap");
  await Deno.writeTextFile(trap, `#!/bin/sh\necho ran >> ${repository.path(".git/ran")}\n`, {
    mode: 0o755,
  });
  const blob = await repository.git("rev-parse", "HEAD:src/a.txt");
  await repository.write(
    ".git/config",
    `[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = evil\n` +
      `[protocol "file"]\n\tallow = always\n` +
      `[remote "evil"]\n\turl = ${repository.root}\n\tuploadpack = ${trap}\n\tpromisor = true\n`,
  );
  await Deno.remove(repository.path(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`));
  const answer = await git(repository.root, "show", "HEAD:./src/a.txt");
  assertEquals(answer.ok, false);
  assertEquals((await repository.list(".git")).includes("ran"), false);
});

Deno.test("git() answers with a reason, not an exception, where the folder is gone", async () => {
  const answer = await git("/no/such/folder", "status");
  assert(!answer.ok);
  assertNotEquals(answer.reason, "");
});
