import { brief, keysOf, pointerOf } from "../text/json_pointer.ts";
import { PROTOTYPE_KEY } from "./doubtful_keys.ts";
import type { Fault } from "./fault.ts";

/** Where something stands; lines and columns count from 1. */
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

type Member = NonNullable<Node["members"]>[number];

const keyOf = ({ name }: Member): string => name.value ?? name.name ?? "";

/** The tree of a JSON text; undefined where it is nested beyond the stack. */
async function treeOf(text: string): Promise<Node | undefined> {
  const { parse } = await import("@humanwhocodes/momoa");
  try {
    return parse(text, { mode: "json" }).body as unknown as Node;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Where a text ends. */
function endOf(text: string): Place {
  const lines = text.split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

/**
 * Why a text is not JSON, at the place where reading it stopped.
 *
 * @param message What `JSON.parse` said. It names the place only for some faults, and quotes the
 * file for others; for these the text is read again.
 */
export async function syntaxFault(text: string, message: string): Promise<Fault> {
  const placed = /^(.*) in JSON at position \d+ \(line (\d+) column (\d+)\)/s.exec(message);
  if (placed !== null) {
    const [, words, line, column] = placed;
    const place = { line: Number(line), column: Number(column) };
    return { pointer: "", ...place, message: `is not JSON: ${words}` };
  }
  if (message.includes("end of JSON input")) {
    return { pointer: "", ...endOf(text), message: "is not JSON: the text ends too early" };
  }
  const { parse } = await import("@humanwhocodes/momoa");
  try {
    parse(text, { mode: "json" });
  } catch (error) {
    const { line, column } = error as Partial<Place>;
    if (line !== undefined && column !== undefined) {
      const words = (error as Error).message.replace(/\.?\s*\(\d+:\d+\)$/, "");
      return { pointer: "", line, column, message: `is not JSON: ${words}` };
    }
  }
  return { pointer: "", message: "is not JSON" };
}

/** The place of a member's key or of an element; of the nearest thing around it where it is not there. */
function placeOf(root: Node, pointer: string): Place {
  let node = root;
  let place = root.loc.start;
  for (const key of keysOf(pointer)) {
    const member = node.members?.findLast((member) => keyOf(member) === key);
    const next = member?.value ?? node.elements?.[Number(key)]?.value;
    if (next === undefined) break;
    place = (member?.name ?? next).loc.start;
    node = next;
  }
  return { line: place.line, column: place.column };
}

/** Adds line and column to faults; without them where the text is nested beyond the stack. */
export async function locateFaults(text: string, faults: readonly Fault[]): Promise<Fault[]> {
  const root = await treeOf(text);
  return root === undefined
    ? [...faults]
    : faults.map((fault) => ({ ...fault, ...placeOf(root, fault.pointer) }));
}

/** How many doubtful keys are worth a line each. */
const MOST_FAULTS = 100;

/** Keys that stand twice in one object or must not stand there, each at its place. */
export async function doubtfulKeys(text: string): Promise<Fault[]> {
  const root = await treeOf(text);
  const faults: Fault[] = [];
  const open: [Node | undefined, string][] = [[root, ""]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, pointer] = next;
    const keys = new Set<string>();
    for (const member of node?.members ?? []) {
      const key = keyOf(member);
      const at = pointer + pointerOf([key]);
      const fault = key === PROTOTYPE_KEY
        ? "must not be a key"
        : keys.has(key)
        ? "is written twice"
        : undefined;
      if (fault !== undefined && faults.length < MOST_FAULTS) {
        const { line, column } = member.name.loc.start;
        faults.push({ pointer: at, line, column, message: `${brief(key)} ${fault}` });
      }
      keys.add(key);
      open.push([member.value, at]);
    }
    node?.elements?.forEach(({ value }, i) => open.push([value, `${pointer}/${i}`]));
  }
  return faults.length > 0
    ? faults
    : [{ pointer: "", message: `some key is written twice, or is "${PROTOTYPE_KEY}"` }];
}
