import { fromFileUrl } from "@std/path/from-file-url";
import { permissionsIn, toolkitConfig } from "./permissions.ts";

/**
 * The permissions of preflight and its steps reach the working directory. With `--root` elsewhere
 * it starts itself again in that folder, with the same permissions, and passes everything through.
 *
 * @returns Whether it did; then the exit code is set and nothing is left to do.
 */
export async function respawnIn(script: string): Promise<boolean> {
  const at = Deno.args.findIndex((arg) => arg === "--root" || arg.startsWith("--root="));
  const given = Deno.args[at]?.startsWith("--root=")
    ? Deno.args[at].slice("--root=".length)
    : Deno.args[at + 1];
  if (at < 0 || given === undefined) return false;
  let root: string;
  try {
    root = await Deno.realPath(given);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // the usual path words the error
    throw error;
  }
  if (root === await Deno.realPath(Deno.cwd())) return false;
  const path = fromFileUrl(script);
  const permissions = permissionsIn(await Deno.readTextFile(path), "release_preflight");
  const rest = Deno.args.toSpliced(at, Deno.args[at]!.includes("=") ? 1 : 2);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--config", toolkitConfig(), ...permissions, path, ...rest],
    cwd: root,
  }).spawn();
  const pass = (signal: Deno.Signal) => (): void => child.kill(signal);
  const listeners = (["SIGINT", "SIGTERM"] as const).map((signal) =>
    [signal, pass(signal)] as const
  );
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  Deno.exitCode = (await child.status).code;
  for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  return true;
}
