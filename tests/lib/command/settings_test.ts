import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { defineCommand } from "../../../lib/command/command.ts";
import { UsageError } from "../../../lib/command/errors.ts";
import {
  boolean,
  choice,
  type Flags,
  integer,
  list,
  number,
  secret,
  text,
} from "../../../lib/command/flag.ts";
import { resolveSettings, type Settings } from "../../../lib/command/settings.ts";

interface Given {
  argv?: Record<string, string[]>;
  env?: Record<string, string>;
  files?: Record<string, string>;
  policy?: unknown;
}

function resolve<F extends Flags>(
  flags: F,
  { argv = {}, env = {}, files = {}, policy }: Given,
): Settings<F> {
  return resolveSettings(flags, {
    argv: { given: new Map(Object.entries(argv)), operands: [] },
    env: (name) => env[name],
    policy,
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) throw new Deno.errors.NotFound("no such file");
      return content;
    },
  });
}

const LIMIT = {
  limit: integer({ env: "WA_LIMIT", policy: "/limits/a", default: 7, min: 1, max: 99, help: "" }),
};
const sources = { argv: { limit: ["1"] }, env: { WA_LIMIT: "2" }, policy: { limits: { a: 3 } } };

const PRECEDENCE: [given: Given, value: number, source: string][] = [
  [sources, 1, "flag"],
  [{ ...sources, argv: { limit: ["5", "6"] } }, 6, "flag"],
  [{ env: sources.env, policy: sources.policy }, 2, "environment WA_LIMIT"],
  [{ policy: sources.policy }, 3, "policy /limits/a"],
  [{ policy: { limits: {} } }, 7, "default"],
  [{}, 7, "default"],
];

for (const [given, value, source] of PRECEDENCE) {
  Deno.test(`resolveSettings() takes ${value} from ${source} and records that`, () => {
    const { values, settings, faults } = resolve(LIMIT, given);
    assertEquals(values.limit, value);
    assertEquals(settings, [{ name: "limit", value, source }]);
    assertEquals(faults, []);
  });
}

Deno.test("resolveSettings() lets a flag turn off what the environment turns on", () => {
  const flags = { strict: boolean({ env: "WA_STRICT", help: "" }) };
  const env = { WA_STRICT: "yes" };
  assertEquals(resolve(flags, { env }).values.strict, true);
  assertEquals(resolve(flags, { env, argv: { strict: ["false"] } }).values.strict, false);
});

const ANY = {
  limit: LIMIT.limit,
  ratio: number({ env: "WA_RATIO", help: "" }),
  color: choice(["red", "green"], { env: "WA_COLOR", help: "" }),
  strict: boolean({ env: "WA_STRICT", help: "" }),
};

const VALUES: [name: keyof typeof ANY, raw: string, value: unknown][] = [
  ["limit", "99", 99],
  ["limit", " 12 ", 12],
  ["limit", "1e1", 10],
  ["limit", "100", undefined],
  ["limit", "0", undefined],
  ["limit", "1.5", undefined],
  ["limit", "12abc", undefined],
  ["limit", "0x10", undefined],
  ["limit", "Infinity", undefined],
  ["limit", "9007199254740993", undefined],
  ["ratio", "0.25", 0.25],
  ["ratio", "-3", -3],
  ["ratio", ".5", 0.5],
  ["ratio", "NaN", undefined],
  ["ratio", "1e999", undefined],
  ["ratio", "1,5", undefined],
  ["color", "green", "green"],
  ["color", "Green", undefined],
  ["color", "blue", undefined],
  ["strict", "on", true],
  ["strict", "TRUE", true],
  ["strict", "0", false],
  ["strict", "off", false],
  ["strict", "maybe", undefined],
  ["strict", "2", undefined],
  ["strict", "", undefined],
];

for (const [name, raw, value] of VALUES) {
  Deno.test(`resolveSettings() ${value === undefined ? "refuses" : "reads"} ${name} "${raw}" from flag and environment alike`, () => {
    const env = { [`WA_${name.toUpperCase()}`]: raw };
    const argv = { [name]: [raw] };
    const fromEnv = resolve(ANY, { env });
    if (value !== undefined) {
      assertEquals(resolve(ANY, { argv }).values[name], value);
      assertEquals(fromEnv.values[name], value);
      return;
    }
    const error = assertThrows(() => resolve(ANY, { argv }), UsageError);
    assertStringIncludes(error.message, `--${name} is "${raw}", expected `);
    assertEquals(fromEnv.faults.map((fault) => fault.value), [raw]);
  });
}

Deno.test("resolveSettings() takes a list whole from flags, and split at commas from the environment", () => {
  const flags = { tag: list({ env: "WA_TAGS", help: "" }) };
  assertEquals(resolve(flags, { argv: { tag: ["a,b", "c"] } }).values.tag, ["a,b", "c"]);
  assertEquals(resolve(flags, { env: { WA_TAGS: " a, b,,c " } }).values.tag, ["a", "b", "c"]);
  assertEquals(resolve(flags, {}).values.tag, []);
});

const TOKEN = { token: secret({ env: "WA_TOKEN", help: "" }) };

Deno.test("resolveSettings() takes a secret from the environment, then from its file, and records neither", () => {
  const direct = resolve(TOKEN, { env: { WA_TOKEN: "hunter22", WA_TOKEN_FILE: "x" } });
  assertEquals([direct.values.token, direct.secrets], ["hunter22", ["hunter22"]]);
  assertEquals(direct.settings, [
    { name: "token", value: "[redacted]", source: "environment WA_TOKEN" },
  ]);
  const filed = resolve(TOKEN, { env: { WA_TOKEN_FILE: "x" }, files: { x: "hunter33\n" } });
  assertEquals([filed.values.token, filed.secrets], ["hunter33", ["hunter33"]]);
  assertEquals(filed.settings[0]?.source, "environment WA_TOKEN_FILE");
  assertEquals(resolve(TOKEN, {}).values.token, undefined);
});

Deno.test("resolveSettings() refuses a secret file that is not there or empty", () => {
  const env = { WA_TOKEN_FILE: "x" };
  const missing = assertThrows(() => resolve(TOKEN, { env }), UsageError);
  assertStringIncludes(missing.message, "Cannot read the file that WA_TOKEN_FILE names");
  const empty = assertThrows(() => resolve(TOKEN, { env, files: { x: "\n" } }), UsageError);
  assertStringIncludes(empty.message, "The file that WA_TOKEN_FILE names is empty");
});

Deno.test("defineCommand() refuses a flag that the core has, and a secret as ordinary text", () => {
  const base = {
    name: "x",
    summary: "X",
    kind: "gate" as const,
    run: () => ({ checks: [], headline: "" }),
  };
  assertThrows(
    () => defineCommand({ ...base, flags: { json: boolean({ help: "" }) } }),
    TypeError,
    "--json is a common flag",
  );
  assertThrows(
    () => defineCommand({ ...base, flags: { hook: text({ env: "WA_X_WEBHOOK_URL", help: "" }) } }),
    TypeError,
    "--hook must be a secret flag",
  );
  defineCommand({ ...base, flags: { id: text({ env: "WA_X_SIGNING_KEY_ID", help: "" }) } });
});
