import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import type { Finding } from "../report/check.ts";
import type { Report } from "../report/report.ts";
import { writeArtifact } from "../report/artifact.ts";
import { redact, redactedJson } from "../scan/redact.ts";
import { sha256Hex } from "../store/digest.ts";
import { writeAtomic } from "../store/write_atomic.ts";
import type { Declaration, Outcome } from "./command.ts";
import { environment } from "./environment.ts";
import { EXIT } from "./errors.ts";
import { print } from "./print.ts";
import { say } from "./say.ts";

/** Where and how a report goes out. */
export interface Publication {
  declaration: Declaration;
  root: string;
  secrets: string[];
  /** Relative to root with `/`; absolute only outside root. */
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
  async write(
    report: Report,
    { record = true, label }: { record?: boolean; label?: string | undefined } = {},
  ): Promise<string> {
    const { declaration, root, out, secrets } = this.publication;
    let text = "";
    const render = (path: string | undefined): string => {
      if (path !== undefined) report.report_path = path;
      text = redactedJson(report, secrets) + "\n";
      return text;
    };
    const known = this.#path ?? out;
    if (known !== undefined) {
      await writeText(resolve(root, known), render(known));
      this.#path = known;
    } else if (declaration.artifact === undefined || !record) render(undefined);
    else {
      const name = { prefix: report.kind, epochS: report.ended_at, label };
      this.#path = await writeArtifact(root, name, render);
    }
    return text;
  }

  /** Relative to root; undefined until something was written. */
  get path(): string | undefined {
    return this.#path;
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
    await writeText(resolve(root, sarif), redactedJson(log, secrets) + "\n");
  }
  await after?.({ report, path: file.path, sha256: await sha256Hex(text) });
}

function unwrittenHint(error: unknown, root: string): string | undefined {
  if (!(error instanceof Deno.errors.NotCapable)) return undefined;
  return Deno.cwd() === root
    ? "the script's first line says where it may write: name a file there, such as .data/out/x.json"
    : `the script's permissions reach the working directory only: run it from ${root}`;
}

/**
 * A report that could not go out whole must not say that all is well: neither to the reader nor,
 * where the file itself was written, on disk.
 */
async function unwritten(
  report: Report,
  file: ReportFile,
  error: unknown,
  { root, secrets }: Publication,
): Promise<string> {
  say(`error: Cannot write the report: ${redact((error as Error).message, secrets)}`);
  const hint = unwrittenHint(error, root);
  if (hint !== undefined) say(`  hint: ${hint}`);
  Object.assign(report, { ok: false, clean: false, exit_code: EXIT.internal });
  try {
    if (file.path !== undefined) await file.write(report);
  } catch (again) {
    say(`error: ${file.path} still holds an earlier verdict: ${(again as Error).message}`);
  }
  return redactedJson(report, secrets) + "\n";
}

/** Shows a report to people: on stderr, and as annotations where GitHub runs the script itself. */
async function show(
  report: Report,
  { secrets, quiet }: Publication,
  render: Outcome["render"],
): Promise<void> {
  if (!quiet) {
    const color = !Deno.noColor && Deno.stderr.isTerminal();
    const { renderReport } = await import("../report/terminal.ts");
    const lines = render?.(report, color) ?? renderReport(report, { color });
    for (const line of lines) say(redact(line, secrets));
  }
  if (environment("GITHUB_ACTIONS") === "true" && environment("WA_RELEASE_RUN_ID") === undefined) {
    const { annotations } = await import("../report/github.ts");
    for (const line of annotations(report)) say(redact(line, secrets));
  }
}

/** Writes and prints a report; a report that cannot be written turns the exit code to 70. */
export async function publish(
  report: Report,
  file: ReportFile,
  publication: Publication,
  { stdout, unrecorded, label, render, after }: Pick<
    Outcome,
    "stdout" | "unrecorded" | "label" | "render" | "after"
  >,
): Promise<number> {
  const { secrets, json } = publication;
  let text: string;
  try {
    text = await file.write(report, { record: unrecorded !== true, label });
    await writeCompanions(report, text, file, publication, after);
  } catch (error) {
    text = await unwritten(report, file, error, publication);
  }
  if (json && (stdout === undefined || unrecorded !== true)) await print(text);
  else if (stdout !== undefined) await print(redact(stdout, secrets));
  // Renderers shorten texts, and half a secret is not recognised: they are given none.
  const shown = secrets.length === 0 ? report : JSON.parse(text) as Report;
  await show(shown, { ...publication, quiet: publication.quiet || unrecorded === true }, render);
  return report.exit_code;
}
