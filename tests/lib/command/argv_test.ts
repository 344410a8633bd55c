import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { readArgv } from "../../../lib/command/argv.ts";
import { UsageError } from "../../../lib/command/errors.ts";
import { boolean, integer, list, secret, text } from "../../../lib/command/flag.ts";

const FLAGS = {
  strict: boolean({ help: "" }),
  "max-age-s": integer({ help: "" }),
  reason: text({ help: "" }),
  tag: list({ help: "" }),
  "api-token": secret({ env: "WA_API_TOKEN", help: "" }),
};

const TAKEN: [args: string[], given: Record<string, string[]>, operands?: string[]][] = [
  [[], {}],
  [["--strict"], { strict: ["true"] }],
  [["--strict=false"], { strict: ["false"] }],
  [["--strict", "--strict=no"], { strict: ["true", "no"] }],
  [["--max-age-s", "7"], { "max-age-s": ["7"] }],
  [["--max-age-s=007"], { "max-age-s": ["007"] }],
  [["--max-age-s=-7"], { "max-age-s": ["-7"] }],
  [["--reason=a=b --strict"], { reason: ["a=b --strict"] }],
  [["--reason", "two\nlines"], { reason: ["two\nlines"] }],
  [["--tag", "a", "--tag=b,c"], { tag: ["a", "b,c"] }],
  [["007", "--strict", "x"], { strict: ["true"] }, ["007", "x"]],
  [["--", "--strict", "-x"], {}, ["--strict", "-x"]],
  [["-"], {}, ["-"]],
];

for (const [args, given, operands = []] of TAKEN) {
  Deno.test(`readArgv() takes ${JSON.stringify(args)}`, async () => {
    const argv = await readArgv(args, FLAGS);
    assertEquals(Object.fromEntries(argv.given), given);
    assertEquals(argv.operands, operands);
  });
}

const REFUSED: [args: string[], message: string, hint?: string][] = [
  [["--strct"], 'Unknown flag "--strct"', "did you mean --strict?"],
  [["--max-age=5"], 'Unknown flag "--max-age"', "did you mean --max-age-s?"],
  [["--frobnicate"], 'Unknown flag "--frobnicate"', "--help lists the flags"],
  [["--stric"], 'Unknown flag "--stric"', "did you mean --strict?"],
  [["-s"], 'Unknown flag "-s"'],
  [["--no-strict"], 'Unknown flag "--no-strict"'],
  [["--STRICT"], 'Unknown flag "--STRICT"'],
  [["--max-age-s.x=1"], 'Unknown flag "--max-age-s.x"'],
  [["--constructor=1"], 'Unknown flag "--constructor"'],
  [["--__proto__=1"], 'Unknown flag "--__proto__"'],
  [["--max-age-s"], "--max-age-s has no value, expected a whole number"],
  [["--max-age-s="], "--max-age-s has no value, expected a whole number"],
  [["--reason", "--max-age-s=4"], "--reason has no value, expected text that is not empty"],
  [["--tag", "a", "--tag="], "--tag has no value, expected text, repeatable"],
  [
    ["--api-token=hunter2"],
    "Cannot take --api-token from the command line, which every process here can read",
  ],
  [
    ["--api-token", "hunter2"],
    "Cannot take --api-token from the command line, which every process here can read",
  ],
];

for (const [args, message, hint] of REFUSED) {
  Deno.test(`readArgv() refuses ${JSON.stringify(args)}`, async () => {
    const error = await assertRejects(() => readArgv(args, FLAGS), UsageError);
    assertEquals(error.message, message);
    if (hint !== undefined) assertEquals(error.hint, hint);
    assertEquals(`${error.message}${error.hint}`.includes("hunter2"), false);
  });
}

Deno.test("readArgv() gives any text that is not empty back as it was written", async () => {
  await fc.assert(fc.asyncProperty(fc.string({ minLength: 1 }), async (value) => {
    const { given } = await readArgv([`--reason=${value}`], FLAGS);
    assertEquals(given.get("reason"), [value]);
  }));
});
