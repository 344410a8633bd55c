import { assertEquals } from "@std/assert";
import { tamperMany } from "./tamper.ts";

Deno.test("every manipulation is found and its first entry named, and clean logs pass", async () => {
  const { misses, kinds: _, ...result } = await tamperMany({
    seed: 20_260_222,
    manipulations: 3_000,
    cleanLogs: 100,
    largest: 300,
  });
  assertEquals(misses, []);
  assertEquals(result, {
    manipulations: 3_000,
    detected: 3_000,
    exact: 3_000,
    cleanLogs: 100,
    alarms: 0,
  });
});
