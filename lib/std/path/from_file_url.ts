import { fromFileUrl as posixFromFileUrl } from "./_posix.ts";
import { fromFileUrl as windowsFromFileUrl } from "./_windows.ts";

/**
 * Path of a file URL, percent escapes decoded.
 *
 * @throws {TypeError} If the text is no URL or its scheme is not `file:`.
 */
export function fromFileUrl(url: string | URL): string {
  return Deno.build.os === "windows" ? windowsFromFileUrl(url) : posixFromFileUrl(url);
}
