export { relative } from "../_posix.ts";
