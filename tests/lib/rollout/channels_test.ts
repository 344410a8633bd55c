import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { join } from "@std/path/join";
import {
  type Channels,
  ChannelsError,
  parseChannels,
  readChannels,
  RevisionConflictError,
} from "../../../lib/rollout/channels.ts";
import { setVersion } from "../../../lib/rollout/channel_operations.ts";
import { HISTORY_LIMIT, readHistoryArchive } from "../../../lib/rollout/history_archive.ts";
import { updateChannels } from "../../../lib/rollout/update_channels.ts";
import { registry, row, T0 } from "./registry_fixture.ts";

/** A registry on disk, in a folder of its own. */
async function onDisk(
  content: unknown,
  work: (root: string, path: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    const path = join(root, "release_channels.json");
    await Deno.writeTextFile(
      path,
      typeof content === "string" ? content : JSON.stringify(content),
    );
    await work(root, path);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const BROKEN: [name: string, text: string, pointer: string][] = [
  ["empty", "", ""],
  ["truncated", '{"version": 1, "channels": {', ""],
  ["an array", "[]", ""],
  [
    "a percent in words",
    JSON.stringify(registry(["1.0.0", "5%" as unknown as number], ["1.0.0", 100])),
    "/channels/canary/rollout_percent",
  ],
  ["another format", '{"version": 2}', "/version"],
];

for (const [name, text, pointer] of BROKEN) {
  Deno.test(`readChannels() refuses a registry that is ${name} and leaves it as it is`, async () => {
    await onDisk(text, async (_root, path) => {
      const error = await assertRejects(() => readChannels(path), ChannelsError);
      assertEquals([error.state, error.pointer], ["malformed", pointer]);
      assertEquals(await Deno.readTextFile(path), text);
    });
  });
}

Deno.test("readChannels() tells a missing registry from a malformed one", async () => {
  const error = await assertRejects(() => readChannels("/nonexistent/x.json"), ChannelsError);
  assertEquals(error.state, "missing");
});

Deno.test("updateChannels() keeps unknown channels and fields, counts, and sets the time", async () => {
  const before = { ...registry(["1.0.0", 5], ["1.0.0", 100]), region: { eu: [1, 2] } };
  before.channels.beta = { version: "2.0.0-beta.1", rollout_percent: 1, updated_at: 0, pin: true };
  await onDisk(before, async (root, path) => {
    const options = { purpose: "test", nowS: T0 + 5, expectRevision: 0 };
    const by = { reason: "r", actor: "a", nowS: T0 + 5 };
    await updateChannels(
      root,
      path,
      options,
      (store) => setVersion(store, { channel: "canary", version: "1.1.0", ...by }),
    );
    const after = await readChannels(path);
    assertEquals([after.revision, after.updated_at], [1, T0 + 5]);
    assertEquals(after.region, before.region);
    assertEquals(after.channels.beta, before.channels.beta);
    assertEquals(after.history.length, 1);
  });
});

Deno.test("updateChannels() refuses another revision, an edit by hand, and a lost row", async () => {
  const store = registry(["1.0.0", 5], ["1.0.0", 100], [
    row(T0, "set", "canary", "0.9.0", "1.0.0"),
  ]);
  await onDisk(store, async (root, path) => {
    const text = await Deno.readTextFile(path);
    const options = { purpose: "test", nowS: T0 };
    const change = (before: Channels): Channels => ({ ...before, updated_at: 1 });
    await assertRejects(
      () => updateChannels(root, path, { ...options, expectRevision: 3 }, change),
      RevisionConflictError,
      "revision is 0, expected 3",
    );
    await assertRejects(
      () => updateChannels(root, path, { ...options, expectSha256: "00" }, change),
      RevisionConflictError,
    );
    await assertRejects(
      () => updateChannels(root, path, options, (before) => ({ ...before, history: [] })),
      TypeError,
      "history row 0 was changed",
    );
    await assertRejects(
      () => updateChannels(root, path, options, (before) => ({ ...before, channels: {} })),
      TypeError,
      "lost canary, stable",
    );
    assertEquals(await Deno.readTextFile(path), text);
  });
});

Deno.test("updateChannels() writes nothing when the change is none", async () => {
  await onDisk(registry(["1.0.0", 5], ["1.0.0", 100]), async (root, path) => {
    const text = await Deno.readTextFile(path);
    await updateChannels(root, path, { purpose: "test", nowS: T0 }, (store) => store);
    assertEquals(await Deno.readTextFile(path), text);
  });
});

Deno.test("of 30 writers at once none loses a row", async () => {
  await onDisk(registry(["1.0.0", 5], ["1.0.0", 100]), async (root, path) => {
    await Promise.all(
      Array.from(
        { length: 30 },
        (_, n) =>
          updateChannels(root, path, { purpose: "test", nowS: T0 }, (store) =>
            setVersion(store, {
              channel: "canary",
              version: `1.${n + 1}.0`,
              reason: "r",
              actor: "a",
              nowS: T0,
            })),
      ),
    );
    const after = await readChannels(path);
    assertEquals([after.history.length, after.revision], [30, 30]);
  });
});

Deno.test("history beyond the limit goes to the archive, also after a crash in between", async () => {
  const rows = Array.from(
    { length: HISTORY_LIMIT },
    (_, n) => row(T0 + n, "set", "canary", `1.0.${n}`, `1.0.${n + 1}`),
  );
  const full = registry([`1.0.${HISTORY_LIMIT}`, 5], ["1.0.0", 100], rows);
  await onDisk(full, async (root, path) => {
    const add = async (version: string): Promise<number> => {
      const by = { reason: "r", actor: "a", nowS: T0 + 1000 };
      const change = (store: Channels): Channels =>
        setVersion(store, { channel: "canary", version, ...by });
      const call = { purpose: "test", nowS: T0 + 1000 };
      return (await updateChannels(root, path, call, change)).archived;
    };
    assertEquals(await add("2.0.0"), 101);
    const archive = await readHistoryArchive(path);
    assertEquals([archive.length, archive[0]], [101, rows[0]]);
    // a crash after the archive, before the registry: the old registry is still there
    await Deno.writeTextFile(path, JSON.stringify(full));
    assertEquals(await add("2.0.0"), 101);
    assertEquals(await readHistoryArchive(path), archive);
    const store = await readChannels(path);
    assertEquals([store.history.length, store.history_archived], [200, 101]);
  });
});

Deno.test("an archive that is broken is refused, not overwritten", async () => {
  await onDisk(registry(["1.0.0", 5], ["1.0.0", 100]), async (_root, path) => {
    const archive = path.replace(".json", ".history.ndjson");
    await Deno.writeTextFile(archive, '{"ordinal": 1, "row": {"action": "set"}}\n');
    await assertRejects(() => readHistoryArchive(path), ChannelsError, "out of order");
  });
});

Deno.test("parseChannels() returns the very JSON, in its order", () => {
  const text = '{"history":[],"z":1,"channels":{},"updated_at":0,"version":1}';
  assertEquals(JSON.stringify(parseChannels(text, "x")), text);
  assertThrows(() => parseChannels("{", "x"), ChannelsError, 'Cannot read channel registry "x"');
});
