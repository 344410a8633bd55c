export { isAbsolute } from "../_posix.ts";
