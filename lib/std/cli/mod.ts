/**
 * The functions of `@std/cli` this project uses.
 * @module
 */
export * from "./parse_args.ts";
export * from "./unicode_width.ts";
