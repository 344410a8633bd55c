import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { ChannelRuleError } from "../../../lib/rollout/channel_change.ts";
import {
  freeze,
  promote,
  rollback,
  servedBefore,
  setVersion,
  unfreeze,
} from "../../../lib/rollout/channel_operations.ts";
import type { Channels } from "../../../lib/rollout/channels.ts";
import { splitOf } from "../../../lib/rollout/traffic_split.ts";
import { registry, row, T0 } from "./registry_fixture.ts";

const BY = { reason: "because", actor: "ana", nowS: T0 + 100 };
const HISTORY = [
  row(T0, "promote", "canary->stable", "0.9.0", "1.0.0"),
  row(T0 + 10, "set", "canary", "1.0.0", "1.1.0"),
];
const STORE = registry(["1.1.0", 50], ["1.0.0", 100], HISTORY);
const FROZEN = freeze(STORE, { untilS: T0 + 200, ...BY });

const REFUSALS: [rule: string, change: () => Channels][] = [
  ["channel_unknown", () => setVersion(STORE, { channel: "nope", version: "1.2.0", ...BY })],
  ["channel_unknown", () => setVersion(STORE, { channel: "toString", version: "1.2.0", ...BY })],
  ["channels_equal", () => promote(STORE, { source: "canary", target: "canary", ...BY })],
  ["version_invalid", () => setVersion(STORE, { channel: "canary", version: "1.2", ...BY })],
  ["version_invalid", () => setVersion(STORE, { channel: "canary", version: "v1.2.0", ...BY })],
  [
    "percent_invalid",
    () => setVersion(STORE, { channel: "canary", version: "1.2.0", rolloutPercent: 5.5, ...BY }),
  ],
  [
    "reason_missing",
    () => setVersion(STORE, { channel: "canary", version: "1.2.0", ...BY, reason: " " }),
  ],
  ["actor_missing", () => promote(STORE, { ...BY, actor: "" })],
  ["frozen", () => setVersion(FROZEN, { channel: "canary", version: "1.2.0", ...BY })],
  ["frozen", () => promote(FROZEN, BY)],
  ["not_frozen", () => unfreeze(STORE, BY)],
  ["until_not_future", () => freeze(STORE, { untilS: BY.nowS, ...BY })],
  ["no_change", () => setVersion(STORE, { channel: "canary", version: "1.1.0", ...BY })],
  ["source_version_differs", () => promote(STORE, { version: "9.9.9", ...BY })],
  [
    "observation_too_short",
    () => promote(STORE, { bake: { minObserveS: 91, minPercent: 0 }, ...BY }),
  ],
  [
    "source_percent_too_low",
    () => promote(STORE, { bake: { minObserveS: 90, minPercent: 51 }, ...BY }),
  ],
  ["no_rollback_target", () => rollback(registry(["1.0.0", 0], ["1.0.0", 100]), BY)],
  ["rollback_target_unknown", () => rollback(STORE, { toVersion: "0.8.0", ...BY })],
  [
    "rollback_target_not_lower",
    () => rollback(STORE, { toVersion: "9.0.0", allowUnknown: true, ...BY }),
  ],
];

for (const [at, [rule, change]] of REFUSALS.entries()) {
  Deno.test(`refusal ${at + 1}: ${rule}`, () => {
    assertEquals(assertThrows(change, ChannelRuleError).rule, rule);
  });
}

Deno.test("promote() copies the version, forces 100 percent and retires the canary", () => {
  const { channels, history } = promote(STORE, {
    bake: { minObserveS: 90, minPercent: 50 },
    ...BY,
  });
  assertEquals(
    [channels.stable?.version, channels.stable?.rollout_percent, channels.canary?.rollout_percent],
    ["1.1.0", 100, 0],
  );
  assertEquals(history.at(-1)?.channel, "canary->stable");
});

Deno.test("rollback() of stable takes the canary that serves the bad version out of traffic", () => {
  const bad = registry(["1.1.0", 50], ["1.1.0", 100], [
    ...HISTORY,
    row(T0 + 20, "promote", "canary->stable", "1.0.0", "1.1.0"),
  ]);
  const after = rollback(bad, BY);
  assertEquals(after.channels.stable?.version, "1.0.0");
  assertEquals(splitOf(after).canary_weight, 0);
});

Deno.test("rollback() stays possible while frozen", () => {
  assertEquals(rollback(FROZEN, BY).channels.stable?.version, "0.9.0");
});

Deno.test("rollback() records what was overridden", () => {
  const after = rollback(STORE, {
    toVersion: "2.0.0",
    allowUnknown: true,
    allowForward: true,
    ...BY,
  });
  assertEquals(after.history.at(-1)?.override, "rollback_target_unknown rollback_target_not_lower");
});

Deno.test("servedBefore() counts archived rows and pre-releases in SemVer order", () => {
  const archived = [row(1, "set", "stable", "0.8.0-rc.1", "0.8.0")];
  assertEquals(servedBefore(STORE, "stable", archived), ["0.8.0-rc.1", "0.8.0", "0.9.0"]);
});

Deno.test("rows never go back in time when the clock does", () => {
  const after = setVersion(STORE, { channel: "canary", version: "1.2.0", ...BY, nowS: 5 });
  assertEquals([after.history.at(-1)?.ts, after.channels.canary?.updated_at], [T0 + 10, T0 + 10]);
});

Deno.test("unfreeze() lifts a freeze, and a freeze ends by itself", () => {
  assertEquals(unfreeze(FROZEN, BY).freeze, undefined);
  const later = { ...BY, nowS: T0 + 200 };
  assertEquals(
    setVersion(FROZEN, { channel: "canary", version: "1.2.0", ...later }).channels.canary?.version,
    "1.2.0",
  );
});
