export { toFileUrl } from "../_posix.ts";
