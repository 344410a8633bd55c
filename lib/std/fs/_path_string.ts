import { fromFileUrl } from "@std/path/from-file-url";

/** Path text of an argument that may be a file URL. */
export function pathString(path: string | URL): string {
  return path instanceof URL ? fromFileUrl(path) : path;
}
