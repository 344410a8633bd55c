export { extname } from "../_posix.ts";
