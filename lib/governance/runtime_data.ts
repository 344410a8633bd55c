import type { ReleasePolicy } from "../policy/release_policy.ts";
import type { Check, Mode } from "../report/check.ts";
import { notApplicable } from "../report/check.ts";
import type { TextFile } from "../store/read_text.ts";
import { brief } from "../text/json_pointer.ts";

type RuntimeFile = NonNullable<ReleasePolicy["runtime_data"]>["files"][number];

/** What is wrong with the content of a runtime file; undefined when it keeps the contract. */
function breach(file: RuntimeFile, text: string, bytes: number): string | undefined {
  if (file.max_bytes !== undefined && bytes > file.max_bytes) {
    return `is ${bytes} bytes, limit is ${file.max_bytes}`;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `invalid_json: ${(error as Error).message}`;
  }
  const isArray = Array.isArray(value);
  const isObject = typeof value === "object" && value !== null && !isArray;
  if (file.kind === "json_array" && !isArray) return `is ${brief(value)}, expected an array`;
  if (file.kind === "json_object" && !isObject) return `is ${brief(value)}, expected an object`;
  const missing = file.required_keys?.filter((key) => !Object.hasOwn(value as object, key)) ?? [];
  return missing.length > 0 ? `lacks ${missing.map((key) => `"${key}"`).join(", ")}` : undefined;
}

/**
 * Judges one file of the policy's runtime data contract.
 *
 * @param gate Mode for content that breaks the contract; a required file that is absent is always
 * enforced.
 */
export function judgeRuntimeFile(file: RuntimeFile, read: TextFile, gate: Mode): Check {
  const location = { file: file.path };
  const expect = file.kind === "json_array" ? "a JSON array" : "a JSON object";
  if (read.state === "missing") {
    if (!file.required) {
      return notApplicable(
        `runtime_file_optional::${file.path}`,
        expect,
        "the file is optional and absent",
      );
    }
    return {
      id: `runtime_file_exists::${file.path}`,
      ok: false,
      mode: "enforce",
      value: false,
      expect: "the file is there",
      hint: `restore ${file.path}, or make it optional in runtime_data of the release policy`,
      location,
    };
  }
  const fault = read.state === "ok" ? breach(file, read.text, read.bytes.length) : read.message;
  return {
    id: `runtime_file_json::${file.path}`,
    ok: fault === undefined,
    mode: read.state === "ok" ? gate : "enforce",
    value: fault ?? file.kind,
    expect,
    hint: `mend ${file.path}, or ship a migration for it`,
    location,
  };
}
