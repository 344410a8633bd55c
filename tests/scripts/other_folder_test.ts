import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { scriptPath, scriptPermissions, toolkitConfig } from "../../lib/preflight/permissions.ts";
import { scriptNames } from "../../lib/references/script_descriptions.ts";
import type { Report } from "../../lib/report/report.ts";
import { governedRepository } from "../support/governed.ts";
import { failedIds, runScript, type ScriptEnd } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";
import { treeDigest } from "../support/tree_digest.ts";

/** A call of each script that changes nothing but its report, where it needs more than its name. */
const CALLS: Record<string, string[]> = {
  audit_log: ["show"],
  release_channel_control: ["validate"],
  release_rollout_executor: ["--dry-run", "--target-version", "1.2.3"],
  signing_key: ["show"],
  traffic_adapter_command: ["observe"],
  traffic_adapter_haproxy: ["observe"],
  traffic_adapter_kubernetes: ["observe"],
  traffic_adapter_nginx: ["observe"],
};

/** They govern the toolkit itself, start its siblings, or drill in roots of their own. */
const OTHERS = new Set([
  "disaster_recovery_drill",
  "generate_references",
  "incident_notify_drill",
  "release_preflight",
  "rollback_drill",
]);

/** The permissions of a script, as whoever runs it elsewhere would write them. */
function from(permissions: string[], root: string): string[] {
  return permissions.map((permission) => {
    const match = /^(--allow-(?:read|write)=)(.+)$/.exec(permission);
    if (match === null) return permission;
    const paths = (match[2] ?? "").split(",").map((path) =>
      path === "." ? root : path.startsWith("/") ? path : `${root}/${path}`
    );
    return `${match[1]}${paths.join(",")}`;
  });
}

async function granted(
  name: string,
  args: string[],
  root: string,
  cwd: string,
): Promise<ScriptEnd> {
  const permissions = from(await scriptPermissions(name), root);
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "--config", toolkitConfig(), ...permissions, scriptPath(name), ...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const report = out?.startsWith("{") ? JSON.parse(out) : undefined;
  return { code, stdout: out ?? "", stderr: err ?? "", report };
}

/** What a run found, without what differs from run to run. */
function verdict({ code, report, stdout }: ScriptEnd): unknown {
  const told = report as Report | undefined;
  const files = told?.inputs?.map(({ path, state }) => [path, state]);
  const folder = told?.report_path?.split("/").slice(0, -1).join("/");
  return told?.checks === undefined
    ? { code, stdout }
    : { code, failed: failedIds(told), files, folder };
}

for (const name of (await scriptNames(".")).filter((name) => !OTHERS.has(name))) {
  Deno.test(`${name} --root works from another folder, or says that it must be run in its root`, async () => {
    await using repository = await governedRepository();
    await using elsewhere = await TempRepository.make({});
    const { root } = repository;
    const args = [...CALLS[name] ?? [], "--json"];
    const inside = await runScript(name, args, { root });
    const before = await treeDigest(root);
    const away = { root: elsewhere.root };
    const plain = await runScript(name, [...args, "--root", root], away);
    if (plain.report !== undefined && plain.code === inside.code) {
      assertEquals(verdict(plain), verdict(inside));
    } else {
      assert([64, 70].includes(plain.code), plain.stderr);
      assertStringIncludes(plain.stderr + plain.stdout, root);
      assertEquals(await treeDigest(root), before);
    }
    const given = await granted(name, [...args, "--root", root], root, elsewhere.root);
    assertEquals(verdict(given), verdict(inside), given.stderr);
    assertEquals(await elsewhere.list(""), ["security"]); // the empty folder it began with
  });
}
