/** Flags by name; a dotted name is a path into nested objects. */
export type Flags = Record<string, unknown>;

/**
 * Stores a value under a dotted name; a collected one goes to the end of a list.
 *
 * Inherited properties are never entered, so `--constructor.prototype.x` reaches no built-in object.
 *
 * @throws {TypeError} If a prefix of the name already holds a plain value.
 */
export function setNested(flags: Flags, name: string, value: unknown, collect = false): void {
  const keys = name.split(".");
  const last = keys.pop() ?? "";
  let owner = flags;
  for (const key of keys) {
    const inner = own(owner, key) ?? {};
    if (!isFlags(inner)) throw new TypeError(`Cannot set "${name}": "${key}" already has a value`);
    put(owner, key, inner);
    owner = inner;
  }
  put(owner, last, collect ? collected(own(owner, last), value) : value);
}

/** Whether a value is stored under a dotted name. */
export function hasNested(flags: Flags, name: string): boolean {
  let value: unknown = flags;
  for (const key of name.split(".")) {
    if (!isFlags(value) || !Object.hasOwn(value, key)) return false;
    value = value[key];
  }
  return true;
}

function own(flags: Flags, key: string): unknown {
  return Object.hasOwn(flags, key) ? flags[key] : undefined;
}

/** Defines rather than assigns, so that `__proto__` is a key like any other. */
function put(flags: Flags, key: string, value: unknown): void {
  Object.defineProperty(flags, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

function collected(present: unknown, value: unknown): unknown[] {
  if (Array.isArray(present)) return [...present, value];
  return present === undefined ? [value] : [present, value];
}

function isFlags(value: unknown): value is Flags {
  return typeof value === "object" && value !== null;
}
