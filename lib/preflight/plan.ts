import { UsageError } from "../command/errors.ts";
import { closest } from "../text/closest.ts";
import type { Step } from "./registry.ts";
import { scriptPath, scriptPermissions, toolkitConfig } from "./permissions.ts";

/** Which steps are wanted. */
export interface Selection {
  quick: boolean;
  strict: boolean;
  only: readonly string[];
  from: string | undefined;
  until: string | undefined;
  skip: ReadonlySet<string>;
}

/** A permission, in writing, to leave out a mandatory step. */
export interface Waiver {
  step: string;
  owner: string;
  reason: string;
  /** RFC 3339 date or time; the waiver is void from then on. */
  expires: string;
}

/** A step as it will run, or why it will not. */
export interface PlannedStep {
  step: Step;
  /** The full command line, without secrets: secrets only travel in the environment. */
  command: string[];
  run: boolean;
  reason?: string;
  waiver?: Waiver;
}

async function checkNames(names: Iterable<string>, steps: readonly Step[]): Promise<void> {
  const known = steps.map((step) => step.id);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = await closest(name, known);
    throw new UsageError(
      `No step is called "${name}"`,
      near === undefined ? "--list shows the steps" : `did you mean "${near}"?`,
    );
  }
}

function whyNot(
  step: Step,
  at: number,
  selection: Selection,
  steps: readonly Step[],
): string | undefined {
  const position = (id: string | undefined, fallback: number): number =>
    id === undefined ? fallback : steps.findIndex((other) => other.id === id);
  if (selection.skip.has(step.id)) return `--${step.skipFlag}`;
  if (selection.only.length > 0 && !selection.only.includes(step.id)) return "not named by --only";
  if (at < position(selection.from, 0)) return `before --from ${selection.from}`;
  if (at > position(selection.until, steps.length)) return `after --until ${selection.until}`;
  return undefined;
}

/** The command line of a step, to be run in the governed root. */
export async function commandOf(
  step: Step,
  root: string,
  { quick, strict }: Pick<Selection, "quick" | "strict">,
): Promise<string[]> {
  const own = (quick ? step.quickArgs : step.fullArgs) ?? [];
  return [
    "deno",
    "run",
    "--config",
    toolkitConfig(),
    ...await scriptPermissions(step.script),
    scriptPath(step.script),
    ...step.args ?? [],
    ...own,
    ...(strict ? ["--strict"] : []),
    "--root",
    root,
    "--json",
  ];
}

/**
 * Decides what will run. Pure but for reading the scripts' first lines.
 *
 * @throws {UsageError} If a name is not a step's, or if a mandatory step is left out of a strict
 * run without a waiver in force.
 */
export async function makePlan(
  steps: readonly Step[],
  root: string,
  selection: Selection,
  waivers: readonly Waiver[],
  nowS: number,
): Promise<PlannedStep[]> {
  const named = [...selection.only, ...selection.skip, selection.from, selection.until];
  await checkNames(named.filter((name) => name !== undefined), steps);
  const plan: PlannedStep[] = [];
  for (const [at, step] of steps.entries()) {
    const reason = whyNot(step, at, selection, steps);
    const command = await commandOf(step, root, selection);
    if (reason === undefined) plan.push({ step, command, run: true });
    else {
      const waiver = waivers.find((candidate) =>
        candidate.step === step.id && Date.parse(candidate.expires) / 1000 > nowS
      );
      if (selection.strict && step.mandatory && waiver === undefined) {
        throw new UsageError(
          `Cannot leave out "${step.id}" in a strict run: ${reason}`,
          `waive it in security/preflight_waivers.json with owner, reason and expiry, or run it`,
        );
      }
      plan.push({ step, command, run: false, reason, ...(waiver === undefined ? {} : { waiver }) });
    }
  }
  return plan;
}
