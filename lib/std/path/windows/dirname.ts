export { dirname } from "../_windows.ts";
