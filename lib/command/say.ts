const encoder = new TextEncoder();

/** Writes a line for people on stderr; stdout is kept for data. */
export function say(line: string): void {
  const bytes = encoder.encode(`${line}\n`);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // nobody is listening
  }
}
