/**
 * Runs the commands of docs/EVIDENCE_VERIFICATION.md as they stand there, against evidence made by
 * the scripts, and again after one change.
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { scriptPath, scriptPermissions, toolkitConfig } from "../../lib/preflight/permissions.ts";
import { gateReport, GOVERNANCE } from "../support/release_repository.ts";
import { runScript } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";
import { trustPolicy } from "../support/trust.ts";

const PAGE = new URL("../../docs/EVIDENCE_VERIFICATION.md", import.meta.url);
const ORIGIN = "audit.example.org/ops";
const KEY = "keys/evidence.pem";
const AUDIT = "workspace/.data/audit";
const LOG = "operations_audit_chain.ndjson";
const STATE = "operations_audit_chain_state.json";

/** The shell blocks under a heading of the page. */
async function blocks(heading: string): Promise<string[]> {
  const text = await Deno.readTextFile(PAGE);
  const [, section = ""] = text.split(`\n## ${heading}\n`);
  const [own = ""] = section.split("\n## ");
  return [...own.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, code = ""]) => code);
}

/** Runs shell text in the workspace; a program that is missing in a pipe is no success. */
async function bash(it: TempRepository, code: string): Promise<{ ok: boolean; lines: string[] }> {
  const { success, stdout } = await new Deno.Command("bash", {
    args: ["-o", "pipefail", "-c", code],
    cwd: it.path("workspace"),
    env: { NO_COLOR: "1" },
    stderr: "null",
  }).output();
  return { ok: success, lines: new TextDecoder().decode(stdout).trimEnd().split("\n") };
}

/** The toolkit's tasks, for a folder that is not its own. */
async function tasks(): Promise<Record<string, string>> {
  const made: Record<string, string> = {};
  for (const name of ["signing_key", "audit_log", "verify_audit_chain"]) {
    const permissions = await scriptPermissions(name);
    const words = ["deno", "run", `--config="${toolkitConfig()}"`, ...permissions];
    made[name] = `${words.join(" ")} "${scriptPath(name)}"`;
  }
  return made;
}

/** A workspace with what the page speaks about: signed manifest, checkpoint, log, proof, anchor. */
async function evidence(): Promise<TempRepository> {
  const it = await TempRepository.make({
    ".gitignore": "keys/\n.data/\n",
    "workspace/deno.json": { name: "@test/app", version: "1.2.3", tasks: await tasks() },
    "workspace/security/release_policy.json": {
      version: 2,
      app_version: "1.2.3",
      manifest: { required: ["deno.json"], optional: [] },
    },
  }, { git: true });
  const keyFile = it.path(KEY);
  const env = { WA_AUDIT_CHAIN_SIGNING_KEY_FILE: keyFile, WA_RELEASE_SIGNING_KEY_FILE: keyFile };
  const run = async (script: string, ...args: string[]): Promise<string> => {
    const end = await runScript(script, args, { root: it.path("workspace"), env });
    assertEquals(end.code, 0, `${script} ${args.join(" ")}: ${end.stderr}`);
    return end.stdout;
  };
  const made = ["generate", "--key-file", keyFile, "--name", ORIGIN, "--form", "note"];
  const verifierKey = (await run("signing_key", ...made)).trim();
  await it.write(
    "workspace/security/evidence_trust_policy.json",
    trustPolicy(ORIGIN, [verifierKey], { key: { purposes: ["checkpoint", "manifest"] } }),
  );
  const record = (n: number) => JSON.stringify({ action: "a", actor: "b", context: { n } });
  const records = Array.from({ length: 45 }, (_, n) => record(n)).join("\n");
  await it.write("workspace/records.ndjson", records);
  await run("audit_log", "import", "records.ndjson");
  await it.write(`workspace/${GOVERNANCE.replace("*", "20260101T000000Z")}`, await gateReport(it));
  const seal = ["--gate-evidence-pattern", GOVERNANCE, "--sign", "--json"];
  const { envelope } = JSON.parse(await run("generate_release_manifest", ...seal));
  await it.write("workspace/envelope.json", await it.read(`workspace/${envelope}`));
  await it.write("workspace/checkpoint", await run("audit_log", "checkpoint"));
  await it.write("workspace/anchor/checkpoint", await it.read("workspace/checkpoint"));
  await it.write("workspace/proof.json", await run("audit_log", "prove", "--seq", "42"));
  await it.write(`workspace/${LOG}`, await it.read(`${AUDIT}/${LOG}`));
  for (const name of [LOG, STATE]) {
    await it.write(`workspace/copy/${name}`, await it.read(`${AUDIT}/${name}`));
  }
  return it;
}

/** Changes a file of the workspace. */
async function change(
  it: TempRepository,
  name: string,
  from: string | RegExp,
  to: string,
): Promise<void> {
  const text = await it.read(`workspace/${name}`);
  assertNotEquals(text.replace(from, to), text, `${name} has no ${from}`);
  await it.write(`workspace/${name}`, text.replace(from, to));
}

async function installed(): Promise<boolean> {
  const tools = ["bash", "openssl", "ssh-keygen", "jq", "sha256sum", "basenc", "deno"];
  try {
    const args = ["-c", `for tool in ${tools.join(" ")}; do command -v $tool || exit 1; done`];
    return (await new Deno.Command("bash", { args, stdout: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const present = await installed();
const page = (name: string, fn: () => Promise<void>): void =>
  Deno.test({
    name: `${name}${present ? "" : " (skipped: not all tools of the page are installed)"}`,
    ignore: !present,
    fn,
  });

/** The key's public files, made as the page says. */
async function publish(it: TempRepository): Promise<void> {
  const [show = ""] = await blocks("The key");
  assertEquals((await bash(it, show)).ok, true);
}

page("the page's commands about the key print one key in all its forms", async () => {
  await using it = await evidence();
  const [show = "", digest = "", fingerprint = "", ...more] = await blocks("The key");
  assertEquals(more, []);
  const forms = (await bash(it, show)).lines;
  const below = (form: string): string => forms[forms.indexOf(`# ${form}`) + 1] ?? "";
  const { keys } = await it.json<{ keys: { verifier_key: string }[] }>(
    "workspace/security/evidence_trust_policy.json",
  );
  assertEquals(below("note"), keys[0]?.verifier_key);
  assertEquals((await bash(it, digest)).lines, [`${below("id")}  -`]);
  const [, blob = ""] = below("ssh").split(" ");
  const hash = await crypto.subtle.digest("SHA-256", Uint8Array.fromBase64(blob));
  const name = new Uint8Array(hash).toBase64({ omitPadding: true });
  const [, found] = (await bash(it, fingerprint)).lines[0]!.split(" ");
  assertEquals(found, `SHA256:${name}`);
});

page("the page's commands accept a signed statement, and refuse it after one change", async () => {
  await using it = await evidence();
  await publish(it);
  const [verify = "", subjects = "", ...more] = await blocks("A signed statement");
  assertEquals(more, []);
  assertEquals(await bash(it, verify), { ok: true, lines: ["Signature Verified Successfully"] });
  const listed = await bash(it, subjects);
  assertEquals([listed.ok, listed.lines.length], [true, 2]);
  await it.write("workspace/deno.json", "{}");
  assertEquals((await bash(it, subjects)).ok, false);
  await change(it, "envelope.json", /("payload": *"[^"]{40})[^"]/, "$1A");
  assertEquals((await bash(it, verify)).ok, false);
});

page("the page's commands accept a checkpoint, and refuse it after one change", async () => {
  await using it = await evidence();
  await publish(it);
  const [verify = "", ...more] = await blocks("A checkpoint");
  assertEquals(more, []);
  assertEquals(await bash(it, verify), { ok: true, lines: ["Signature Verified Successfully"] });
  await change(it, "checkpoint", /\n\d+\n/, "\n44\n");
  assertEquals((await bash(it, verify)).ok, false);
});

page("the page's commands lead from an entry to the root that was signed", async () => {
  await using it = await evidence();
  const [entry = "", leaf = "", proof = "", ...more] = await blocks("An entry of the audit log");
  assertEquals(more, []);
  const [computed, written] = (await bash(it, entry)).lines;
  assertEquals(computed, `${written}  -`);
  const log = (await it.read(`${AUDIT}/${LOG}`)).split("\n");
  assertEquals(JSON.parse(log[41]!).entry_hash, written);
  assertEquals(JSON.parse(log[42]!).prev_hash, written);
  const bytes = new TextEncoder().encode(`\0${log[41]}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assertEquals((await bash(it, `${entry}${leaf}`)).lines.at(-1), `${hash}  -`);
  const [, , root] = (await it.read("workspace/checkpoint")).split("\n");
  assertEquals((await bash(it, proof)).lines, [root, root]);
  for (const seq of [1, 33, 45, 46]) {
    const again = `deno task audit_log prove --seq ${seq} > proof.json\n${proof}`;
    assertEquals((await bash(it, again)).lines, [root, root], `entry ${seq}`);
  }
  await change(it, "proof.json", "release_manifest_seal", "release_manifest_peal");
  const [wrong, claimed] = (await bash(it, proof)).lines;
  assertEquals(claimed, root);
  assertNotEquals(wrong, root);
  await change(it, LOG, '"n":41', '"n":14');
  const [other] = (await bash(it, entry)).lines;
  assertNotEquals(other, `${written}  -`);
});

page("the page's commands with the toolkit need neither workspace nor log", async () => {
  await using it = await evidence();
  const [code = "", ...more] = await blocks("With this toolkit");
  assertEquals(more, []);
  const [log = "", proof = "", ...rest] = code.trimEnd().split("\n");
  assertEquals(rest, []);
  await Deno.remove(it.path(AUDIT), { recursive: true });
  assertEquals([(await bash(it, log)).ok, (await bash(it, proof)).ok], [true, true]);
  await change(it, "copy/" + LOG, '"n":3', '"n":4');
  await change(it, "proof.json", /"seq": \d+/, '"seq": 41');
  assertEquals([(await bash(it, log)).ok, (await bash(it, proof)).ok], [false, false]);
});
