import { assertEquals, assertMatch } from "@std/assert";
import {
  addressFault,
  isLoopback,
  targetRules,
  urlFault,
} from "../../../lib/incident/target_rules.ts";
import { IncidentRouting } from "../../../lib/policy/incident_routing.ts";

const policy = (changes: Record<string, unknown> = {}) =>
  IncidentRouting.parse({ version: 2, rules: [{ id: "all", channels: ["webhook"] }], ...changes });
const REAL = targetRules(policy(), { drill: false, allowExternal: false });
const DRILL = targetRules(policy(), { drill: true, allowExternal: false });
const OUTSIDE = targetRules(policy(), { drill: true, allowExternal: true });

const CASES: [url: string, real: boolean, drill: boolean, outside: boolean][] = [
  ["https://hooks.example.invalid/x", true, false, true],
  ["https://93.184.215.14/x", true, false, true],
  ["http://hooks.example.invalid/x", false, false, false],
  ["http://127.0.0.1:8080/x", false, true, true],
  ["http://[::1]/x", false, true, true],
  ["http://localhost:1/x", false, true, true],
  ["http://0x7f000001/x", false, true, true],
  ["https://127.0.0.1/x", false, true, true],
  ["http://[::ffff:127.0.0.1]/x", false, true, true],
  ["https://[::ffff:127.0.0.1]/x", false, true, true],
  ["http://169.254.169.254/x", false, false, false],
  ["https://169.254.169.254/x", false, false, false],
  ["https://10.0.0.1/x", false, false, false],
  ["https://100.64.0.1/x", false, false, false],
  ["https://224.0.0.1/x", false, false, false],
  ["https://0.0.0.0/x", false, false, false],
  ["https://[fe80::1]/x", false, false, false],
  ["https://[fd00::1]/x", false, false, false],
  ["https://[64:ff9b::7f00:1]/x", false, false, false],
  ["https://user@hooks.example.invalid/x", false, false, false],
  ["https://hooks.example.invalid:8443/x", false, false, false],
  ["file:///etc/passwd", false, false, false],
  ["data:text/plain,x", false, false, false],
  ["ftp://hooks.example.invalid/x", false, false, false],
  ["no url", false, false, false],
];

for (const [url, ...expected] of CASES) {
  Deno.test(`urlFault() of ${url}`, () => {
    const taken = [REAL, DRILL, OUTSIDE].map((rules) => urlFault(rules, url) === undefined);
    assertEquals(taken, expected);
  });
}

Deno.test("hosts and ports are those of the policy", () => {
  const rules = targetRules(
    policy({ allowed_hosts: ["a.example.invalid"], allowed_ports: [8443] }),
    { drill: false, allowExternal: false },
  );
  assertEquals(urlFault(rules, "https://a.example.invalid:8443/x"), undefined);
  assertMatch(urlFault(rules, "https://b.example.invalid:8443/x") ?? "", /allowed_hosts/);
  assertMatch(urlFault(rules, "https://a.example.invalid/x") ?? "", /allowed_ports/);
});

Deno.test("addressFault() refuses what a name may turn out to be, but for private hosts that are listed", () => {
  const rules = targetRules(
    policy({ private_hosts: ["relay.example.invalid"] }),
    { drill: false, allowExternal: false },
  );
  assertEquals(addressFault(rules, "x.example.invalid", "93.184.215.14"), undefined);
  assertEquals(addressFault(rules, "relay.example.invalid", "10.1.2.3"), undefined);
  for (const address of ["127.0.0.1", "::1", "169.254.1.1", "::ffff:10.1.2.3", "nonsense"]) {
    assertMatch(addressFault(rules, "x.example.invalid", address) ?? "", /^is /);
  }
  assertMatch(addressFault(rules, "relay.example.invalid", "127.0.0.1") ?? "", /loopback/);
  assertMatch(addressFault(DRILL, "x.example.invalid", "93.184.215.14") ?? "", /stays on loopback/);
});

Deno.test("isLoopback() knows every spelling of this machine", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "[::1]", "::1", "localhost", "LOCALHOST"]) {
    assertEquals(isLoopback(host), true, host);
  }
  for (const host of ["localhost.example.invalid", "128.0.0.1", ""]) {
    assertEquals(isLoopback(host), false, host);
  }
});
