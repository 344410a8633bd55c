import { assertEquals } from "@std/assert";
import { judgeRuntimeFile } from "../../../lib/governance/runtime_data.ts";
import type { Mode } from "../../../lib/report/check.ts";
import type { TextFile } from "../../../lib/store/read_text.ts";

const read = (text: string): TextFile => ({
  state: "ok",
  text,
  bytes: new TextEncoder().encode(text),
  bom: false,
});
const MISSING: TextFile = { state: "missing", message: "no such file" };

type RuntimeFile = Parameters<typeof judgeRuntimeFile>[0];
const object: RuntimeFile = { path: "a.json", kind: "json_object", required: true };
const array: RuntimeFile = { path: "a.json", kind: "json_array", required: false };

const CASES: [
  what: string,
  file: RuntimeFile,
  content: TextFile,
  id: string,
  ok: boolean,
  mode?: Mode,
][] = [
  ["an object", object, read("{}"), "runtime_file_json::a.json", true],
  ["an array", array, read("[]"), "runtime_file_json::a.json", true],
  ["an array for an object", object, read("[]"), "runtime_file_json::a.json", false, "warn"],
  ["null for an object", object, read("null"), "runtime_file_json::a.json", false, "warn"],
  ["an object for an array", array, read("{}"), "runtime_file_json::a.json", false, "warn"],
  ["text that is cut off", object, read("{"), "runtime_file_json::a.json", false, "warn"],
  [
    "nesting without end",
    object,
    read("[".repeat(100_000) + "]".repeat(100_000)),
    "runtime_file_json::a.json",
    false,
  ],
  [
    "a missing file that is required",
    object,
    MISSING,
    "runtime_file_exists::a.json",
    false,
    "enforce",
  ],
  ["a missing file that is optional", array, MISSING, "runtime_file_optional::a.json", true],
  [
    "a file that is not UTF-8",
    object,
    { state: "malformed", message: "is not UTF-8" },
    "runtime_file_json::a.json",
    false,
    "enforce",
  ],
  [
    "all keys it must have",
    { ...object, required_keys: ["a"] },
    read('{"a":null}'),
    "runtime_file_json::a.json",
    true,
  ],
  [
    "a key that it only inherits",
    { ...object, required_keys: ["toString"] },
    read("{}"),
    "runtime_file_json::a.json",
    false,
  ],
  ["its largest size", { ...object, max_bytes: 2 }, read("{}"), "runtime_file_json::a.json", true],
  ["a byte more", { ...object, max_bytes: 2 }, read("{} "), "runtime_file_json::a.json", false],
];

for (const [what, file, content, id, ok, mode] of CASES) {
  Deno.test(`judgeRuntimeFile() ${ok ? "passes" : "fails"} ${id} for ${what}`, () => {
    const check = judgeRuntimeFile(file, content, "warn");
    assertEquals([check.id, check.ok], [id, ok]);
    if (mode !== undefined) assertEquals(check.mode, mode);
    assertEquals(check.not_applicable !== undefined, id.startsWith("runtime_file_optional"));
  });
}
