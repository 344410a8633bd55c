/**
 * A controller that is a file, for tests: `set FILE WEIGHT FENCE` and `get FILE`.
 *
 * Files beside it change what it does: while `FILE.hold-set` exists, `set` waits before its effect
 * (and says so by `FILE.holding`); `FILE.hold-after-set` makes it wait after its effect;
 * `FILE.fail-set` makes it end with 3 after its effect; `FILE.hollow-set` makes it end with 0 without
 * effect. Each is about the weight it contains only, if it contains one. `FILE.blind` makes `get` fail.
 * @module
 */

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether a file is there and is about this weight. */
async function isMeant(path: string, weight: number): Promise<boolean> {
  if (!await exists(path)) return false;
  const only = await Deno.readTextFile(path);
  return only === "" || Number(only) === weight;
}

async function holdWhile(path: string, file: string, weight: number): Promise<void> {
  if (!await isMeant(path, weight)) return;
  await Deno.writeTextFile(`${file}.holding`, "");
  while (await exists(path)) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function read(file: string): Promise<{ canary_weight: number; fence: number }> {
  return JSON.parse(await Deno.readTextFile(file));
}

async function set(file: string, weight: number, fence: number): Promise<number> {
  await holdWhile(`${file}.hold-set`, file, weight);
  if ((await read(file)).fence > fence) return 75;
  if (!await isMeant(`${file}.hollow-set`, weight)) {
    const temporary = `${file}.${Deno.pid}`;
    await Deno.writeTextFile(temporary, JSON.stringify({ canary_weight: weight, fence }));
    await Deno.rename(temporary, file);
  }
  await holdWhile(`${file}.hold-after-set`, file, weight);
  return await isMeant(`${file}.fail-set`, weight) ? 3 : 0;
}

async function main([verb, file = "", weight, fence]: string[]): Promise<number> {
  if (verb === "set") return await set(file, Number(weight), Number(fence));
  if (await exists(`${file}.blind`)) return 4;
  await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(await read(file))}\n`));
  return 0;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
