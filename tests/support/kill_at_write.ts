/**
 * Ends its process by SIGKILL at one of its durable writes, counted from 1. Loaded before a script
 * (`deno run --preload`), so that the script itself knows nothing of it.
 * @module
 */

/** On which side of the write the process dies; `during` leaves half of the bytes. */
export type KillSide = "before" | "during" | "after";

let writes = 0;

function die(): never {
  Deno.kill(Deno.pid, "SIGKILL");
  for (;;); // until the signal is here
}

/** Counts a call; says on which side of it the process has to die, if it does here. */
function hit(at: number, side: KillSide): KillSide | undefined {
  return ++writes === at ? side : undefined;
}

/** Lets the process die at its write number `at`; with 0 it lives. Counts to stderr at its end. */
export function killAtWrite(at: number, side: KillSide): void {
  const { renameSync, linkSync } = Deno;
  const { writeSync, write, syncSync, sync } = Deno.FsFile.prototype;
  const around = <T>(effect: () => T): T => {
    const kill = hit(at, side);
    if (kill === "before") die();
    const result = effect();
    if (kill !== undefined) die();
    return result;
  };
  const aroundAsync = async <T>(effect: () => Promise<T>): Promise<T> => {
    const kill = hit(at, side);
    if (kill === "before") die();
    const result = await effect();
    if (kill !== undefined) die();
    return result;
  };
  const half = (bytes: Uint8Array): Uint8Array =>
    writes + 1 === at && side === "during" ? bytes.subarray(0, bytes.length >> 1) : bytes;
  Object.assign(Deno, {
    renameSync: (from: string, to: string) => around(() => renameSync(from, to)),
    linkSync: (from: string, to: string) => around(() => linkSync(from, to)),
  });
  Object.assign(Deno.FsFile.prototype, {
    writeSync(this: Deno.FsFile, bytes: Uint8Array): number {
      const part = half(bytes);
      return around(() => writeSync.call(this, part));
    },
    write(this: Deno.FsFile, bytes: Uint8Array): Promise<number> {
      const part = half(bytes);
      return aroundAsync(() => write.call(this, part));
    },
    syncSync(this: Deno.FsFile): void {
      around(() => syncSync.call(this));
    },
    sync(this: Deno.FsFile): Promise<void> {
      return aroundAsync(() => sync.call(this));
    },
  });
  addEventListener("unload", () => {
    const line = new TextEncoder().encode(`\ndurable writes: ${writes}\n`);
    Deno.stderr.writeSync(line);
  });
}
