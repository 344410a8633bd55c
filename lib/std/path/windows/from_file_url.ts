export { fromFileUrl } from "../_windows.ts";
