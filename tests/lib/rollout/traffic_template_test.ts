import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import fc from "fast-check";
import { SUPPORTED_PLACEHOLDERS } from "../../../lib/policy/traffic_placeholders.ts";
import { programFault } from "../../../lib/rollout/program_rule.ts";
import {
  isSafeId,
  renderTemplate,
  TemplateValueError,
  type TemplateValues,
} from "../../../lib/rollout/template_values.ts";
import { secretsIn } from "../../../lib/rollout/judge_template.ts";
import {
  parseTrafficTemplate,
  TemplateError,
  templateFromList,
} from "../../../lib/rollout/traffic_template.ts";

const VALUES = {
  ...Object.fromEntries(SUPPORTED_PLACEHOLDERS.map((name) => [name, "5"])),
  ...Object.fromEntries(
    SUPPORTED_PLACEHOLDERS.filter((name) => name.endsWith("_version")).map((
      name,
    ) => [name, "1.2.3"]),
  ),
  action: "set_canary",
  correlation_id: "chg-1",
} as TemplateValues;

const BAD: [source: string, column: number, message: string][] = [
  ["", 1, "blank"],
  ["  ", 1, "blank"],
  ["lb {action.__class__}", 11, '"." is not allowed'],
  ["lb {action[0]}", 11, '"[" is not allowed'],
  ["lb {action!r}", 11, '"!" is not allowed'],
  ["lb {action:>9}", 11, '":" is not allowed'],
  ["lb {}", 4, "names no placeholder"],
  ["lb {action:{x}}", 11, '":" is not allowed'],
  ["lb {action", 4, "{ has no }"],
  ["lb action}", 10, "} has no {"],
  ["lb {Action}", 5, 'unknown placeholder "Action"'],
  ["lb 'x", 4, "' is not closed"],
  ["lb x\\", 5, "ends the template"],
  ["lb | sh", 4, "no meaning without a shell"],
  ["lb $HOME", 4, "no meaning without a shell"],
  ["lb `x`", 4, "no meaning without a shell"],
  ["lb x > y", 6, "no meaning without a shell"],
  ["lb\0", 3, "NUL"],
  ["{action} x", 1, "must not be a placeholder"],
];

for (const [source, column, message] of BAD) {
  Deno.test(`parseTrafficTemplate() refuses ${JSON.stringify(source)}`, () => {
    const { fault } = assertThrows(() => parseTrafficTemplate(source), TemplateError);
    assertEquals(fault.column, column);
    assert(fault.message.includes(message), fault.message);
  });
}

const GOOD: [source: string, argv: string[]][] = [
  ["lb set {canary_traffic_weight}", ["lb", "set", "5"]],
  [`lb "a b" 'c "d"' e\\ f`, ["lb", "a b", 'c "d"', "e f"]],
  ["lb --v={target_version}x", ["lb", "--v=1.2.3x"]],
  ["lb '{correlation_id}' {{x}} ''", ["lb", "chg-1", "{x}", ""]],
  ["lb '|' \"$HOME\"", ["lb", "|", "$HOME"]],
  ['lb "a\\n\\"b\\\\"', ["lb", 'a\\n"b\\']],
];

for (const [source, argv] of GOOD) {
  Deno.test(`${source} becomes ${JSON.stringify(argv)}`, () => {
    assertEquals(renderTemplate(parseTrafficTemplate(source), VALUES), argv as [string]);
  });
}

Deno.test("templateFromList() needs no quoting", () => {
  const template = templateFromList(["lb", "it's", "a b", "{action}"]);
  assertEquals(renderTemplate(template, VALUES), ["lb", "it's", "a b", "set_canary"]);
});

Deno.test("whatever a value is, it is one argument or refused", () => {
  const template = parseTrafficTemplate("lb a {correlation_id} b");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (correlation_id) => {
      try {
        const argv = renderTemplate(template, { ...VALUES, correlation_id });
        assertEquals(argv, ["lb", "a", correlation_id, "b"]);
        assert(isSafeId(correlation_id) && !correlation_id.startsWith("-"));
      } catch (error) {
        assert(error instanceof TemplateValueError && !isSafeId(correlation_id));
      }
    }),
    { numRuns: 500 },
  );
});

const BAD_VALUES: [name: keyof TemplateValues, value: string][] = [
  ["canary_traffic_weight", "101"],
  ["canary_traffic_weight", "05"],
  ["canary_rollout_percent", "-1"],
  ["target_version", "1.2"],
  ["target_version", "1.2.3\n"],
  ["action", "--force"],
  ["correlation_id", "-x"],
  ["correlation_id", ""],
  ["fence", "1e3"],
];

for (const [name, value] of BAD_VALUES) {
  Deno.test(`renderTemplate() refuses ${JSON.stringify(value)} as ${name}`, () => {
    const template = parseTrafficTemplate(`lb {${name}}`);
    const error = assertThrows(
      () => renderTemplate(template, { ...VALUES, [name]: value }),
      TemplateValueError,
    );
    assertEquals(error.placeholder, name);
  });
}

const PROGRAMS: [source: string, refused: boolean][] = [
  ["site-lb set", false],
  ["sh -c x", true],
  ["/usr/bin/bash x", true],
  ["env A=1 sh x", true],
  ["timeout 5 bash x", true],
  ["python3.12 -c x", true],
  ["python3 tool.py", false],
  ["deno eval x", true],
  ["deno run x.ts", false],
  ["node --eval x", true],
  ["C:\\\\cmd.exe x", true],
];

for (const [source, refused] of PROGRAMS) {
  Deno.test(`programFault() ${refused ? "refuses" : "accepts"} ${source}`, () => {
    const template = parseTrafficTemplate(source);
    assertEquals(programFault(template, { allow_shell: false }) !== undefined, refused);
    assertEquals(programFault(template, { allow_shell: true }), undefined);
  });
}

Deno.test("programFault() keeps to the allowed programs", () => {
  const rules = { allow_shell: false, allowed_executables: ["site-lb"] };
  assertEquals(programFault(parseTrafficTemplate("/opt/site-lb x"), rules), undefined);
  assert(programFault(parseTrafficTemplate("other x"), rules)?.includes("allowed programs"));
});

Deno.test("secretsIn() finds secrets on a command line by the names around them", () => {
  const found = (source: string): string[] => secretsIn(parseTrafficTemplate(source));
  assertEquals(found("lb --api-token abc"), ["api-token"]);
  assertEquals(found("lb --password=abc"), ["password"]);
  assertEquals(found("lb https://u:p@host/"), ["URL"]);
  assertEquals(found("lb --token --weight 5"), []);
});
