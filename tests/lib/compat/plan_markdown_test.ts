import { assertEquals } from "@std/assert";
import { commandLine } from "../../../lib/compat/plan_markdown.ts";

Deno.test("commandLine() survives a POSIX shell word for word", async () => {
  const words = ["deno", "it's", "a b", "$HOME", "`x`", "", "1.0.0-rc.1+b", "*", "\\", '"'];
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `printf '%s\\n' ${commandLine(words)}`],
  }).output();
  assertEquals(new TextDecoder().decode(stdout).split("\n").slice(0, -1), words);
});

Deno.test("commandLine() quotes only what needs it", () => {
  assertEquals(commandLine(["deno", "task", "x", "--a=1.2.0"]), "deno task x --a=1.2.0");
});
