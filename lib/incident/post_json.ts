import type { LookupFunction } from "node:net";
import type { RequestOptions } from "node:http";
import { addressFault, type TargetRules } from "./target_rules.ts";

/** A web server's answer. */
export interface HttpAnswer {
  status: number;
  retryAfter: string | undefined;
  /** Its beginning. */
  body: string;
}

/** A target that may not be connected to. */
export class TargetRefusedError extends Error {
  override name = "TargetRefusedError";
}

/** Most bytes of an answer that are read. */
const LARGEST_ANSWER = 65_536;

/** Resolves names, and refuses each that has an address nothing may be sent to. */
async function checkedLookup(rules: TargetRules): Promise<LookupFunction> {
  const { lookup } = await import("node:dns");
  return (host, { all = false }, callback) => {
    lookup(host, { all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "");
      const [first] = addresses;
      const faults = addresses.flatMap(({ address }) => addressFault(rules, host, address) ?? []);
      if (first === undefined || faults[0] !== undefined) {
        return callback(new TargetRefusedError(`its address ${faults[0] ?? "is unknown"}`), "");
      }
      if (all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * Sends one POST and reads the beginning of its answer. Follows no redirect, uses no proxy, and
 * connects to no address that the rules refuse.
 *
 * @throws {TargetRefusedError} If the host has an address that is refused.
 */
export async function postJson(
  url: URL,
  { body, headers, rules, signal }: {
    body: string;
    headers: Record<string, string>;
    rules: TargetRules;
    signal: AbortSignal;
  },
): Promise<HttpAnswer> {
  const { request } = url.protocol === "https:"
    ? await import("node:https")
    : await import("node:http");
  const bytes = new TextEncoder().encode(body);
  const options: RequestOptions = {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Content-Length": bytes.length,
      "User-Agent": "incident-notify",
      ...headers,
    },
    agent: false,
    lookup: await checkedLookup(rules),
    signal,
  };
  return await new Promise((resolve, reject) => {
    const call = request(url, options, (answer) => {
      const parts: Uint8Array[] = [];
      let size = 0;
      const end = (): void => {
        const { statusCode = 0, headers: { "retry-after": retryAfter } } = answer;
        const text = new TextDecoder().decode(new Uint8Array(parts.flatMap((part) => [...part])));
        resolve({ status: statusCode, retryAfter, body: text.slice(0, LARGEST_ANSWER) });
      };
      answer.on("data", (part: Uint8Array) => {
        size += part.length;
        parts.push(part);
        if (size > LARGEST_ANSWER) {
          end();
          answer.destroy();
        }
      });
      answer.on("end", end);
      answer.on("error", reject);
    });
    call.on("upgrade", ({ statusCode = 101 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, retryAfter: undefined, body: "" });
    });
    call.on("error", reject);
    const stop = (): void => {
      call.destroy();
      reject(signal.reason); // the runtime does not tell in every state of a request
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    call.end(bytes);
  });
}
