/** A real HTTP server that says which version it is; the version can be "deployed" anew. */
export class ReleaseBackend {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** How it answers: well, with an error that names its version, or with a nameless one. */
  health: "well" | "failing" | "failing nameless" = "well";

  constructor(public version: string) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () =>
        new Response(this.version, {
          status: this.health === "well" ? 200 : 500,
          headers: this.health === "failing nameless" ? {} : { "x-release-version": this.version },
        }),
    );
  }

  get port(): number {
    return this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
