export { parse } from "../_posix.ts";
