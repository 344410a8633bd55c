import { IoError } from "../command/errors.ts";

/** Longest wait for an answer of the runtime interface, milliseconds. */
const ANSWER_MS = 5000;

/** Where the runtime interface listens: a path, or `127.0.0.1:9999`. */
export function parseSocket(text: string): Deno.UnixConnectOptions | Deno.ConnectOptions {
  const match = /^(127\.0\.0\.1|localhost):(\d{1,5})$/.exec(text);
  if (match === null) return { transport: "unix", path: text };
  return { hostname: match[1] ?? "", port: Number(match[2]) };
}

async function readAll(connection: Deno.Conn): Promise<string> {
  const chunks = await Array.fromAsync(connection.readable);
  return new TextDecoder().decode(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).bytes());
}

/**
 * Sends one line to HAProxy's runtime interface and returns the whole answer; HAProxy closes the
 * connection after it (management guide, section 9.3, non-interactive mode).
 *
 * @throws {IoError} If it cannot be reached or does not answer in time.
 */
export async function askHaproxy(socket: string, line: string): Promise<string> {
  const hint = "see whether HAProxy runs, with: stats socket ... level admin";
  let connection: Deno.Conn;
  try {
    const options = parseSocket(socket);
    connection = "path" in options
      ? await Deno.connect(options) as Deno.Conn
      : await Deno.connect(options);
  } catch (cause) {
    throw new IoError(`Cannot reach HAProxy at "${socket}": ${(cause as Error).message}`, hint, {
      cause,
    });
  }
  const late = setTimeout(() => connection.close(), ANSWER_MS);
  try {
    await connection.write(new TextEncoder().encode(`${line}\n`));
    return await readAll(connection);
  } catch (cause) {
    throw new IoError(`HAProxy at "${socket}" did not answer: ${(cause as Error).message}`, hint, {
      cause,
    });
  } finally {
    clearTimeout(late);
  }
}

/** A server as `get weight` describes it. */
export interface ServerWeight {
  server: string;
  weight: number;
  initial: number;
}

/** Reads `75 (initial 100)`; undefined if it is a complaint. */
export function parseWeight(server: string, answer: string): ServerWeight | undefined {
  const match = /^(\d+) \(initial (\d+)\)/.exec(answer.trim());
  if (match === null) return undefined;
  return { server, weight: Number(match[1]), initial: Number(match[2]) };
}

/** Highest weight HAProxy takes. */
const MOST_WEIGHT = 256;

const divisor = (a: number, b: number): number => b === 0 ? a : divisor(b, a % b);

/**
 * Weight of each server so that the pools as a whole get their shares: a pool's share is the sum
 * over its servers, so a pool of three needs a third per server of what a pool of one needs.
 *
 * @returns Undefined if the shares cannot be written with weights 0..256.
 */
export function serverWeights(
  canaryWeight: number,
  { canary, stable }: { canary: number; stable: number },
): { canary: number; stable: number } | undefined {
  const [c, s] = [canaryWeight * stable, (100 - canaryWeight) * canary];
  const common = divisor(c, s) || 1;
  const weights = { canary: c / common, stable: s / common };
  return Math.max(weights.canary, weights.stable) > MOST_WEIGHT ? undefined : weights;
}

/**
 * The canary's share of all weight, percent; undefined if it is not a whole percent, or no server
 * has any weight.
 */
export function canaryShare(canary: ServerWeight[], stable: ServerWeight[]): number | undefined {
  const sum = (servers: ServerWeight[]): number =>
    servers.reduce((total, { weight }) => total + weight, 0);
  const total = sum(canary) + sum(stable);
  const percent = total === 0 ? NaN : (sum(canary) * 100) / total;
  const whole = Math.round(percent);
  return Math.abs(percent - whole) < 1e-9 ? whole : undefined;
}
