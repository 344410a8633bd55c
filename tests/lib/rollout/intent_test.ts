import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import {
  advanceIntent,
  FINAL_STATES,
  type Intent,
  INTENT_STATES,
  INTENT_TRANSITIONS,
  IntentTransitionError,
  newIntentId,
} from "../../../lib/rollout/intent.ts";

const DIAGRAM = new URL("../../../docs/RELEASE_TRAFFIC_ADAPTERS.md", import.meta.url);

Deno.test("the state diagram in the documents is the one in the code", async () => {
  const page = await Deno.readTextFile(DIAGRAM);
  const mermaid = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const drawn = mermaid.trim().split("\n").map((line) => line.trim()).sort();
  const coded = [
    "[*] --> PREPARED",
    ...INTENT_STATES.flatMap((from) => INTENT_TRANSITIONS[from].map((to) => `${from} --> ${to}`)),
    ...FINAL_STATES.map((state) => `${state} --> [*]`),
  ].sort();
  assertEquals(drawn, coded);
  assertEquals(drawn.length > 20, true);
});

Deno.test("every state can be reached from PREPARED", () => {
  const reached = new Set<string>(["PREPARED"]);
  for (const state of reached) {
    for (const next of INTENT_TRANSITIONS[state as Intent["state"]]) reached.add(next);
  }
  assertEquals([...reached].sort(), [...INTENT_STATES].sort());
});

Deno.test("advanceIntent() refuses a step the state machine does not have", () => {
  const intent = { intent_id: "x", state: "PREPARED", transitions: [] } as unknown as Intent;
  assertEquals(
    advanceIntent(intent, "ABORTED", { nowMs: 5, detail: "d" }).transitions,
    [{ state: "ABORTED", at_ms: 5, detail: "d" }],
  );
  assertThrows(
    () => advanceIntent(intent, "COMMITTED", { nowMs: 5, detail: "" }),
    IntentTransitionError,
    'Cannot move intent "x" from PREPARED to COMMITTED',
  );
});

Deno.test("intent ids sort by time", () => {
  const ids = [newIntentId(999), newIntentId(1_000_000), newIntentId(1_000_001)];
  assertEquals([...ids].sort(), ids);
});
