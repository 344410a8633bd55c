/**
 * POSIX paths.
 * @module
 */
import {
  collapseSegments,
  decodePath,
  encodePath,
  extensionOf,
  isPosixSeparator,
  lastSegment,
  pathText,
  requireFileUrl,
  requireText,
  stripSuffix,
  stripTrailingSeparators,
} from "./_common.ts";
import type { ParsedPath } from "./types.ts";

/**
 * POSIX path of a file URL, percent escapes decoded.
 *
 * @throws {TypeError} If the scheme is not `file:`.
 */
export function fromFileUrl(url: string | URL): string {
  return decodePath(requireFileUrl(url).pathname);
}

/**
 * File URL of an absolute POSIX path.
 *
 * @throws {TypeError} If the path is relative.
 */
export function toFileUrl(path: string): URL {
  if (!isAbsolute(path)) throw new TypeError(`Path must be absolute: received "${path}"`);
  const url = new URL("file:///");
  url.pathname = encodePath(path).replaceAll("\\", "%5C");
  return url;
}

/** Resolves `.`, `..` and repeated separators in a POSIX path; a trailing separator stays. */
export function normalize(path: string | URL): string {
  const text = pathText(path, fromFileUrl);
  const root = text.startsWith("/") ? "/" : "";
  const tail = collapseSegments(text.split("/"), root === "").join("/");
  if (tail === "") return root !== "" ? root : text.endsWith("/") ? "./" : ".";
  return `${root}${tail}${text.endsWith("/") ? "/" : ""}`;
}

/** Joins segments with `/` and normalizes the result; empty segments are skipped, none give `.`. */
export function join(path?: URL | string, ...paths: string[]): string {
  if (path === undefined) return ".";
  const parts = [pathText(path, fromFileUrl), ...paths];
  for (const part of parts) requireText(part);
  const joined = parts.filter((part) => part !== "").join("/");
  return joined === "" ? "." : normalize(joined);
}

/** Absolute POSIX path of segments read left to right, starting from the working directory. */
export function resolve(...pathSegments: string[]): string {
  let resolved = "";
  for (const segment of pathSegments.toReversed()) {
    requireText(segment);
    if (segment === "") continue;
    resolved = `${segment}/${resolved}`;
    if (isAbsolute(segment)) break;
  }
  if (!isAbsolute(resolved)) resolved = `${Deno.cwd()}/${resolved}`;
  return `/${collapseSegments(resolved.split("/"), false).join("/")}`;
}

/** POSIX path that leads from one path to another; both count from the working directory. */
export function relative(from: string, to: string): string {
  requireText(from);
  requireText(to);
  if (from === to) return "";
  const start = segmentsOf(resolve(from));
  const goal = segmentsOf(resolve(to));
  let shared = 0;
  while (shared < start.length && start[shared] === goal[shared]) shared++;
  return [...start.slice(shared).fill(".."), ...goal.slice(shared)].join("/");
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/** Everything before the last segment of a POSIX path: `.` when that is nothing. */
export function dirname(path: string | URL): string {
  const text = pathText(path, fromFileUrl);
  const last = lastSegment(text, isPosixSeparator);
  if (last === undefined) return text === "" ? "." : "/";
  if (last.start === 0) return ".";
  return stripTrailingSeparators(text.slice(0, last.start), isPosixSeparator);
}

/** Last segment of a POSIX path, without `suffix` if it ends in it; the root gives `/`. */
export function basename(path: string | URL, suffix = ""): string {
  const text = pathText(path, fromFileUrl);
  requireText(suffix, "Suffix");
  const last = lastSegment(text, isPosixSeparator);
  if (last === undefined) return text.charAt(0);
  return stripSuffix(text.slice(last.start, last.end), suffix);
}

/** Extension of a POSIX path with its dot; empty for dot files and for none. */
export function extname(path: string | URL): string {
  return extensionOf(basename(path));
}

/** Whether a POSIX path starts at the root. */
export function isAbsolute(path: string): boolean {
  requireText(path);
  return path.startsWith("/");
}

export type { ParsedPath } from "./types.ts";

/** Takes a POSIX path apart; nothing is normalized. */
export function parse(path: string): ParsedPath {
  requireText(path);
  if (path === "") return { root: "", dir: "", base: "", ext: "", name: "" };
  const root = path.startsWith("/") ? "/" : "";
  const last = lastSegment(path, isPosixSeparator);
  if (last === undefined) return { root, dir: root, base: "/", ext: "", name: "" };
  const base = path.slice(last.start, last.end);
  const ext = extensionOf(base);
  const name = base.slice(0, base.length - ext.length);
  return { root, dir: last.start === 0 ? "" : dirname(path), base, ext, name };
}
