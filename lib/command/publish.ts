import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import type { Finding } from "../report/check.ts";
import type { Report } from "../report/report.ts";
import { writeArtifact } from "../report/artifact.ts";
import { redact } from "../scan/redact.ts";
import { sha256Hex } from "../store/digest.ts";
import { writeAtomic } from "../store/write_atomic.ts";
import type { Declaration, Outcome } from "./command.ts";
import { environment } from "./environment.ts";
import { EXIT } from "./errors.ts";
import { say } from "./say.ts";

/** Where and how a report goes out. */
export interface Publication {
  declaration: Declaration;
  root: string;
  secrets: string[];
  out: string | undefined;
  sarif: string | undefined;
  json: boolean;
  quiet: boolean;
}

async function writeText(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeAtomic(path, text);
}

/**
 * The file of one run's report. It is created once, never over another file, and from then on
 * replaced as a whole: readers see the last checkpoint or the final report.
 */
export class ReportFile {
  #path: string | undefined;

  constructor(private readonly publication: Publication) {}

  /** Writes the report as it stands; returns its text. */
  async write(report: Report, record = true): Promise<string> {
    const { declaration, root, out, secrets } = this.publication;
    let text = "";
    const render = (path: string | undefined): string => {
      if (path !== undefined) report.report_path = path;
      text = redact(JSON.stringify(report, null, 2), secrets) + "\n";
      return text;
    };
    const known = this.#path ?? out?.replaceAll("\\", "/");
    if (known !== undefined) {
      await writeText(resolve(root, known), render(known));
      this.#path = known;
    } else if (declaration.artifact === undefined || !record) render(undefined);
    else {
      this.#path = await writeArtifact(root, {
        prefix: declaration.artifact,
        epochS: report.ended_at,
      }, render);
    }
    return text;
  }

  /** Relative to root; undefined until something was written. */
  get path(): string | undefined {
    return this.#path;
  }
}

async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // the reader has what it wanted
  }
}

async function writeCompanions(
  report: Report,
  text: string,
  file: ReportFile,
  { root, secrets, sarif }: Publication,
  after: Outcome["after"],
): Promise<void> {
  if (sarif !== undefined) {
    const { toSarif } = await import("../report/sarif.ts");
    const log = toSarif(report, (report.findings ?? []) as Finding[]);
    await writeText(resolve(root, sarif), redact(JSON.stringify(log, null, 2), secrets) + "\n");
  }
  await after?.({ report, path: file.path, sha256: await sha256Hex(text) });
}

/** A report that could not be written must not say that all is well. */
function unwritten(report: Report, error: unknown, { root, secrets }: Publication): string {
  say(`error: Cannot write the report: ${redact((error as Error).message, secrets)}`);
  if (error instanceof Deno.errors.NotCapable && Deno.cwd() !== root) {
    say(`  hint: the script's permissions reach the working directory only: run it from ${root}`);
  }
  Object.assign(report, { ok: false, clean: false, exit_code: EXIT.internal });
  return redact(JSON.stringify(report, null, 2), secrets) + "\n";
}

/** Writes and prints a report; a report that cannot be written turns the exit code to 70. */
export async function publish(
  report: Report,
  file: ReportFile,
  publication: Publication,
  { stdout, unrecorded, render, after }: Pick<
    Outcome,
    "stdout" | "unrecorded" | "render" | "after"
  >,
): Promise<number> {
  const { secrets, json, quiet } = publication;
  let text: string;
  try {
    text = await file.write(report, unrecorded !== true);
    await writeCompanions(report, text, file, publication, after);
  } catch (error) {
    text = unwritten(report, error, publication);
  }
  if (json && (stdout === undefined || unrecorded !== true)) await print(text);
  else if (stdout !== undefined) await print(redact(stdout, secrets));
  if (!quiet && unrecorded !== true) {
    const color = !Deno.noColor && Deno.stderr.isTerminal();
    const { renderReport } = await import("../report/terminal.ts");
    const lines = render?.(report, color) ?? renderReport(report, { color });
    for (const line of lines) say(redact(line, secrets));
  }
  if (environment("GITHUB_ACTIONS") === "true" && environment("WA_RELEASE_RUN_ID") === undefined) {
    const { annotations } = await import("../report/github.ts");
    for (const line of annotations(report)) say(redact(line, secrets));
  }
  return report.exit_code;
}
