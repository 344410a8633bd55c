export { basename } from "../_windows.ts";
