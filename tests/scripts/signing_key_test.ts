import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runScript, type ScriptEnd } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";

function key(it: TempRepository, ...args: string[]): Promise<ScriptEnd> {
  return runScript("signing_key", args, { root: it.root });
}

Deno.test("signing_key generate writes a private key once, and prints only public forms", async () => {
  await using it = await TempRepository.make({ "deno.json": {} });
  const made = await key(it, "generate", "--key-file", "keys/a.pem", "--name", "ops");
  assertEquals(made.code, 0);
  const pem = await it.read("keys/a.pem");
  assertStringIncludes(pem, "BEGIN PRIVATE KEY");
  assert(!(made.stdout + made.stderr).includes(pem.split("\n")[1]!));
  if (Deno.build.os !== "windows") {
    assertEquals((await Deno.stat(it.path("keys/a.pem"))).mode! & 0o777, 0o600);
  }
  for (const part of ["BEGIN PUBLIC KEY", "ops+", "ssh-ed25519 "]) {
    assertStringIncludes(made.stdout, part);
  }
  const again = await key(it, "generate", "--key-file", "keys/a.pem");
  assertEquals([again.code, await it.read("keys/a.pem")], [64, pem]);
});

Deno.test("signing_key show gives the same forms from the private and the public key", async () => {
  await using it = await TempRepository.make({ "deno.json": {} });
  await key(it, "generate", "--key-file", "a.pem");
  const all = await key(it, "show", "--key-file", "a.pem");
  await it.write("a.pub", (await key(it, "show", "--key-file", "a.pem", "--form", "pem")).stdout);
  assertEquals((await key(it, "show", "--public-file", "a.pub")).stdout, all.stdout);
  const env = { WA_AUDIT_CHAIN_SIGNING_KEY: await it.read("a.pem") };
  const fromEnv = await runScript("signing_key", ["show"], { root: it.root, env });
  assertEquals(fromEnv.stdout, all.stdout);
});

Deno.test("signing_key show refuses what is no key, and a key that others can read", async () => {
  await using it = await TempRepository.make({ "deno.json": {}, "junk.pem": "junk" });
  await Deno.chmod(it.path("junk.pem"), 0o600);
  for (const args of [["--key-file", "junk.pem"], ["--key-file", "none"], []]) {
    assertEquals((await key(it, "show", ...args)).code, 64);
  }
  await key(it, "generate", "--key-file", "a.pem");
  await Deno.chmod(it.path("a.pem"), 0o640);
  const open = await key(it, "show", "--key-file", "a.pem");
  assertEquals(open.code, 64);
  assertStringIncludes(open.stderr, "its mode is 0640, wanted 0600");
  assertEquals((await key(it, "show", "--key-file", "a.pem", "--name", "a b")).code, 64);
});
