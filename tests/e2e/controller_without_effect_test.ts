import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { fromFileUrl } from "@std/path/from-file-url";
import { assertAgreement } from "../support/agreement.ts";
import { FileSite } from "../support/file_site.ts";
import { adapterTemplates } from "../support/adapter_templates.ts";
import { runScript, type ScriptEnd } from "../support/run_script.ts";

const FAKE_KUBECTL = fromFileUrl(new URL("../support/fake_kubectl.ts", import.meta.url));
const CONTRACT = "security/release_traffic_adapter_contract.json";

/** Lets the site's executor move traffic with an adapter script instead of its file. */
async function useAdapter(
  { repository }: FileSite,
  script: string,
  look: string[],
  order: string[] = [],
): Promise<void> {
  const { apply, observe, compensate } = await adapterTemplates(script, { look, order });
  await repository.write(CONTRACT, {
    version: 1,
    adapters: [{
      id: "file",
      command_template: apply,
      observe_command_template: observe,
      compensate_command_template: compensate,
    }],
  });
}

async function apply({ repository }: FileSite, path = ""): Promise<ScriptEnd> {
  const args = ["--json", "--apply", "--target-version", "1.1.0", "--traffic-settle-s", "0.2"];
  const PATH = `${path}${Deno.env.get("PATH")}`;
  return await runScript("release_rollout_executor", [...args, "--traffic-adapter", "file"], {
    root: repository.root,
    env: { PATH },
  });
}

/** Verification failed, and traffic and registry are where they were. */
async function assertTakenBack(site: FileSite, end: ScriptEnd): Promise<void> {
  assertEquals([end.code, end.report.outcome], [2, "compensated"], end.stdout);
  const [intent] = await site.intents();
  assertEquals(intent?.state, "COMPENSATED");
  assertEquals((await site.registry()).revision, 7);
  await assertAgreement(site); // the file, which nobody moved, stands at 5 percent as well
}

/** HAProxy's runtime interface, which says yes to everything and ignores one pair of weights. */
function fakeHaproxy(ignored: string): Deno.TcpListener & { weights: Map<string, number> } {
  const weights = new Map([["site/canary", 1], ["site/stable", 19]]);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answer = (line: string): string => {
    const [verb, , server = "", weight] = line.split(" ");
    if (verb === "get") return `${weights.get(server)} (initial 1)\n\n`;
    weights.set(server, Number(weight));
    return "\n";
  };
  (async () => {
    for await (const connection of listener) {
      const { value } = await connection.readable.getReader().read();
      const text = new TextDecoder().decode(value).trim();
      const lines = text.split(";").map((line) => line.trim());
      const answers = text === ignored ? ["\n"] : lines.map(answer);
      await connection.write(new TextEncoder().encode(answers.join("")));
      connection.close();
    }
  })();
  return Object.assign(listener, { weights });
}

Deno.test("HAProxy that takes a stage and keeps its weights: not verified, compensated", async () => {
  await using site = await FileSite.start();
  using proxy = fakeHaproxy("set weight site/canary 1; set weight site/stable 3");
  const servers = ["--canary-server", "site/canary", "--stable-server", "site/stable"];
  const socket = `127.0.0.1:${(proxy.addr as Deno.NetAddr).port}`;
  await useAdapter(site, "traffic_adapter_haproxy", ["--socket", socket, ...servers]);
  await assertTakenBack(site, await apply(site));
  assertEquals([...proxy.weights.values()], [1, 19]);
});

Deno.test("a Gateway API route that is patched and never accepted: not verified, compensated", async () => {
  await using site = await FileSite.start();
  const { repository } = site;
  const refs = [{ name: "shop-stable", weight: 95 }, { name: "shop-canary", weight: 5 }];
  const condition = { status: "True", observedGeneration: 1 };
  await repository.write("object.json", {
    kind: "HTTPRoute",
    metadata: { name: "shop", resourceVersion: "10", generation: 1 },
    spec: { rules: [{ backendRefs: refs }] },
    status: {
      parents: [{
        conditions: [{ type: "Accepted", ...condition }, { type: "ResolvedRefs", ...condition }],
      }],
    },
  });
  await repository.write("object.json.lag", '"value":25');
  const program = `deno run --no-prompt --no-config --no-lock --allow-env=KUBECTL_OBJECT ` +
    `'--allow-read=${repository.root}' '--allow-write=${repository.root}' '${FAKE_KUBECTL}'`;
  await repository.write(
    "bin/kubectl",
    `#!/bin/sh\nKUBECTL_OBJECT='${repository.path("object.json")}' exec ${program} "$@"\n`,
  );
  await Deno.chmod(repository.path("bin/kubectl"), 0o755);
  await useAdapter(
    site,
    "traffic_adapter_kubernetes",
    [
      ...["--kind", "httproute", "--name", "shop", "--namespace", "web"],
      ...["--canary-backend", "shop-canary", "--stable-backend", "shop-stable"],
    ],
    ["--settle-s", "0"],
  );
  await assertTakenBack(site, await apply(site, `${repository.path("bin")}:`));
  const { spec } = await repository.json<{ spec: { rules: unknown[] } }>("object.json");
  assertEquals(spec.rules, [{ backendRefs: refs }]);
  const calls = await repository.read("object.json.log");
  assert(calls.includes('\\"value\\":25'), "the stage was patched");
});
