import ipaddr from "ipaddr.js";
import type { IncidentRouting } from "../policy/incident_routing.ts";

/** Where webhooks may go. */
export interface TargetRules {
  allowedHosts: readonly string[] | undefined;
  privateHosts: readonly string[];
  allowedPorts: readonly number[];
  /** A drill: loopback and nothing else, and `http:` is allowed there. */
  drill: boolean;
  /** A drill that may also leave the machine, under the ordinary rules. */
  allowExternal: boolean;
}

/** The rules of a policy; without one, or with one of version 1, any public host on port 443. */
export function targetRules(
  policy: IncidentRouting | undefined,
  { drill, allowExternal }: Pick<TargetRules, "drill" | "allowExternal">,
): TargetRules {
  const two = policy?.version === 2 ? policy : undefined;
  return {
    allowedHosts: two?.allowed_hosts,
    privateHosts: two?.private_hosts ?? [],
    allowedPorts: two?.allowed_ports ?? [443],
    drill,
    allowExternal,
  };
}

const PRIVATE = ["private", "uniqueLocal", "carrierGradeNat"];

/** The kind of an address; an IPv4 address inside an IPv6 one counts as itself. */
function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : "not an address";
}

/** Whether text is a loopback address, or the name of one. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare === "localhost" || rangeOf(bare) === "loopback";
}

/**
 * Why nothing may be sent to an address that a host has; undefined where it may. Asked when the
 * connection is made, so a name that changes its address in between gains nothing.
 *
 * @param host As the URL has it.
 * @param address IPv4 or IPv6.
 */
export function addressFault(
  rules: TargetRules,
  host: string,
  address: string,
): string | undefined {
  const range = rangeOf(address);
  if (rules.drill && range === "loopback") return undefined;
  if (rules.drill && !rules.allowExternal) return `is ${range}, and a drill stays on loopback`;
  if (range === "unicast") return undefined;
  if (PRIVATE.includes(range) && rules.privateHosts.includes(host.toLowerCase())) return undefined;
  return `is ${range}; private hosts are listed in private_hosts, and no other kind is allowed`;
}

/** Why nothing may be sent to a URL, as far as the URL itself says; undefined where it may. */
export function urlFault(rules: TargetRules, address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null) return "is no URL";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const loopbackDrill = rules.drill && isLoopback(host);
  if (url.protocol !== "https:" && !(loopbackDrill && url.protocol === "http:")) {
    return `is ${url.protocol.slice(0, 20)}, expected https:`;
  }
  if (url.username !== "" || url.password !== "") return "holds a user name or password";
  if (rules.drill && !rules.allowExternal && !loopbackDrill) {
    return "leaves this machine, and a drill stays on loopback";
  }
  if (loopbackDrill) return undefined;
  if (ipaddr.isValid(host)) {
    const fault = addressFault(rules, host, host);
    if (fault !== undefined) return fault;
  }
  const port = url.port === "" ? 443 : Number(url.port);
  if (!rules.allowedPorts.includes(port)) return `is on port ${port}, not in allowed_ports`;
  if (rules.allowedHosts !== undefined && !rules.allowedHosts.includes(host)) {
    return "is on a host that is not in allowed_hosts";
  }
  return undefined;
}
