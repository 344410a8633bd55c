export { resolve } from "../_posix.ts";
