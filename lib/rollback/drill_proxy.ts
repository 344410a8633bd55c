import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { IoError, NotReadyError } from "../command/errors.ts";
import { nginxSplit } from "../rollout/nginx_split.ts";

/** Controllers a drill can be run on. */
export const DRILL_CONTROLLERS = ["nginx", "haproxy"] as const;
export type DrillController = typeof DRILL_CONTROLLERS[number];

/** Ports of the two backends. */
export interface DrillPorts {
  canary: number;
  stable: number;
}

/** What an adapter script must be told to reach the drill's proxy. */
export interface AdapterArgs {
  /** For every verb. */
  look: string[];
  /** For `apply` and `compensate` only. */
  order: string[];
}

/** Files of a proxy and how to run it. */
interface Setup {
  args: string[];
  url: string;
  adapter: AdapterArgs;
}

/** Longest wait for a proxy to answer, milliseconds. */
const START_MS = 10_000;

/** A loopback port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function setUpNginx(folder: string, ports: DrillPorts): Promise<Setup> {
  const port = freePort();
  const config = join(folder, "nginx.conf");
  const split = join(folder, ".data", "rollout", "nginx_split.conf"); // the adapter's default
  const names = { canary: "release_canary", stable: "release_stable", variable: "release_pool" };
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join(" ");
  await Deno.mkdir(dirname(split), { recursive: true });
  await Deno.writeTextFile(split, nginxSplit({ canaryWeight: 0, fence: 0 }, names));
  await Deno.writeTextFile(
    config,
    `daemon off; worker_processes 2; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 256; }
http {
  access_log off; ${temporary}
  include ${split};
  upstream release_canary { server 127.0.0.1:${ports.canary}; }
  upstream release_stable { server 127.0.0.1:${ports.stable}; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://$release_pool; }
    location = /release-split { return 200 "$release_pool_state"; }
  }
}
`,
  );
  const url = `http://127.0.0.1:${port}/`;
  return {
    args: ["-c", config],
    url,
    adapter: {
      look: ["--status-url", `${url}release-split`],
      order: ["--nginx-config", config],
    },
  };
}

async function setUpHaproxy(folder: string, ports: DrillPorts): Promise<Setup> {
  const port = freePort();
  const config = join(folder, "haproxy.cfg");
  const socket = `127.0.0.1:${freePort()}`;
  await Deno.writeTextFile(
    config,
    `global
  stats socket ipv4@${socket} level admin
defaults
  mode http
  option http-server-close
  timeout connect 2s
  timeout client 10s
  timeout server 10s
frontend in
  bind 127.0.0.1:${port}
  default_backend site
backend site
  balance roundrobin
  server canary 127.0.0.1:${ports.canary} weight 0
  server stable 127.0.0.1:${ports.stable} weight 100
`,
  );
  const servers = ["--canary-server", "site/canary", "--stable-server", "site/stable"];
  return {
    args: ["-db", "-f", config],
    url: `http://127.0.0.1:${port}/`,
    adapter: { look: ["--socket", socket, ...servers], order: [] },
  };
}

/** Whether a program is installed. */
export async function isInstalled(program: DrillController): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: ["-v"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** A real proxy over two backends, as a child process that ends with its scope. */
export class DrillProxy {
  private constructor(
    readonly controller: DrillController,
    readonly url: string,
    readonly adapter: AdapterArgs,
    readonly child: Deno.ChildProcess,
  ) {}

  /**
   * Starts a proxy that sends everything to stable.
   *
   * @param folder Absolute; gets its configuration and files.
   * @throws {NotReadyError} If the program is not installed.
   * @throws {IoError} If it does not answer.
   */
  static async start(
    controller: DrillController,
    folder: string,
    ports: DrillPorts,
  ): Promise<DrillProxy> {
    if (!await isInstalled(controller)) {
      throw new NotReadyError(
        `Cannot drill: ${controller} is not installed`,
        `install ${controller}`,
      );
    }
    const { args, url, adapter } = controller === "nginx"
      ? await setUpNginx(folder, ports)
      : await setUpHaproxy(folder, ports);
    const options = { args, stdin: "null", stdout: "null", stderr: "null" } as const;
    const child = new Deno.Command(controller, options).spawn();
    const proxy = new DrillProxy(controller, url, adapter, child);
    await proxy.#ready();
    return proxy;
  }

  async #ready(): Promise<void> {
    const start = performance.now();
    while (performance.now() - start < START_MS) {
      try {
        const response = await fetch(this.url, { signal: AbortSignal.timeout(1000) });
        await response.body?.cancel();
        return;
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
    await this[Symbol.asyncDispose]();
    throw new IoError(`Cannot drill: ${this.controller} does not answer at ${this.url}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
    await this.child.status;
  }
}
