export { toFileUrl } from "../_windows.ts";
