export { fromFileUrl } from "../_posix.ts";
