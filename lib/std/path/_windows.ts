/**
 * Windows paths.
 * @module
 */
import {
  collapseSegments,
  decodePath,
  encodePath,
  extensionOf,
  isWindowsSeparator,
  lastSegment,
  pathText,
  requireFileUrl,
  requireText,
  stripSuffix,
} from "./_common.ts";
import type { ParsedPath } from "./types.ts";

/** The part of a Windows path that names a drive or share. */
interface WindowsRoot {
  /** `C:`, `\\server\share`, or empty. */
  device: string;
  /** Whether a path segment after it counts from the root of the device. */
  rooted: boolean;
  /** Length of the root in the path, including one separator after it. */
  end: number;
}

/** Reads the root of a Windows path: drive, share, bare separator or nothing. */
function windowsRoot(path: string): WindowsRoot {
  const share = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)[\\/]?/.exec(path);
  if (share) {
    return { device: `\\\\${share[1]}\\${share[2]}`, rooted: true, end: share[0].length };
  }
  if (isWindowsSeparator(path[0])) return { device: "", rooted: true, end: 1 };
  if (!/^[A-Za-z]:/.test(path)) return { device: "", rooted: false, end: 0 };
  const rooted = isWindowsSeparator(path[2]);
  return { device: path.slice(0, 2), rooted, end: rooted ? 3 : 2 };
}

/** Length of a leading `C:`, which `basename` and `extname` skip. */
function driveLength(path: string): number {
  return /^[A-Za-z]:/.test(path) ? 2 : 0;
}

/**
 * Windows path of a file URL: a host becomes a share, percent escapes are decoded.
 *
 * @throws {TypeError} If the scheme is not `file:`.
 */
export function fromFileUrl(url: string | URL): string {
  const { hostname, pathname } = requireFileUrl(url);
  const path = decodePath(pathname.replaceAll("/", "\\"))
    .replace(/^\\*([A-Za-z]:)(?:\\|$)/, "$1\\");
  return hostname === "" ? path : `\\\\${hostname}${path}`;
}

/**
 * File URL of an absolute Windows path; the server of a share becomes the host.
 *
 * @throws {TypeError} If the path is relative or its server is not a valid host name.
 */
export function toFileUrl(path: string): URL {
  if (!isAbsolute(path)) throw new TypeError(`Path must be absolute: received "${path}"`);
  const server = /^[\\/]{2}([^\\/]+)(?=[\\/](?:[^\\/]|$))/.exec(path);
  const url = new URL("file:///");
  url.pathname = encodePath(server ? path.slice(server[0].length) : path);
  const hostname = server?.[1];
  if (hostname !== undefined && hostname !== "localhost") {
    url.hostname = hostname;
    if (url.hostname === "") throw new TypeError(`Invalid hostname: "${url.hostname}"`);
  }
  return url;
}

/** Resolves `.`, `..` and repeated separators in a Windows path and turns `/` into `\`. */
export function normalize(path: string | URL): string {
  const text = pathText(path, fromFileUrl);
  const { device, rooted, end } = windowsRoot(text);
  const segments = text.slice(end).split(/[\\/]/);
  const tail = collapseSegments(segments, !rooted).join("\\") || (rooted ? "" : ".");
  const trailing = tail !== "" && isWindowsSeparator(text.slice(end).at(-1)) ? "\\" : "";
  return `${device}${rooted ? "\\" : ""}${tail}${trailing}`;
}

/**
 * Joins segments with `\` and normalizes the result; empty segments are skipped, none give `.`.
 *
 * Only a first segment that starts with exactly two separators and a name may open a share.
 */
export function join(path?: URL | string, ...paths: string[]): string {
  if (path === undefined) return ".";
  const parts = [pathText(path, fromFileUrl), ...paths];
  for (const part of parts) requireText(part);
  const present = parts.filter((part) => part !== "");
  const [first] = present;
  if (first === undefined) return ".";
  const joined = present.join("\\");
  const opensShare = /^[\\/]{2}[^\\/]/.test(first);
  return normalize(opensShare ? joined : joined.replace(/^[\\/]{2,}/, "\\"));
}

/** Absolute Windows path of segments read left to right, starting from the working directory. */
export function resolve(...pathSegments: string[]): string {
  let device = "";
  let tail = "";
  let rooted = false;
  for (const segment of candidates(pathSegments, () => device)) {
    requireText(segment);
    if (segment === "") continue;
    const root = windowsRoot(segment);
    const foreign = root.device !== "" && device !== "" &&
      root.device.toLowerCase() !== device.toLowerCase();
    if (foreign) continue;
    if (device === "") device = root.device;
    if (!rooted) {
      tail = `${segment.slice(root.end)}\\${tail}`;
      rooted = root.rooted;
    }
    if (rooted && device !== "") break;
  }
  const segments = collapseSegments(tail.split(/[\\/]/), !rooted);
  return `${device}${rooted ? "\\" : ""}${segments.join("\\")}` || ".";
}

/** The segments from right to left, then the directory they count from, found only when needed. */
function* candidates(segments: string[], device: () => string): Generator<string> {
  yield* segments.toReversed();
  yield workingDirectory(device());
}

/** The working directory if it is on the device, else the device's root. */
function workingDirectory(device: string): string {
  const path = Deno.cwd();
  const onDevice = path.slice(0, 3).toLowerCase() === `${device.toLowerCase()}\\`;
  return device === "" || onDevice ? path : `${device}\\`;
}

/**
 * Windows path that leads from one path to another, letter case ignored.
 *
 * Between two drives or servers no such path exists: the absolute target is returned.
 */
export function relative(from: string, to: string): string {
  requireText(from);
  requireText(to);
  if (from === to) return "";
  const target = resolve(to);
  const start = segmentsOf(resolve(from));
  const goal = segmentsOf(target);
  let shared = 0;
  while (shared < start.length && sameName(start[shared], goal[shared])) shared++;
  if (shared === 0) return target;
  return [...start.slice(shared).fill(".."), ...goal.slice(shared)].join("\\");
}

function segmentsOf(path: string): string[] {
  return path.split("\\").filter((segment) => segment !== "");
}

function sameName(left: string | undefined, right: string | undefined): boolean {
  return left?.toLowerCase() === right?.toLowerCase();
}

/** Everything before the last segment of a Windows path: its root, or `.` when that is nothing. */
export function dirname(path: string | URL): string {
  const text = pathText(path, fromFileUrl);
  const { end } = windowsRoot(text);
  const last = lastSegment(text, isWindowsSeparator, end);
  if (last === undefined || last.start === end) return text.slice(0, end) || ".";
  return text.slice(0, last.start - 1);
}

/** Last segment of a Windows path, without `suffix` if it ends in it; a root gives its separator. */
export function basename(path: string | URL, suffix = ""): string {
  const text = pathText(path, fromFileUrl);
  requireText(suffix, "Suffix");
  const from = driveLength(text);
  const last = lastSegment(text, isWindowsSeparator, from);
  if (last === undefined) return text.charAt(from);
  return stripSuffix(text.slice(last.start, last.end), suffix);
}

/** Extension of a Windows path with its dot; empty for dot files and for none. */
export function extname(path: string | URL): string {
  return extensionOf(basename(path));
}

/** Whether a Windows path starts at the root of a drive, of a share or of the current drive. */
export function isAbsolute(path: string): boolean {
  requireText(path);
  return windowsRoot(path).rooted;
}

export type { ParsedPath } from "./types.ts";

/** Takes a Windows path apart; nothing is normalized. */
export function parse(path: string): ParsedPath {
  requireText(path);
  if (path === "") return { root: "", dir: "", base: "", ext: "", name: "" };
  const { end, rooted } = windowsRoot(path);
  const root = path.slice(0, end);
  const last = lastSegment(path, isWindowsSeparator, end);
  if (last === undefined) {
    return { root, dir: root, base: rooted ? "\\" : "", ext: "", name: "" };
  }
  const base = path.slice(last.start, last.end);
  const ext = extensionOf(base);
  const name = base.slice(0, base.length - ext.length);
  return { root, dir: last.start === end ? root : path.slice(0, last.start - 1), base, ext, name };
}
