export { parse } from "../_windows.ts";
