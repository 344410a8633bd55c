export { dirname } from "../_posix.ts";
