/**
 * Sets the clock of a process back by an hour. Loaded before a script (`deno run --preload`).
 * @module
 */
const now = Date.now;
Date.now = (): number => now() - 3_600_000;
