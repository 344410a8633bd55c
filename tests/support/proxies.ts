import { join } from "@std/path/join";

/** Whether a program is installed; tests that need it are skipped otherwise. */
export function isInstalled(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["-v"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A loopback port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

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

/** A proxy as a child process, ended with its scope. */
export class Proxy {
  readonly #child: Deno.ChildProcess;

  constructor(program: string, args: string[], readonly url: string) {
    this.#child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  /** Waits until it answers at all. */
  async ready(): Promise<this> {
    for (let tried = 0; tried < 200; tried++) {
      try {
        const response = await fetch(this.url, { signal: AbortSignal.timeout(1000) });
        await response.body?.cancel();
        return this;
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
    throw new Error(`Cannot reach ${this.url}: no answer within 5 s`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.#child.status;
  }
}

/** Starts nginx over two backends, with its split file at `split`. */
export async function startNginx(
  folder: string,
  split: string,
  { canary, stable }: { canary: number; stable: number },
): Promise<{ proxy: Proxy; config: string; statusUrl: string }> {
  const port = freePort();
  const config = join(folder, "nginx.conf");
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join(" ");
  await Deno.writeTextFile(
    config,
    `daemon off; worker_processes 2; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 256; }
http {
  access_log off; ${temp}
  include ${split};
  upstream release_canary { server 127.0.0.1:${canary}; keepalive 16; }
  upstream release_stable { server 127.0.0.1:${stable}; keepalive 16; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://$release_pool; proxy_http_version 1.1; proxy_set_header Connection "";
    }
    location = /release-split { return 200 "$release_pool_state"; }
  }
}
`,
  );
  const url = `http://127.0.0.1:${port}/`;
  const proxy = await new Proxy("nginx", ["-c", config], url).ready();
  return { proxy, config, statusUrl: `${url}release-split` };
}

/**
 * Starts HAProxy over two backends, with its runtime interface on loopback: a grant for a socket
 * file would have to name the temporary path.
 */
export async function startHaproxy(
  folder: string,
  { canary, stable }: { canary: number; stable: number },
): Promise<{ proxy: Proxy; socket: string }> {
  const port = freePort();
  const config = join(folder, "haproxy.cfg");
  const socket = `127.0.0.1:${freePort()}`;
  await Deno.writeTextFile(
    config,
    `global
  stats socket ipv4@${socket} level admin
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend in
  bind 127.0.0.1:${port}
  default_backend site
backend site
  balance roundrobin
  server canary 127.0.0.1:${canary} weight 0
  server stable 127.0.0.1:${stable} weight 100
`,
  );
  const proxy = new Proxy("haproxy", ["-db", "-f", config], `http://127.0.0.1:${port}/`);
  return { proxy: await proxy.ready(), socket };
}
