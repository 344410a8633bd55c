/**
 * The functions of `@std/fs` this project uses.
 * @module
 */
export * from "./copy.ts";
export * from "./empty_dir.ts";
export * from "./ensure_dir.ts";
export * from "./exists.ts";
export * from "./move.ts";
export * from "./walk.ts";
