export { join } from "../_posix.ts";
