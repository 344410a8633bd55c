import { assert, assertEquals } from "@std/assert";
import { spawnScript } from "../support/run_script.ts";
import { recoveryRepository, regionState, runDrill } from "../support/recovery_site.ts";
import type { TempRepository } from "../support/temp_repository.ts";

const REGION = ".data/dr/region-a";

/** How many files a staging or scratch folder holds by now; undefined while there is none. */
async function progressIn(
  repository: TempRepository,
  folder: string,
  prefix: string,
  below = "",
): Promise<number | undefined> {
  const name = (await repository.list(folder)).find((each) => each.startsWith(prefix));
  if (name === undefined) return undefined;
  return (await repository.list(`${folder}/${name}${below}`)).length;
}

/** Moments at which the drill is killed; each is true from some point of the run on. */
const MOMENTS: Record<string, (repository: TempRepository, old: string[]) => Promise<boolean>> = {
  "when the copying begins": async (repository) =>
    await progressIn(repository, `${REGION}/snapshots`, ".staging_") !== undefined,
  "in the middle of the copying": async (repository) =>
    (await progressIn(repository, `${REGION}/snapshots`, ".staging_", "/data/many") ?? 0) > 40,
  "when the manifest is there": async (repository) =>
    await progressIn(repository, `${REGION}/snapshots`, ".staging_") === 2,
  "in the middle of the restoration": async (repository) =>
    (await progressIn(repository, ".data/dr/region-b", ".scratch_", "/many") ?? 0) > 40,
  "when the copy gets its name": async (repository, old) =>
    (await repository.list(`${REGION}/snapshots`)).some((name) =>
      name.startsWith("snapshot_") && !old.includes(name)
    ),
  "when an old copy goes": async (repository) =>
    await progressIn(repository, `${REGION}/snapshots`, ".removing_") !== undefined,
};

/** Kills a drill at a moment; false if it had ended before that was seen. */
async function killAt(
  repository: TempRepository,
  reached: (repository: TempRepository, old: string[]) => Promise<boolean>,
): Promise<boolean> {
  const old = await repository.list(`${REGION}/snapshots`);
  const child = await spawnScript("disaster_recovery_drill", ["--primary", "p"], repository);
  let over = false;
  const ended = child.output().then(() => void (over = true));
  while (!over && !await reached(repository, old)) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  if (!over) child.kill("SIGKILL");
  const killed = !over;
  await ended;
  return killed;
}

const many = Object.fromEntries(
  Array.from({ length: 120 }, (_, at) => [`p/many/${at}`, `content ${at}`]),
);

Deno.test("disaster_recovery_drill killed at any moment leaves a good copy, and the next run works", async () => {
  await using repository = await recoveryRepository(many, { keep_snapshots: 2 });
  const region = repository.path(REGION);
  for (let run = 0; run < 2; run++) {
    assertEquals((await runDrill(repository, ["--primary", "p"])).code, 0);
  }
  const killed: string[] = [];
  for (const [what, reached] of Object.entries(MOMENTS)) {
    const before = await repository.read(`${REGION}/current.json`);
    if (await killAt(repository, reached)) killed.push(what);
    const { names, faults } = await regionState(region);
    assertEquals(faults, [], what);
    assert(names.length >= 2, `${what}: a good copy went before a new one was there`);
    const untilNamed = ["when the copy gets its name", "when an old copy goes"];
    if (!untilNamed.includes(what)) {
      assertEquals(await repository.read(`${REGION}/current.json`), before, what);
    }
    const { code, report } = await runDrill(repository, ["--primary", "p"]);
    assertEquals(code, 0, `${what}: ${report.headline}`);
    const left = (await repository.list(`${REGION}/snapshots`)).filter((name) =>
      name.startsWith(".")
    );
    assertEquals(left, [], what);
    assertEquals(await repository.list(".data/dr/region-b"), ["region.json", "region.lock"]);
  }
  assert(killed.length >= 4, `the drill was too fast for all but: ${killed.join(", ")}`);
});

Deno.test("disaster_recovery_drill stopped by SIGTERM cleans up after itself", async () => {
  await using repository = await recoveryRepository(many);
  const child = await spawnScript("disaster_recovery_drill", ["--primary", "p"], repository);
  const output = child.output();
  const copying = MOMENTS["when the copying begins"]!;
  while (!await copying(repository, [])) await new Promise((resolve) => setTimeout(resolve, 0));
  child.kill("SIGTERM");
  const { code } = await output;
  assertEquals(code, 143);
  assertEquals(await repository.list(`${REGION}/snapshots`), []);
  assertEquals(await repository.list(".data/dr/region-b"), ["region.json", "region.lock"]);
});
