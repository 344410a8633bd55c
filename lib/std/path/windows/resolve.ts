export { resolve } from "../_windows.ts";
