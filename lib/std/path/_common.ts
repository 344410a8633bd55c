/**
 * What POSIX and Windows paths share. Few, larger files: every module costs start-up time.
 * @module
 */

/**
 * Rejects what is not text, the way every path function does.
 *
 * @throws {TypeError} If `path` is not a string.
 */
export function requireText(path: unknown, what = "Path"): asserts path is string {
  if (typeof path !== "string") {
    throw new TypeError(`${what} must be a string, received "${JSON.stringify(path)}"`);
  }
}

/**
 * Path text of an argument that may be a file URL.
 *
 * @throws {TypeError} If `path` is neither a string nor a file URL.
 */
export function pathText(path: string | URL, fromFileUrl: (url: URL) => string): string {
  const text = path instanceof URL ? fromFileUrl(path) : path;
  requireText(text);
  return text;
}

/** Tells whether one character separates segments. */
export type IsSeparator = (character: string | undefined) => boolean;

/** Separator test for POSIX paths. */
export function isPosixSeparator(character: string | undefined): boolean {
  return character === "/";
}

/** Separator test for Windows paths, which accept both slashes. */
export function isWindowsSeparator(character: string | undefined): boolean {
  return character === "\\" || character === "/";
}

/**
 * Drops empty and `.` segments and resolves `..` against the segment before it.
 *
 * A `..` with nothing left to cancel is kept only when `aboveStart` is true, that is, for relative paths.
 */
export function collapseSegments(segments: string[], aboveStart: boolean): string[] {
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (aboveStart) kept.push("..");
  }
  return kept;
}

/** Where the last segment starts and ends, in UTF-16 units; trailing separators are not part of it. */
export interface Span {
  start: number;
  end: number;
}

/** Finds the last non-empty segment at or after `from`, or nothing if only separators are left. */
export function lastSegment(path: string, isSeparator: IsSeparator, from = 0): Span | undefined {
  let end = path.length;
  while (end > from && isSeparator(path[end - 1])) end--;
  if (end === from) return undefined;
  let start = end;
  while (start > from && !isSeparator(path[start - 1])) start--;
  return { start, end };
}

/** Cuts trailing separators but never the first character, which may be the root. */
export function stripTrailingSeparators(path: string, isSeparator: IsSeparator): string {
  let end = path.length;
  while (end > 1 && isSeparator(path[end - 1])) end--;
  return path.slice(0, end);
}

/** Cuts `suffix` off `name` unless nothing would be left. */
export function stripSuffix(name: string, suffix: string): string {
  if (suffix === "" || suffix.length >= name.length || !name.endsWith(suffix)) return name;
  return name.slice(0, -suffix.length);
}

/** Extension of one segment with its dot; `.bashrc` and `..` have none, `a.` has `.`. */
export function extensionOf(segment: string): string {
  const dot = segment.lastIndexOf(".");
  return dot <= 0 || segment === ".." ? "" : segment.slice(dot);
}

/**
 * Checks the scheme of a file URL.
 *
 * @throws {TypeError} If the text is no URL or its scheme is not `file:`.
 */
export function requireFileUrl(url: string | URL): URL {
  const parsed = url instanceof URL ? url : new URL(url);
  if (parsed.protocol !== "file:") {
    throw new TypeError(`URL must be a file URL: received "${parsed.protocol}"`);
  }
  return parsed;
}

/** Decodes percent escapes; a percent sign that starts no escape stands for itself. */
export function decodePath(pathname: string): string {
  return decodeURIComponent(pathname.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
}

/** Escapes what the URL setter would drop or misread: percent signs and white space. */
export function encodePath(path: string): string {
  return path.replace(
    /[%\t\n\v\f\r ]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
