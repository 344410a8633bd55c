import { assertEquals } from "@std/assert";
import { tamperMany } from "./tamper.ts";

Deno.test("every manipulation is found and its first entry named, and clean logs pass", async () => {
  const { misses, kinds: _, ...result } = await tamperMany({
    seed: 20_260_222,
    manipulations: 1_500,
    cleanLogs: 100,
    largest: 300,
  });
  assertEquals(misses, []);
  assertEquals(result, {
    manipulations: 1_500,
    detected: 1_500,
    exact: 1_500,
    cleanLogs: 100,
    alarms: 0,
  });
});
