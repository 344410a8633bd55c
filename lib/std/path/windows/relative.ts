export { relative } from "../_windows.ts";
