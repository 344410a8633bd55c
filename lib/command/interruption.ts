import { EXIT } from "./errors.ts";

/** SIGINT and SIGTERM abort the run, which then still writes its report. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #listeners: [Deno.Signal, () => void][] = [];
  exitCode: number | undefined;

  constructor() {
    const signals: [Deno.Signal, number][] = Deno.build.os === "windows"
      ? [["SIGINT", EXIT.interrupted]]
      : [["SIGINT", EXIT.interrupted], ["SIGTERM", EXIT.terminated]];
    for (const [signal, code] of signals) {
      const listener = (): void => {
        this.exitCode = code;
        this.#controller.abort(new DOMException(`stopped by ${signal}`, "AbortError"));
      };
      Deno.addSignalListener(signal, listener);
      this.#listeners.push([signal, listener]);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
  }
}
