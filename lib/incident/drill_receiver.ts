/** What a receiver does with one request: answer, or say nothing until the drill is over. */
export type DrillAnswer =
  | { status: number; headers?: Record<string, string>; body?: string }
  | "silent";

/** One request as it arrived. */
export interface DrillCall {
  /** Epoch seconds. */
  ts: number;
  path: string;
  body: string;
  /** Bytes of the body. */
  size: number;
  timestamp: string;
  signature: string;
  deliveryId: string;
}

/** Most bytes of a request that are taken. */
const LARGEST_CALL = 65_536;

/** How each path answers unless a scenario says otherwise. */
const USUAL: Record<string, DrillAnswer> = {
  "/slack": { status: 200, body: "ok" },
  "/feishu": { status: 200, body: '{"code":0}' },
};

async function bodyOf(request: Request): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.length;
    if (size > LARGEST_CALL) return undefined;
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts.map((part) => part.slice())).arrayBuffer());
}

/** A web server on loopback that takes down every request. */
export class DrillReceiver {
  readonly calls: DrillCall[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #over = Promise.withResolvers<void>();

  /**
   * @param answers By path, in order; the last one stays.
   * @param port 0 takes a free one.
   */
  constructor(private readonly answers: Record<string, DrillAnswer[]> = {}, port = 0) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {} },
      (request) => this.#take(request),
    );
  }

  get port(): number {
    return this.#server.addr.port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Requests for a path. */
  on(path: string): DrillCall[] {
    return this.calls.filter((call) => call.path === path);
  }

  async #take(request: Request): Promise<Response> {
    const { pathname: path } = new URL(request.url);
    const bytes = await bodyOf(request);
    if (bytes === undefined) return new Response("too large", { status: 413 });
    const header = (name: string): string => request.headers.get(name) ?? "";
    this.calls.push({
      ts: Date.now() / 1000,
      path,
      body: new TextDecoder().decode(bytes),
      size: bytes.length,
      timestamp: header("x-wa-timestamp"),
      signature: header("x-wa-signature"),
      deliveryId: header("webhook-id"),
    });
    const list = this.answers[path] ?? [];
    const answer = list[Math.min(this.on(path).length, list.length) - 1] ?? USUAL[path] ??
      { status: 200, body: "{}" };
    if (answer === "silent") {
      await this.#over.promise;
      return new Response("too late", { status: 503 });
    }
    const { status, headers = {}, body = "" } = answer;
    return new Response(body, { status, headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.resolve();
    await this.#server.shutdown();
  }
}
