/** A temporary folder with links resolved in its path, removed at the end of its scope. */
export class TempFolder {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "toolkit-" }));

  /** Absolute path of something in it. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Names in it, sorted. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
