import type { Inputs } from "../command/inputs.ts";
import { faultsOf } from "../policy/fault.ts";
import { describeFault } from "../policy/load.ts";
import { MetricsDocument, MetricsWindow } from "./metrics_window.ts";

/** Windows of a metrics file, or what is wrong with it. */
export interface MetricsRead {
  state: "ok" | "missing" | "malformed";
  windows: MetricsWindow[];
  /** Sentences that name file, line and value. */
  faults: string[];
  /** The last line has no end yet: its writer is still at it, or was stopped. It was left out. */
  unfinishedLine: boolean;
}

/** Faults that are told; a file of another kind has one for each line. */
const MOST_FAULTS = 20;

async function readLines(path: string, text: string): Promise<MetricsRead> {
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  const read: MetricsRead = { state: "ok", windows: [], faults: [], unfinishedLine: false };
  const take = async (line: string, number: number): Promise<boolean> => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      read.faults.push(`${path}:${number}:1 is not JSON: ${(error as Error).message}`);
      return false;
    }
    const parsed = MetricsWindow.safeParse(value);
    if (parsed.success) read.windows.push(parsed.data);
    else {
      const faults = await faultsOf(parsed.error, value, MetricsWindow);
      read.faults.push(...faults.map((fault) => describeFault(`${path}:${number}:1`, fault)));
    }
    return true;
  };
  for (const [at, line] of lines.entries()) {
    if (line.trim() !== "") await take(line, at + 1);
    if (read.faults.length >= MOST_FAULTS) break;
  }
  if (last.trim() !== "" && read.faults.length === 0) {
    read.unfinishedLine = !await take(last, lines.length + 1);
    if (read.unfinishedLine) read.faults = [];
  }
  return read.faults.length > 0 ? { ...read, state: "malformed", windows: [] } : read;
}

async function readDocument(inputs: Inputs, path: string): Promise<MetricsRead> {
  const loaded = await inputs.json(path, MetricsDocument);
  if (loaded.state === "ok") {
    return { state: "ok", windows: loaded.value.windows, faults: [], unfinishedLine: false };
  }
  return {
    state: loaded.state === "missing" ? "missing" : "malformed",
    windows: [],
    faults: loaded.faults.slice(0, MOST_FAULTS).map((fault) => describeFault(loaded.path, fault)),
    unfinishedLine: false,
  };
}

/**
 * Reads a metrics file: one window on each line where the name ends in `.ndjson` or `.jsonl`, else
 * one JSON document with `windows`.
 */
export async function readMetrics(inputs: Inputs, path: string): Promise<MetricsRead> {
  if (!/\.(ndjson|jsonl)$/.test(path)) return await readDocument(inputs, path);
  const file = await inputs.text(path);
  const shown = inputs.shown(path);
  if (file.state === "ok") return await readLines(shown, file.text);
  return {
    state: file.state === "missing" ? "missing" : "malformed",
    windows: [],
    faults: [`${shown} ${file.message}`],
    unfinishedLine: false,
  };
}
