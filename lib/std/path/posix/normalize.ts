export { normalize } from "../_posix.ts";
