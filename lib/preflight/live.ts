import { duration, palette, plain, renderFailure, symbol } from "../report/terminal.ts";
import type { Check } from "../report/check.ts";
import type { StepResult } from "./step_result.ts";
import { statusWords } from "./verdict.ts";

const CLEAR_LINE = "\r\x1b[2K";
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** The symbol that repeats a step's status. */
export function stepSymbol(status: string, color: boolean): string {
  if (status === "passed") return symbol("passed", color);
  if (status === "advisory_failed") return symbol("warned", color);
  if (["failed", "timeout", "error", "interrupted", "blocked"].includes(status)) {
    return symbol("failed", color);
  }
  return symbol("none", color);
}

/** One line for a finished step: verdict, name, time, and its single most important fact. */
export function stepLine(
  result: StepResult,
  { color, width }: { color: boolean; width: number },
): string {
  const time = result.return_code === null ? "" : duration(result.duration_s);
  const word = ["passed", "failed"].includes(result.status)
    ? ""
    : `${statusWords(result.status)}: `;
  const line = `${result.id.padEnd(width)} ${time.padStart(7)}  ${plain(word + result.headline)}`;
  return `${stepSymbol(result.status, color)} ${line}`;
}

/** Shows the running step on a terminal, with elapsed time; prints plain lines anywhere else. */
export class LiveList {
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #color: boolean;

  constructor(
    private readonly write: (text: string) => void,
    private readonly options: { terminal: boolean; color: boolean; width: number; total: number },
  ) {
    this.#color = options.color;
  }

  /** A step begins. */
  start(id: string, position: number): void {
    if (!this.options.terminal) return;
    const began = performance.now();
    let frame = 0;
    const draw = (): void => {
      const elapsed = duration((performance.now() - began) / 1000);
      const { dim } = palette(this.#color);
      const progress = `${position} of ${this.options.total}`;
      this.write(
        `${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${id.padEnd(this.options.width)} ${
          elapsed.padStart(7)
        }  ${dim(progress)}`,
      );
    };
    draw();
    this.#timer = setInterval(draw, 100);
  }

  /** A step is done. */
  done(result: StepResult): void {
    this.stop();
    this.write(`${stepLine(result, this.options)}\n`);
  }

  /** Takes the running line away. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.options.terminal) this.write(CLEAR_LINE);
  }
}

/** The failures again at the end, with hints: this is what is read first. */
export function failureLines(results: readonly StepResult[], color: boolean): string[] {
  const lines: string[] = [];
  for (const result of results) {
    const bad = ["failed", "timeout", "error", "interrupted"].includes(result.status);
    if (!bad && result.status !== "advisory_failed") continue;
    const checks = (result.failures as Check[]).filter((check) => !bad || check.mode === "enforce");
    lines.push(`${stepSymbol(result.status, color)} ${result.id}: ${plain(result.headline)}`);
    lines.push(...checks.flatMap((check) => renderFailure(check, color)));
    if (checks.length === 0 && result.stderr_tail !== undefined) {
      lines.push(...result.stderr_tail.split("\n").slice(-8).map((line) => `    | ${plain(line)}`));
    }
  }
  return lines;
}
