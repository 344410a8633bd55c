/**
 * Reads an environment variable. Undefined when it is not set, empty, or not among the variables
 * this process was granted, so that a script needs to be granted only the names it declares.
 */
export function environment(name: string): string | undefined {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") {
    return undefined;
  }
  const value = Deno.env.get(name)?.trim();
  return value === "" ? undefined : value;
}
