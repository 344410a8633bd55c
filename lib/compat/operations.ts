import { pointerOf } from "../text/json_pointer.ts";
import type { Operation } from "../policy/release_compat_matrix.ts";
import { isDocument, type StateDocument } from "./document.ts";

const keysOf = (place: string): string[] =>
  place.slice(1).split("/").map((raw) => raw.replaceAll("~1", "/").replaceAll("~0", "~"));

/** An object that holds the last key of a place, and where that object lies. */
interface Holder {
  object: StateDocument;
  key: string;
  path: string[];
}

/** The objects a place leads to; a segment `*` leads into every member or item. */
function holders(document: StateDocument, place: string): Holder[] {
  const keys = keysOf(place);
  const last = keys.pop() ?? "";
  let open: { value: unknown; path: string[] }[] = [{ value: document, path: [] }];
  for (const key of keys) {
    open = open.flatMap(({ value, path }) => {
      if (typeof value !== "object" || value === null) return [];
      const names = key === "*" ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : [];
      return names.map((name) => ({
        value: (value as StateDocument)[name],
        path: [...path, name],
      }));
    });
  }
  return open.flatMap(({ value, path }) =>
    isDocument(value)
      ? (last === "*" ? Object.keys(value) : [last]).map((key) => ({ object: value, key, path }))
      : []
  );
}

function moved(document: StateDocument, from: string, to: string): string[] {
  const [source] = holders(document, from);
  if (source === undefined || !Object.hasOwn(source.object, source.key)) return [];
  const [target] = holders(document, to);
  if (target === undefined) throw new RangeError(`move to ${to}: there is no object to hold it`);
  if (Object.hasOwn(target.object, target.key)) {
    throw new RangeError(`move to ${to}: something is there already`);
  }
  target.object[target.key] = source.object[source.key];
  delete source.object[source.key];
  return [from];
}

/**
 * Carries out one declared change, in place. What the document does not have is not changed: a
 * field that is optional in the older schema may be absent.
 *
 * @returns JSON pointers of what is no longer where it was.
 * @throws {RangeError} If a move or rename would overwrite something, or has nowhere to go.
 */
export function applyOperation(document: StateDocument, operation: Operation): string[] {
  if (operation.op === "move") return moved(document, operation.from, operation.to);
  const gone: string[] = [];
  for (const { object, key, path } of holders(document, operation.path)) {
    const there = Object.hasOwn(object, key);
    if (operation.op === "default") {
      if (!there) object[key] = structuredClone(operation.value);
    } else if (there) {
      if (operation.op === "rename") {
        if (Object.hasOwn(object, operation.to)) {
          throw new RangeError(`rename to ${operation.to}: something is there already`);
        }
        object[operation.to] = object[key];
      }
      delete object[key];
      gone.push(pointerOf([...path, key]));
    }
  }
  return gone;
}
