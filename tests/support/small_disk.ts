/**
 * File systems that are full or read-only, for one child process each: mounted in a namespace of its
 * own, so that nobody else sees them and nothing is left behind.
 * @module
 */

/** $1: folder; $2: KiB that are left free; then a command. What it left is copied to $1.after. */
const FULL = `set -e
folder=$1; free=$2; shift 2
cp -a "$folder" "$folder.before"
mount -t tmpfs -o size=16m tmpfs "$folder"
cp -a "$folder.before/." "$folder/"
left=$(df --output=avail -k "$folder" | tail -1)
dd if=/dev/zero of="$folder/filler" bs=1024 count=$((left - free)) status=none
cd "$folder"
code=0
"$@" || code=$?
rm "$folder/filler"
cp -a "$folder/." "$folder.after"
exit $code
`;

/** $1: folder; then a command. */
const READ_ONLY = `set -e
folder=$1; shift
mkdir "$folder.copy"
cp -a "$folder/." "$folder.copy/"
mount -t tmpfs tmpfs "$folder"
cp -a "$folder.copy/." "$folder/"
rm -r "$folder.copy"
mount -o remount,ro "$folder"
exec "$@"
`;

function namespace(script: string, ...args: string[]): string[] {
  return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", ...args];
}

/** Starts a script where nothing can be written below `folder`; use as `starter`. */
export function readOnly(folder: string): string[] {
  return namespace(READ_ONLY, folder);
}

/**
 * Starts a script on a file system with only so much room; use as `starter`. What it leaves is
 * afterwards in `<root>.after`, what was there before in `<root>.before`.
 */
export function withRoom(root: string, freeKib: number): string[] {
  return namespace(FULL, root, String(freeKib));
}

/** Puts what a script left on a small disk in the place of what was there before. */
export async function takeOver(root: string): Promise<void> {
  await Deno.remove(`${root}.before`, { recursive: true });
  await Deno.remove(root, { recursive: true });
  await Deno.rename(`${root}.after`, root);
}

/** Why file systems cannot be mounted here, for the names of tests; empty when they can. */
export function noMounts(): string {
  try {
    const [program = "", ...args] = namespace("mount -t tmpfs tmpfs /mnt");
    const { success } = new Deno.Command(program, { args, stderr: "null" }).outputSync();
    return success ? "" : " (skipped: nothing can be mounted here)";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return " (skipped: there is no unshare here)";
  }
}
