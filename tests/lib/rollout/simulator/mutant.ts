import { join } from "@std/path/join";
import { toFileUrl } from "@std/path/to-file-url";
import type { PlantedFault } from "./planted_faults.ts";
import type { Protocol } from "./simulate.ts";

const SOURCE = new URL("../../../../lib/rollout/", import.meta.url);

/** The files that are the protocol; everything else they import stays the original. */
const PROTOCOL_FILES = [
  "intent.ts",
  "settle_intent.ts",
  "commit_intent.ts",
  "compensate_intent.ts",
  "order_traffic.ts",
  "execute_intent.ts",
  "recover_intents.ts",
  "reconcile_traffic.ts",
  "prepare_intent.ts",
];

function plant(source: string, { file, find, replace }: PlantedFault): string {
  const places = source.split(find).length - 1;
  if (places !== 1) {
    throw new Error(
      `Cannot plant fault in "${file}": ${JSON.stringify(find)} occurs ${places} times`,
    );
  }
  return source.replace(find, () => replace);
}

/**
 * Loads a copy of the protocol with one fault in it.
 *
 * @param folder An empty folder for the copy.
 * @throws {Error} If the source has changed so that the fault has no place.
 */
export async function loadMutant(fault: PlantedFault, folder: string): Promise<Protocol> {
  for (const name of PROTOCOL_FILES) {
    const original = await Deno.readTextFile(new URL(name, SOURCE));
    const faulty = name === fault.file ? plant(original, fault) : original;
    const linked = faulty.replaceAll(
      /from "\.\/([a-z_]+\.ts)"/g,
      (whole, imported: string) =>
        PROTOCOL_FILES.includes(imported) ? whole : `from "${new URL(imported, SOURCE).href}"`,
    );
    await Deno.writeTextFile(join(folder, name), linked);
  }
  const load = (name: string): Promise<Record<string, unknown>> =>
    import(toFileUrl(join(folder, name)).href);
  return {
    ...await load("execute_intent.ts"),
    ...await load("recover_intents.ts"),
    ...await load("reconcile_traffic.ts"),
    ...await load("prepare_intent.ts"),
    ...await load("intent.ts"),
  } as unknown as Protocol;
}
