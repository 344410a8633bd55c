/**
 * Constants of the platform's path syntax.
 * @module
 */

/** The character this platform puts between path segments. */
export const SEPARATOR: "/" | "\\" = Deno.build.os === "windows" ? "\\" : "/";
