/** Names the split file uses; the operator's configuration refers to them. */
export interface NginxNames {
  /** `upstream` of the canary. */
  canary: string;
  /** `upstream` of stable. */
  stable: string;
  /** Variable that `proxy_pass http://$release_pool` uses. */
  variable: string;
}

/**
 * The file nginx includes in its `http` block: a `split_clients` by request, and a variable that
 * says which split a worker has loaded, so that it can be read back over HTTP.
 *
 * `split_clients` refuses 0 %, so a whole share has no percent line at all.
 *
 * @throws {RangeError} If a name is not a plain word, or the weight not an integer 0..100.
 */
export function nginxSplit(
  { canaryWeight, fence }: { canaryWeight: number; fence: number },
  { canary, stable, variable }: NginxNames,
): string {
  for (const name of [canary, stable, variable]) {
    if (!/^[a-z][a-z0-9_]*$/i.test(name)) {
      throw new RangeError(`Cannot write split file: "${name}" is not a plain word`);
    }
  }
  if (!Number.isInteger(canaryWeight) || canaryWeight < 0 || canaryWeight > 100) {
    throw new RangeError(`Cannot write split file: weight is ${canaryWeight}, must be 0..100`);
  }
  const shares = canaryWeight === 0
    ? [`  * ${stable};`]
    : canaryWeight === 100
    ? [`  * ${canary};`]
    : [`  ${canaryWeight}% ${canary};`, `  * ${stable};`];
  return [
    "# Written by traffic_adapter_nginx; changes by hand are overwritten.",
    `split_clients "$request_id" $${variable} {`,
    ...shares,
    "}",
    `map "" $${variable}_state {`,
    `  default "${canaryWeight}:${fence}";`,
    "}",
    "",
  ].join("\n");
}

/** Reads `weight:fence` as a worker answers it; undefined if it is something else. */
export function parseNginxState(
  text: string,
): { canary_weight: number; fence: number } | undefined {
  const match = /^(\d{1,3}):(\d{1,15})\s*$/.exec(text);
  if (match === null) return undefined;
  return { canary_weight: Number(match[1]), fence: Number(match[2]) };
}
