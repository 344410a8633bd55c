import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { fromFileUrl } from "@std/path/from-file-url";
import { runScript, type ScriptEnd } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";

const FAKE = fromFileUrl(new URL("../support/fake_kubectl.ts", import.meta.url));

const ROUTE = {
  kind: "HTTPRoute",
  metadata: { name: "shop", resourceVersion: "10", generation: 1 },
  spec: {
    rules: [{
      backendRefs: [{ name: "shop-stable", weight: 100 }, { name: "shop-canary", weight: 0 }],
    }],
  },
  status: {
    parents: [{
      conditions: [
        { type: "Accepted", status: "True", observedGeneration: 1 },
        { type: "ResolvedRefs", status: "True", observedGeneration: 1 },
      ],
    }],
  },
};
const ROLLOUT = {
  kind: "Rollout",
  metadata: { name: "shop", resourceVersion: "10", generation: 1 },
  spec: { strategy: { canary: { steps: [{ setWeight: 0 }] } } },
  status: { observedGeneration: "1", canary: { weights: { canary: { weight: 0 } } } },
};

/** A repository with the stand-in on its path. */
async function withKubectl(
  object: Record<string, unknown>,
  work: (
    adapter: (...args: string[]) => Promise<ScriptEnd>,
    repository: TempRepository,
  ) => Promise<void>,
): Promise<void> {
  await using repository = await TempRepository.make({ "object.json": object }, { git: true });
  const bin = repository.path("bin");
  const line = [
    "#!/bin/sh",
    `exec deno run --no-prompt --no-config --no-lock --allow-env=KUBECTL_OBJECT '--allow-read=${repository.root}' '--allow-write=${repository.root}' '${FAKE}' "$@"`,
  ];
  await repository.write("bin/kubectl", line.join("\n"));
  await Deno.chmod(`${bin}/kubectl`, 0o755);
  const env = {
    PATH: `${bin}:${Deno.env.get("PATH")}`,
    KUBECTL_OBJECT: repository.path("object.json"),
    WA_TRAFFIC_KUBERNETES_KIND: object.kind === "Rollout" ? "rollout" : "httproute",
    WA_TRAFFIC_KUBERNETES_NAME: "shop",
    WA_TRAFFIC_KUBERNETES_NAMESPACE: "web",
    WA_TRAFFIC_KUBERNETES_CANARY: "shop-canary",
    WA_TRAFFIC_KUBERNETES_STABLE: "shop-stable",
  };
  await work(
    (...args) => runScript("traffic_adapter_kubernetes", args, { root: repository.root, env }),
    repository,
  );
}

for (const [kind, object] of [["HTTPRoute", ROUTE], ["Argo Rollout", ROLLOUT]] as const) {
  Deno.test(`the weight of an ${kind} is set, read back, and guarded by the token`, async () => {
    await withKubectl(object, async (adapter, repository) => {
      const applied = await adapter("apply", "--canary-weight", "25", "--fence", "4");
      assertEquals([applied.code, JSON.parse(applied.stdout)], [
        0,
        { canary_weight: 25, fence: 4 },
      ]);
      const late = await adapter("apply", "--canary-weight", "50", "--fence", "3");
      assertEquals(late.code, 75);
      const back = await adapter("compensate", "--canary-weight", "0", "--fence", "5");
      assertEquals(back.code, 0, back.stderr);
      assertEquals(JSON.parse((await adapter("observe")).stdout), { canary_weight: 0, fence: 5 });
      const calls = (await repository.read("object.json.log")).trim().split("\n");
      assertEquals(
        calls.map((call) => JSON.parse(call).slice(0, 3)).every(([flag, space]) =>
          flag === "--namespace" && space === "web"
        ),
        true,
      );
      const patches = calls.filter((call) => call.includes('"patch"'));
      assertEquals(patches.length, 2);
      assert(patches.every((call) => call.includes("resourceVersion")));
    });
  });
}

Deno.test("a change the controller does not accept is not reported as in force", async () => {
  await withKubectl(ROUTE, async (adapter, repository) => {
    await repository.write("object.json.lag", "");
    const end = await adapter("apply", "--canary-weight", "25", "--fence", "1", "--settle-s", "0");
    assertEquals(end.code, 70);
    assert(end.stderr.includes("has not accepted"), end.stderr);
  });
});

Deno.test("a route without both backends, and a name that is none, are refused", async () => {
  await withKubectl({ ...ROUTE, spec: { rules: [] } }, async (adapter) => {
    assertEquals((await adapter("observe")).code, 64);
    assertEquals((await adapter("observe", "--name", "--help=x")).code, 64);
    assertEquals((await adapter("apply", "--fence", "1")).code, 64);
  });
});
