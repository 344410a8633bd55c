import { assertEquals } from "@std/assert/equals";
import { scriptArgs, type ScriptEnd } from "../support/run_script.ts";
import { TempRepository } from "../support/temp_repository.ts";

/** Runs the adapter with `deno` granted beside `git`, as its documents say. */
async function adapter(repository: TempRepository, ...args: string[]): Promise<ScriptEnd> {
  const granted = (await scriptArgs("traffic_adapter_command", args))
    .map((word) => word === "--allow-run=git" ? "--allow-run=git,deno" : word);
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: granted,
    cwd: repository.root,
    env: {
      WA_TRAFFIC_SET_COMMAND: "deno run --allow-write=. set.ts {canary_traffic_weight}",
      WA_TRAFFIC_GET_COMMAND: "deno run --allow-read=. get.ts",
    },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out ?? "", stderr: err ?? "", report: undefined as never };
}

const PROGRAM = {
  "set.ts": 'Deno.writeTextFileSync("weight", Deno.args[0] ?? "");',
  "get.ts": 'console.log("the weight is"); console.log(Deno.readTextFileSync("weight"));',
};

Deno.test("a program that sets and prints a weight gets token and readback", async () => {
  await using repository = await TempRepository.make({ ...PROGRAM, weight: "0" }, { git: true });
  const applied = await adapter(repository, "apply", "--canary-weight", "25", "--fence", "2");
  assertEquals([applied.code, JSON.parse(applied.stdout)], [0, { canary_weight: 25, fence: 2 }]);
  const late = await adapter(repository, "apply", "--canary-weight", "50", "--fence", "1");
  assertEquals([late.code, await repository.read("weight")], [75, "25"]);
  const seen = await adapter(repository, "observe");
  assertEquals(JSON.parse(seen.stdout), { canary_weight: 25, fence: 2 });
});

Deno.test("a program that does not do what it says is found out", async () => {
  const lying = { ...PROGRAM, "set.ts": "", weight: "0" };
  await using repository = await TempRepository.make(lying, { git: true });
  const end = await adapter(repository, "apply", "--canary-weight", "25", "--fence", "1");
  assertEquals(end.code, 2);
});

Deno.test("a program that prints no weight is an error, not a weight of nothing", async () => {
  await using repository = await TempRepository.make({ ...PROGRAM, weight: "" }, { git: true });
  assertEquals((await adapter(repository, "observe")).code, 70);
});

Deno.test("a shell is refused", async () => {
  await using repository = await TempRepository.make(PROGRAM, { git: true });
  const end = await adapter(repository, "observe", "--get-command", "sh -c 'echo 5'");
  assertEquals(end.code, 64);
});
