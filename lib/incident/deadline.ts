/**
 * A signal that is aborted after a time, or with another signal. Unlike `AbortSignal.timeout`, whose
 * timer keeps the process alive as long as somebody listens, it ends with its scope.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #abort = (): void =>
    this.#controller.abort(new DOMException("out of time", "AbortError"));

  /** @param parent Aborts this one too. */
  constructor(seconds: number, private readonly parent: AbortSignal) {
    this.#timer = setTimeout(this.#abort, seconds * 1000);
    if (parent.aborted) this.#abort();
    else parent.addEventListener("abort", this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.parent.removeEventListener("abort", this.#abort);
  }
}
