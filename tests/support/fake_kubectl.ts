/**
 * A stand-in for `kubectl` with one recorded object, for tests: answers `get` and `patch` as the API
 * server does (JSON Patch with `test`, a new resource version for each change) and records its
 * arguments. `KUBECTL_OBJECT` names the file; `<file>.lag` makes the controller never accept a
 * change whose patch holds its content.
 * @module
 */

interface Operation {
  op: string;
  path: string;
  value: unknown;
}
type Json = Record<string, unknown>;

function locate(object: Json, path: string): { parent: Json; key: string } {
  const keys = path.slice(1).split("/").map((key) =>
    key.replaceAll("~1", "/").replaceAll("~0", "~")
  );
  const key = keys.pop() ?? "";
  return { parent: keys.reduce((node, name) => node[name] as Json, object), key };
}

function patched(object: Json, operations: Operation[]): Json | string {
  const next = structuredClone(object);
  for (const { op, path, value } of operations) {
    const { parent, key } = locate(next, path);
    if (op === "test" && parent[key] !== value) return `testing path ${path} failed`;
    if (op !== "test") parent[key] = value;
  }
  return next;
}

/** What API server and controller do after a change. */
function settle(object: Json, lagging: boolean): void {
  const metadata = object.metadata as { resourceVersion: string; generation: number };
  metadata.resourceVersion = String(Number(metadata.resourceVersion) + 1);
  metadata.generation++;
  if (lagging) return;
  const status = object.status as Json;
  const parents = (status.parents ?? []) as { conditions: { observedGeneration: number }[] }[];
  for (const condition of parents.flatMap(({ conditions }) => conditions)) {
    condition.observedGeneration = metadata.generation;
  }
  if (object.kind !== "Rollout") return;
  const { strategy } = object.spec as { strategy: { canary: { steps: { setWeight: number }[] } } };
  status.observedGeneration = String(metadata.generation);
  status.canary = { weights: { canary: { weight: strategy.canary.steps[0]?.setWeight } } };
}

function isLagging(path: string, patch: string): boolean {
  try {
    return patch.includes(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function main(args: string[]): number {
  const file = Deno.env.get("KUBECTL_OBJECT") ?? "";
  Deno.writeTextFileSync(`${file}.log`, `${JSON.stringify(args)}\n`, { append: true });
  const object = JSON.parse(Deno.readTextFileSync(file)) as Json;
  const say = (text: string, to: typeof Deno.stdout = Deno.stdout): void => {
    to.writeSync(new TextEncoder().encode(text));
  };
  if (args.includes("get")) {
    say(JSON.stringify(object));
    return 0;
  }
  const next = patched(object, JSON.parse(args.at(-1) ?? "[]"));
  if (typeof next === "string") {
    say(`The request is invalid: ${next}\n`, Deno.stderr as typeof Deno.stdout);
    return 1;
  }
  settle(next, isLagging(`${file}.lag`, args.at(-1) ?? ""));
  Deno.writeTextFileSync(file, JSON.stringify(next));
  return 0;
}

if (import.meta.main) Deno.exitCode = main(Deno.args);
