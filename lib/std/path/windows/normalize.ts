export { normalize } from "../_windows.ts";
