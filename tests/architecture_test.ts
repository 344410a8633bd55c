import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs/walk";

/** Floor of each folder of `lib/`; what is not listed is on the top floor. */
const FLOORS: Record<string, number> = {
  text: 0,
  store: 0,
  project: 0,
  docs: 0,
  scan: 0,
  std: 0,
  policy: 1,
  report: 1,
  audit: 1,
};
const TOP = 2;

interface Edge {
  from: string;
  to: string;
  /** Erased before the program runs. */
  typesOnly: boolean;
}

/** Every relative import of a folder's modules, also those of types. */
async function imports(folder: string): Promise<Edge[]> {
  const edges: Edge[] = [];
  for await (const { path } of walk(folder, { exts: [".ts"], includeDirs: false })) {
    const text = await Deno.readTextFile(path);
    const statement = /(import type [^;"]*from|from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g;
    for (const [, words = "", specifier = ""] of text.matchAll(statement)) {
      const to = new URL(specifier, `file:///${path}`).pathname.slice(1);
      edges.push({ from: path, to, typesOnly: words.startsWith("import type") });
    }
  }
  return edges;
}

const libFolder = (path: string): string => /^lib\/([^/]+)\//.exec(path)?.[1] ?? "";
const floor = (path: string): number => FLOORS[libFolder(path)] ?? TOP;

Deno.test("lib never imports scripts, and scripts never import scripts", async () => {
  const edges = [...await imports("lib"), ...await imports("scripts")];
  assert(edges.length > 100);
  assertEquals(edges.filter(({ to }) => to.startsWith("scripts/")), []);
});

Deno.test("inside lib imports only go down or stay on their floor", async () => {
  const upwards = (await imports("lib")).filter(({ from, to }) => floor(to) > floor(from));
  assertEquals(upwards.map(({ from, to }) => `${from} -> ${to}`), []);
});

Deno.test("no module of lib imports itself around a circle", async () => {
  const graph = new Map<string, string[]>();
  const running = (await imports("lib")).filter(({ typesOnly }) => !typesOnly);
  for (const { from, to } of running) graph.set(from, [...graph.get(from) ?? [], to]);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (module: string, path: string[]): void => {
    if (path.includes(module)) {
      circles.push([...path.slice(path.indexOf(module)), module].join(" -> "));
    } else if (!done.has(module)) {
      for (const next of graph.get(module) ?? []) visit(next, [...path, module]);
      done.add(module);
    }
  };
  for (const module of graph.keys()) visit(module, []);
  assertEquals(circles, []);
});

Deno.test("no script or library file has grown past what one reading takes", async () => {
  const long: string[] = [];
  for (const folder of ["lib", "scripts"]) {
    for await (const { path } of walk(folder, { exts: [".ts"], includeDirs: false })) {
      const lines = (await Deno.readTextFile(path)).split("\n").length;
      if (lines > 330) long.push(`${path}: ${lines}`);
    }
  }
  assertEquals(long, []);
});
