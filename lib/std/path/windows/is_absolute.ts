export { isAbsolute } from "../_windows.ts";
