import { assertEquals } from "@std/assert/equals";
import type { Channels } from "../../../lib/rollout/channels.ts";
import { judgeChannels } from "../../../lib/rollout/judge_channels.ts";
import { registry, row, T0 } from "./registry_fixture.ts";

const POLICY = {
  channels: {
    canary: { min_rollout_percent: 1, max_rollout_percent: 25 },
    stable: { required_rollout_percent: 100 },
  },
};
const SOUND = registry(["1.1.0", 5], ["1.0.0", 100], [row(T0, "set", "canary", "1.0.0", "1.1.0")]);

const without = (name: string): Channels => {
  const { [name]: _gone, ...channels } = SOUND.channels;
  return { ...SOUND, channels };
};

const CASES: [name: string, store: Channels, failed: string[]][] = [
  ["is sound", SOUND, []],
  ["has no canary", without("canary"), [
    "channels_present_canary",
    "canary_version_semver",
    "canary_rollout_range",
    "canary_not_older_than_stable",
    "history_matches_channels",
    "percent_within_policy",
  ]],
  ["has no stable", without("stable"), [
    "channels_present_stable",
    "stable_version_semver",
    "stable_rollout_range",
    "stable_rollout_100",
    "canary_not_older_than_stable",
    "percent_within_policy",
  ]],
  ["has a version that is none", registry(["oops", 0], ["oops", 100]), [
    "canary_version_semver",
    "stable_version_semver",
    "canary_not_older_than_stable",
  ]],
  ["has a fractional percent", registry(["1.0.0", 5.7], ["1.0.0", 100]), ["canary_rollout_range"]],
  ["has stable above 100", registry(["1.0.0", 5], ["1.0.0", 101]), [
    "stable_rollout_range",
    "stable_rollout_100",
    "percent_within_policy",
  ]],
  ["has an unsound third channel", {
    ...SOUND,
    channels: { ...SOUND.channels, beta: { version: "x", rollout_percent: 1, updated_at: 0 } },
  }, ["other_channels_sound"]],
  [
    "has a canary below stable",
    registry(["0.9.0", 5], ["1.0.0", 100], [row(T0, "set", "canary", "1.0.0", "0.9.0")]),
    [
      "canary_not_older_than_stable",
    ],
  ],
  ["was edited by hand", { ...SOUND, history: [row(T0, "set", "canary", "1.0.0", "1.0.9")] }, [
    "history_matches_channels",
  ]],
  ["differs without history", registry(["1.1.0", 5], ["1.0.0", 100]), ["history_matches_channels"]],
  [
    "has rows out of order",
    registry(["1.1.0", 5], ["1.0.0", 100], [
      row(T0 + 5, "set", "canary", "1.0.0", "1.0.5"),
      row(T0, "set", "canary", "1.0.5", "1.1.0"),
    ]),
    ["timestamps_monotonic"],
  ],
  [
    "is from the future",
    registry(["1.1.0", 5], ["1.0.0", 100], [row(T0 + 1401, "set", "canary", "1.0.0", "1.1.0")]),
    ["timestamps_monotonic"],
  ],
  [
    "has a canary above the policy",
    registry(["1.1.0", 26], ["1.0.0", 100], [row(T0, "set", "canary", "1.0.0", "1.1.0")]),
    ["percent_within_policy"],
  ],
];

for (const [name, store, failed] of CASES) {
  Deno.test(`judgeChannels() fails [${failed}] for a registry that ${name}`, () => {
    const checks = judgeChannels(store, {
      strictMode: "enforce",
      rolloutPolicy: POLICY,
      nowS: T0 + 1100,
    });
    assertEquals(checks.filter(({ ok }) => !ok).map(({ id }) => id), failed);
  });
}

Deno.test("judgeChannels() looks for the expected version in either channel", () => {
  const failed = (expectedVersion: string): string[] =>
    judgeChannels(SOUND, { strictMode: "warn", expectedVersion }).filter(({ ok }) => !ok)
      .map(({ id, mode }) => `${id} ${mode}`);
  assertEquals(failed("1.1.0"), []);
  assertEquals(failed("2.0.0"), ["expected_version_present_in_channels warn"]);
});
