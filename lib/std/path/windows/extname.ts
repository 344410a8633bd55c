export { extname } from "../_windows.ts";
