import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";

/** What a file of a temporary repository holds; objects are written as JSON. */
export type Content = string | Uint8Array | Record<string, unknown> | unknown[];

/** A repository in a temporary folder, removed at the end of its scope. */
export class TempRepository {
  private constructor(readonly root: string) {}

  /** Makes one with these files; with `git`, everything is committed. */
  static async make(
    files: Record<string, Content>,
    { git = false }: { git?: boolean } = {},
  ): Promise<TempRepository> {
    const repository = new TempRepository(
      await Deno.realPath(await Deno.makeTempDir({ prefix: "governed-" })),
    );
    await Deno.mkdir(join(repository.root, "security"), { recursive: true });
    for (const [path, content] of Object.entries(files)) await repository.write(path, content);
    if (git) {
      await repository.git("init", "-q", "-b", "main");
      await repository.commit("first");
    }
    return repository;
  }

  /** Absolute path of a file. */
  path(path: string): string {
    return join(this.root, path);
  }

  async write(path: string, content: Content): Promise<void> {
    const absolute = this.path(path);
    await Deno.mkdir(dirname(absolute), { recursive: true });
    if (content instanceof Uint8Array) await Deno.writeFile(absolute, content);
    else if (typeof content === "string") await Deno.writeTextFile(absolute, content);
    else await Deno.writeTextFile(absolute, JSON.stringify(content, null, 2) + "\n");
  }

  async read(path: string): Promise<string> {
    return await Deno.readTextFile(this.path(path));
  }

  async json<T = Record<string, unknown>>(path: string): Promise<T> {
    return JSON.parse(await this.read(path));
  }

  /** Names in a folder, sorted; none when there is no such folder. */
  async list(path: string): Promise<string[]> {
    try {
      const entries = await Array.fromAsync(Deno.readDir(this.path(path)));
      return entries.map(({ name }) => name).sort();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  async git(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: [
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.invalid",
        "-c",
        "commit.gpgsign=false",
        ...args,
      ],
      cwd: this.root,
    }).output();
    if (!success) throw new Error(`git ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  }

  async commit(message: string): Promise<string> {
    await this.git("add", "-A");
    await this.git("commit", "-q", "--allow-empty", "-m", message);
    return await this.git("rev-parse", "HEAD");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}
