export { basename } from "../_posix.ts";
