export { join } from "../_windows.ts";
