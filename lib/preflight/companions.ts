import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import type { WrittenReport } from "../command/command.ts";
import type { Correlation } from "../report/report.ts";
import { readChannels } from "../rollout/channels.ts";
import { writeAtomic } from "../store/write_atomic.ts";
import { toMarkdown } from "./job_summary.ts";
import { toJunit } from "./junit.ts";
import { type ServedChannel, toPage } from "./page.ts";
import { writeSeal } from "./seal.ts";
import type { StepResult } from "./step_result.ts";

async function writeText(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeAtomic(path, text);
}

/** What the registry says; none when it cannot be read, which a step of its own judges. */
async function servedChannels(root: string): Promise<ServedChannel[]> {
  try {
    const { channels } = await readChannels(resolve(root, "security/release_channels.json"));
    return Object.entries(channels).map(([name, { version, rollout_percent: percent }]) => ({
      name,
      version,
      percent,
    }));
  } catch (error) {
    if ((error as Error).name === "ChannelsError") return [];
    throw error;
  }
}

/** Where the page of a preflight report stands. */
export function pagePath(reportPath: string): string {
  return reportPath.replace(/(\.json)?$/, ".html");
}

/** Writes what goes with a finished preflight report: page, JUnit, job summary, and the seal. */
export async function writeCompanions(
  root: string,
  { report, path, sha256 }: WrittenReport,
  results: readonly StepResult[],
  { correlation, junit, jobSummary }: {
    correlation: Correlation;
    junit: string | undefined;
    jobSummary: string | undefined;
  },
): Promise<void> {
  if (junit !== undefined) {
    await writeText(resolve(root, junit), toJunit(results, report.duration_s));
  }
  if (jobSummary !== undefined) {
    await Deno.writeTextFile(jobSummary, toMarkdown(report.headline, results, path), {
      append: true,
    });
  }
  if (path === undefined) return;
  await writeText(
    resolve(root, pagePath(path)),
    toPage(report, results, await servedChannels(root)),
  );
  if (report.ok) await writeSeal(root, { path, sha256 }, results, correlation);
}
