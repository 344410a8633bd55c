import { SEPARATOR } from "@std/path/constants";

/** Whether the absolute path `inner` lies below the absolute path `outer`; a folder is not below itself. */
export function isSubdir(outer: string, inner: string): boolean {
  if (outer === inner) return false;
  const names = inner.split(SEPARATOR);
  return outer.split(SEPARATOR).every((name, index) => names[index] === name);
}
