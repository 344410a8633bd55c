import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { fromFileUrl } from "@std/path/from-file-url";
import { type Random, seeded } from "../lib/rollout/simulator/random.ts";
import { assertAgreement } from "../support/agreement.ts";
import { FileSite } from "../support/file_site.ts";
import type { KillSide } from "../support/kill_at_write.ts";

/** Whole numbers: `ROLLOUT_KILLS=500` runs the long form, `ROLLOUT_KILL_SEED=2` another one. */
const KILLS = Number(Deno.env.get("ROLLOUT_KILLS") ?? 50);
const SEED = Number(Deno.env.get("ROLLOUT_KILL_SEED") ?? 1);
/** Sites at work at the same time. */
const SITES = 2;
/** An apply makes about this many durable writes; a kill beyond its end never happens. */
const WRITES = 61;

const PRELOADED = fromFileUrl(new URL("../support/kill_at_write.ts", import.meta.url));

/** Lets two small programs move and read traffic: a link that points to one of several files. */
async function useLinks(site: FileSite): Promise<void> {
  for (const canary_weight of [0, 5, 25, 50, 100]) {
    const answer = `${JSON.stringify({ canary_weight, fence: null })}\n`;
    await site.repository.write(`.data/weights/${canary_weight}.json`, answer);
  }
  await Deno.remove(site.repository.path(".data/traffic.json"));
  await Deno.symlink("weights/5.json", site.repository.path(".data/traffic.json"));
  const set = "ln -sfT weights/{canary_traffic_weight}.json .data/traffic.json";
  const file = "security/release_traffic_adapter_contract.json";
  await site.repository.write(file, {
    version: 1,
    placeholders: { required: ["canary_traffic_weight"] },
    adapters: [{
      id: "file",
      command_template: set,
      observe_command_template: "cat .data/traffic.json",
      compensate_command_template: set,
    }],
  });
}

/** Runs the executor until it dies at the write, or to its end; says whether it died. */
async function killedAt(
  site: FileSite,
  at: number,
  side: KillSide,
  args: string[],
): Promise<boolean> {
  await site.repository.write(
    ".data/kill.ts",
    `import { killAtWrite } from ${JSON.stringify(PRELOADED)};\nkillAtWrite(${at}, "${side}");\n`,
  );
  const preload = site.repository.path(".data/kill.ts");
  const child = await site.spawnWith({ preload }, "--traffic-settle-s", "0.5", ...args);
  const { code, signal, stderr } = await child.output();
  if (signal === "SIGKILL") return true;
  assert([0, 2].includes(code), `${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return false;
}

/** The next thing to do: a stage, or, at the end and now and then, the way back. */
async function nextArgs(site: FileSite, random: Random): Promise<string[]> {
  const percent = (await site.registry()).channels.canary?.rollout_percent ?? 0;
  const back = percent === 100 || (percent > 0 && random.chance(0.3));
  return ["--apply", "--reason", "killed", back ? "--abort" : "--resume"];
}

/** Kills one site's executor again and again, recovery included. */
async function killOften(
  seed: number,
  kills: number,
): Promise<{ died: number; states: string[] }> {
  await using site = await FileSite.start();
  await useLinks(site);
  const random = seeded(seed);
  let died = 0;
  for (let round = 0; died < kills && round < 4 * kills; round++) {
    const before = (await site.registry()).history;
    for (let again = true; again && died < kills; again = random.chance(0.7)) {
      const side = random.pick(["before", "during", "after"] as const);
      const args = await nextArgs(site, random);
      if (await killedAt(site, random.int(1, WRITES), side, args)) died++;
      const { history } = await site.registry(); // readable, and nothing in it is lost
      assertEquals(history.slice(0, before.length), before);
    }
    const recovered = await site.executor("--recover");
    assertEquals(recovered.code, 0, recovered.stdout);
    await assertAgreement(site);
  }
  return { died, states: (await site.intents()).map(({ state }) => state) };
}

Deno.test(`executors killed at ${KILLS} durable writes leave registry, journal, audit log and traffic in agreement`, async () => {
  const share = Math.ceil(KILLS / SITES);
  const ends = await Promise.all(
    Array.from({ length: SITES }, (_, at) => killOften(SEED * SITES + at, share)),
  );
  assert(ends.reduce((sum, { died }) => sum + died, 0) >= KILLS, "they died too seldom");
  const states = new Set(ends.flatMap(({ states }) => states));
  assert(states.has("COMMITTED") && states.has("ABORTED"), [...states].join(" "));
});
