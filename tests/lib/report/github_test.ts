import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { annotations } from "../../../lib/report/github.ts";
import type { Check } from "../../../lib/report/check.ts";
import { sampleReport } from "../../support/sample_report.ts";

const check: Check = {
  id: "limit_kept::a",
  ok: false,
  mode: "enforce",
  value: "50% of 3",
  expect: "more",
  hint: "mend it",
  location: { file: "a,b:c.json", line: 2, column: 5 },
};

Deno.test("annotations() escape what the runner would take for its own syntax", () => {
  assertEquals(annotations(sampleReport([check])), [
    "::error file=a%2Cb%3Ac.json,line=2,col=5,title=sample_gate%3A limit_kept%3A%3Aa::" +
    "found 50%25 of 3, expected more%0Ahint: mend it",
  ]);
});

Deno.test("annotations() warn of warnings and pass over what is ok", () => {
  const { location: _, hint: _hint, ...bare } = check;
  const lines = annotations(sampleReport([{ ...bare, mode: "warn" }, { ...check, ok: true }]));
  assertEquals(lines, [
    "::warning title=sample_gate%3A limit_kept%3A%3Aa::found 50%25 of 3, expected more",
  ]);
});

Deno.test("annotations() are one line each, with one command, for any text", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(fc.property(text, text, text, (id, value, file) => {
    const report = sampleReport([{
      ...check,
      id,
      value,
      expect: value,
      hint: value,
      location: { file },
    }]);
    const [line = "", ...more] = annotations(report);
    assertEquals(more, []);
    // deno-lint-ignore no-control-regex
    assertMatch(line, /^::error file=[^,:\r\n]*,title=[^,:\r\n]*::[^\r\n\x1b]*$/);
  }));
});
