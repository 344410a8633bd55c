import type { Fault } from "./fault.ts";
import { pointerOf } from "../text/json_pointer.ts";

/** Where a pointer's value and its key stand; lines and columns count from 1. */
interface Place {
  line: number;
  column: number;
}

interface Node {
  type: string;
  loc: { start: Place };
  members?: { name: { value?: string; name?: string; loc: { start: Place } }; value: Node }[];
  elements?: { value: Node }[];
}

interface Positions {
  /** Place of each pointer: the key's for a member, the value's for an element. */
  places: Map<string, Place>;
  /** Keys written twice in one object; the second place of each. */
  duplicates: Fault[];
}

function index(root: Node): Positions {
  const places = new Map<string, Place>([["", root.loc.start]]);
  const duplicates: Fault[] = [];
  const open: [Node, string][] = [[root, ""]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, pointer] = next;
    for (const { name, value } of node.members ?? []) {
      const key = name.value ?? name.name ?? "";
      const at = pointer + pointerOf([key]);
      if (places.has(at)) {
        duplicates.push({ pointer: at, ...name.loc.start, message: `"${key}" is written twice` });
      }
      places.set(at, name.loc.start);
      open.push([value, at]);
    }
    node.elements?.forEach(({ value }, i) => {
      places.set(`${pointer}/${i}`, value.loc.start);
      open.push([value, `${pointer}/${i}`]);
    });
  }
  return { places, duplicates };
}

function place({ line, column }: Place): Place {
  return { line, column };
}

/** Why a text is not JSON, at the place where reading it stopped. */
export async function syntaxFault(text: string, message: string): Promise<Fault> {
  const { parse } = await import("@humanwhocodes/momoa");
  try {
    parse(text, { mode: "json" });
  } catch (error) {
    const { line, column } = error as Partial<Place>;
    if (line !== undefined && column !== undefined) {
      const words = (error as Error).message.replace(/\s*\(\d+:\d+\)$/, "");
      return { pointer: "", line, column, message: `is not JSON: ${words}` };
    }
  }
  return { pointer: "", message: `is not JSON: ${message}` };
}

async function positions(text: string): Promise<Positions> {
  const { parse } = await import("@humanwhocodes/momoa");
  try {
    return index(parse(text, { mode: "json" }).body as unknown as Node);
  } catch (error) {
    // Nesting beyond the stack: the faults stay, without line numbers.
    if (error instanceof RangeError) return { places: new Map(), duplicates: [] };
    throw error;
  }
}

/** Adds line and column to faults; a missing key is placed at the nearest object around it. */
export async function locateFaults(text: string, faults: readonly Fault[]): Promise<Fault[]> {
  const { places } = await positions(text);
  return faults.map((fault) => {
    for (let pointer = fault.pointer;; pointer = pointer.slice(0, pointer.lastIndexOf("/"))) {
      const found = places.get(pointer);
      if (found !== undefined) return { ...fault, ...place(found) };
      if (pointer === "") return fault;
    }
  });
}

/** Keys that stand twice in one object, each at its second place. */
export async function duplicateKeys(text: string): Promise<Fault[]> {
  const { duplicates } = await positions(text);
  return duplicates.length > 0
    ? duplicates
    : [{ pointer: "", message: "some key is written twice" }];
}
