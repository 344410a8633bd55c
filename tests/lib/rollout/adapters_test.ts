import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { join } from "@std/path/join";
import { IoError, NotReadyError } from "../../../lib/command/errors.ts";
import { readAnswer } from "../../../lib/rollout/adapter_answer.ts";
import { readFence, withFence } from "../../../lib/rollout/adapter_fence.ts";
import { canaryShare, parseWeight, serverWeights } from "../../../lib/rollout/haproxy_runtime.ts";
import {
  ArgoRollout,
  HttpRoute,
  rolloutPatch,
  rolloutWeight,
  routePatch,
  routeWeight,
} from "../../../lib/rollout/kubernetes_weights.ts";
import { nginxSplit, parseNginxState } from "../../../lib/rollout/nginx_split.ts";

Deno.test("readAnswer() reads the last line only, and says what is wrong", () => {
  assertEquals(readAnswer('Task x\n{"canary_weight":5,"fence":null}\n'), {
    canary_weight: 5,
    fence: null,
  });
  for (const text of ["", "5", "{}", '{"canary_weight":101,"fence":1}', '{"canary_weight":5}']) {
    assertEquals(typeof readAnswer(text), "string", text);
  }
});

Deno.test("withFence() takes newer orders, the same again, and refuses the rest", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "adapters", "x.json");
    const order = (fence: number, canaryWeight: number): Promise<string> =>
      withFence(path, { fence, canaryWeight }, () => Promise.resolve("taken"));
    assertEquals(await order(3, 25), "taken");
    assertEquals(await order(3, 25), "taken");
    await assertRejects(() => order(2, 25), NotReadyError, "order 3 was taken before");
    await assertRejects(() => order(3, 50), NotReadyError);
    assertEquals((await readFence(path))?.canary_weight, 25);
    await Deno.writeTextFile(path, "{}");
    await assertRejects(() => order(9, 25), IoError, "not as it was written");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const NAMES = { canary: "release_canary", stable: "release_stable", variable: "release_pool" };

for (
  const [weight, shares] of [[0, "  * release_stable;"], [100, "  * release_canary;"], [
    5,
    "  5% release_canary;\n  * release_stable;",
  ]] as const
) {
  Deno.test(`nginxSplit() for ${weight} percent`, () => {
    const text = nginxSplit({ canaryWeight: weight, fence: 7 }, NAMES);
    assertEquals(text.split("{\n")[1]?.split("\n}")[0], shares);
    assertEquals(text.includes(`default "${weight}:7";`), true);
  });
}

Deno.test("nginxSplit() lets no other text into the configuration", () => {
  const order = { canaryWeight: 5, fence: 1 };
  assertThrows(() => nginxSplit(order, { ...NAMES, canary: "x; evil" }), RangeError);
  assertThrows(() => nginxSplit({ ...order, canaryWeight: 101 }, NAMES), RangeError);
});

Deno.test("parseNginxState() reads weight and token and nothing else", () => {
  assertEquals(parseNginxState("25:7\n"), { canary_weight: 25, fence: 7 });
  assertEquals(parseNginxState("<html>"), undefined);
});

Deno.test("serverWeights() gives pools of any size their share", () => {
  assertEquals(serverWeights(25, { canary: 1, stable: 1 }), { canary: 1, stable: 3 });
  assertEquals(serverWeights(25, { canary: 1, stable: 3 }), { canary: 1, stable: 1 });
  assertEquals(serverWeights(0, { canary: 2, stable: 3 }), { canary: 0, stable: 1 });
  assertEquals(serverWeights(100, { canary: 2, stable: 3 }), { canary: 1, stable: 0 });
  assertEquals(serverWeights(1, { canary: 10, stable: 1 }), undefined);
  for (let weight = 0; weight <= 100; weight++) {
    const each = serverWeights(weight, { canary: 2, stable: 2 });
    const servers = (w: number) => [0, 1].map(() => ({ server: "x", weight: w, initial: 0 }));
    assertEquals(canaryShare(servers(each?.canary ?? -1), servers(each?.stable ?? -1)), weight);
  }
});

Deno.test("parseWeight() and canaryShare() refuse what is no weight", () => {
  assertEquals(parseWeight("b/s", "75 (initial 100)\n")?.weight, 75);
  assertEquals(parseWeight("b/s", "No such server.\n"), undefined);
  assertEquals(canaryShare([], []), undefined);
  const of = (weight: number) => [{ server: "x", weight, initial: 0 }];
  assertEquals(canaryShare(of(1), of(2)), undefined);
});

const ROUTE = HttpRoute.parse({
  kind: "HTTPRoute",
  metadata: { resourceVersion: "41", generation: 3 },
  spec: {
    rules: [
      { backendRefs: [{ name: "stable", weight: 95 }, { name: "canary", weight: 5 }] },
      { backendRefs: [{ name: "other" }] },
    ],
  },
  status: {
    parents: [{
      conditions: [
        { type: "Accepted", status: "True", observedGeneration: 3 },
        { type: "ResolvedRefs", status: "True", observedGeneration: 3 },
      ],
    }],
  },
});

Deno.test("routePatch() tests the version, writes both weights and the token", () => {
  const patch = routePatch(ROUTE, {
    canary: "canary",
    stable: "stable",
    canaryWeight: 25,
    fence: 8,
  });
  assertEquals(patch, [
    { op: "test", path: "/metadata/resourceVersion", value: "41" },
    { op: "add", path: "/metadata/annotations", value: {} },
    {
      op: "add",
      path: "/metadata/annotations/release-governance.dev~1traffic-fence",
      value: "8",
    },
    { op: "add", path: "/spec/rules/0/backendRefs/1/weight", value: 25 },
    { op: "add", path: "/spec/rules/0/backendRefs/0/weight", value: 75 },
  ]);
});

Deno.test("routeWeight() believes only what the controller has accepted", () => {
  assertEquals(routeWeight(ROUTE, "canary", "stable"), 5);
  const newer = { ...ROUTE, metadata: { ...ROUTE.metadata, generation: 4 } };
  assertEquals(routeWeight(newer, "canary", "stable"), undefined);
  assertEquals(routeWeight({ ...ROUTE, status: undefined }, "canary", "stable"), undefined);
  assertEquals(routeWeight(ROUTE, "canary", "other"), undefined);
});

Deno.test("an Argo Rollout is read after it has seen the generation, and gets one step", () => {
  const rollout = ArgoRollout.parse({
    kind: "Rollout",
    metadata: { resourceVersion: "9", generation: 2, annotations: {} },
    status: { observedGeneration: "2", canary: { weights: { canary: { weight: 25 } } } },
  });
  assertEquals(rolloutWeight(rollout), 25);
  const stale = { ...rollout, status: { ...rollout.status, observedGeneration: "1" } };
  assertEquals(rolloutWeight(stale), undefined);
  assertEquals(rolloutPatch(rollout, { canaryWeight: 50, fence: 3 }).at(-1), {
    op: "add",
    path: "/spec/strategy/canary/steps",
    value: [{ setWeight: 50 }, { pause: {} }],
  });
});
