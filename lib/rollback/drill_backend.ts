/** Header that says which version answered. */
export const VERSION_HEADER = "x-release-version";

/** An HTTP server on loopback that says its version, and can be made to fail. */
export class DrillBackend {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Whether every request is answered with 500 from now on. */
  failing = false;

  constructor(readonly version: string) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () =>
        new Response(this.version, {
          status: this.failing ? 500 : 200,
          headers: { [VERSION_HEADER]: this.version },
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
