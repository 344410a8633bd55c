import type { z } from "zod";
import { type Check, summarise } from "../report/check.ts";
import { loadedCheck } from "../report/loaded_check.ts";
import type { Correlation, Report } from "../report/report.ts";
import { type GitFacts, gitFacts } from "../project/git.ts";
import type { Argv } from "./argv.ts";
import { allFlags, type Command, type Context, type Declaration, type Outcome } from "./command.ts";
import { environment } from "./environment.ts";
import { EXIT, IoError } from "./errors.ts";
import { type Ended, fromError } from "./failed_run.ts";
import { governedRoot } from "./governed_root.ts";
import { Inputs } from "./inputs.ts";
import { Interruption } from "./interruption.ts";
import { type Publication, publish, ReportFile } from "./publish.ts";
import { say } from "./say.ts";
import { resolveSettings, type Settings } from "./settings.ts";
import { TOOLKIT_VERSION } from "./toolkit.ts";

interface Prepared {
  settings: Settings<ReturnType<typeof allFlags>>;
  inputs: Inputs;
  policy: unknown;
  policyCheck: Check | undefined;
}

/** Loads the policy, then resolves all values; an environment that does not parse ends the run. */
async function prepare(declaration: Declaration, argv: Argv, root: string): Promise<Prepared> {
  const inputs = new Inputs(root);
  const flags = allFlags(declaration);
  const sources = {
    argv,
    env: environment,
    readFile: (path: string) => Deno.readTextFileSync(inputs.absolute(path)),
  };
  let policy: unknown;
  let policyCheck: Check | undefined;
  if (declaration.policy !== undefined) {
    const name = declaration.policy.flag ?? "policy";
    const { values } = resolveSettings({ [name]: flags[name]! }, sources);
    const loaded = await inputs.json(
      String(values[name]),
      declaration.policy.schema as z.ZodType<unknown>,
    );
    policyCheck = loadedCheck("policy_loaded", loaded, "enforce");
    if (loaded.state === "ok") policy = loaded.value;
  }
  return { settings: resolveSettings(flags, { ...sources, policy }), inputs, policy, policyCheck };
}

function environmentChecks({ settings }: Prepared): Check[] {
  return settings.faults.map(({ env, value, accepts }) => ({
    id: `env_valid::${env}`,
    ok: false,
    mode: "enforce",
    value,
    expect: accepts,
    hint: `set ${env} to ${accepts}, or unset it`,
  }));
}

async function attempt(
  declaration: Declaration,
  prepared: Prepared,
  context: Context<ReturnType<typeof allFlags>, unknown>,
): Promise<Ended> {
  const environmentFaults = environmentChecks(prepared);
  if (environmentFaults.length > 0) {
    const headline = `${environmentFaults[0]!.id.slice(11)} is not valid`;
    return { outcome: { checks: environmentFaults, headline }, exit: EXIT.usage };
  }
  const { policyCheck } = prepared;
  if (policyCheck?.ok === false) {
    return {
      outcome: {
        checks: [policyCheck],
        headline: `the policy ${policyCheck.location?.file} cannot be used`,
      },
    };
  }
  const outcome = await declaration.run(context);
  if (outcome.checks.length === 0) throw new TypeError(`${declaration.name} judged nothing`);
  const checks = policyCheck === undefined ? outcome.checks : [policyCheck, ...outcome.checks];
  return {
    outcome: { ...outcome, checks },
    ...(outcome.exit === undefined ? {} : { exit: outcome.exit }),
  };
}

/** A run that is killed after this must not leave a verdict that stands for the whole. */
function unfinished(outcome: Outcome): Outcome {
  if (outcome.checks.some((check) => !check.ok && check.mode === "enforce")) return outcome;
  const check: Check = {
    id: "run_completed",
    ok: false,
    mode: "enforce",
    value: "the run had not ended when this was written",
    expect: "a run to the end",
    hint: "run it again",
  };
  return { ...outcome, checks: [...outcome.checks, check] };
}

function bomChecks(inputs: Inputs): Check[] {
  return inputs.withBom.map((file) => ({
    id: `input_has_no_bom::${file}`,
    ok: false,
    mode: "warn",
    value: "starts with a byte-order mark",
    expect: "UTF-8 without a byte-order mark",
    hint: `save ${file} without a byte-order mark`,
    location: { file },
  }));
}

function correlation(): Correlation {
  return {
    correlation_id: environment("WA_RELEASE_CORRELATION_ID") ?? "",
    release_candidate_id: environment("WA_RELEASE_CANDIDATE_ID") ?? "",
    run_id: environment("WA_RELEASE_RUN_ID") ?? "",
  };
}

const round3 = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** The envelope's parts that are known from the start. */
interface Start {
  command: Command;
  declaration: Declaration;
  startedMs: number;
  clock: number;
  strict: boolean;
  correlation: Correlation;
  git: GitFacts;
  prepared: Prepared;
}

/** Puts a report together as of now: its verdict follows from its checks, unless an exit is forced. */
function assemble(start: Start, { outcome, exit }: Ended): Report {
  const { command, declaration, prepared } = start;
  const checks = [...outcome.checks, ...bomChecks(prepared.inputs)];
  const failed = checks.filter((check) => !check.ok);
  const ok = failed.every((check) => check.mode === "warn") && (exit ?? EXIT.pass) === EXIT.pass;
  const hints = failed.flatMap((check) => check.hint ?? []);
  const envelope: Report = {
    schema_version: 1,
    kind: outcome.artifact ?? declaration.artifact ?? command.name,
    ok,
    clean: ok && failed.length === 0,
    exit_code: exit ?? (ok ? EXIT.pass : EXIT.failed),
    headline: outcome.headline,
    started_at: round3(start.startedMs / 1000),
    ended_at: round3(Date.now() / 1000),
    duration_s: round3((performance.now() - start.clock) / 1000),
    strict: start.strict,
    correlation: start.correlation,
    git: start.git,
    tool: { name: command.name, version: TOOLKIT_VERSION, deno: Deno.version.deno },
    inputs: prepared.inputs.rows,
    settings: prepared.settings.settings,
    checks,
    summary: summarise(checks),
    next_actions: [...new Set([...hints, ...outcome.nextActions ?? []])],
    ...(outcome.findings === undefined ? {} : { findings: outcome.findings }),
  };
  // A script may know better ids than the environment has; the verdict it may not replace.
  const { kind, clean, exit_code, summary } = envelope;
  return { ...envelope, ...outcome.fields, kind, ok, clean, exit_code, checks, summary };
}

/** Puts a report on disk before a run has ended; where that fails, nothing more may be changed. */
async function checkpoint(file: ReportFile, report: Report): Promise<string> {
  try {
    await file.write(report);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    const hint = "free space, or make the folder of the report writable; then run it again";
    throw new IoError(`Cannot write the report: ${(error as Error).message}`, hint, {
      cause: error,
    });
  }
  return file.path ?? "";
}

/**
 * Runs one declaration from its resolved arguments to its published report.
 *
 * @returns The exit code, which always follows the report's `ok`.
 * @throws {UsageError} If there is no root; nothing can be written then.
 */
export async function execute(
  command: Command,
  declaration: Declaration,
  argv: Argv,
): Promise<number> {
  const startedMs = Date.now();
  const clock = performance.now();
  const root = governedRoot(argv);
  const facts = gitFacts(root); // runs while the policy loads
  using interruption = new Interruption();
  const prepared = await prepare(declaration, argv, root);
  const { settings, inputs } = prepared;
  const { values } = settings;
  const quiet = values.quiet === true || values.json === true;
  const strict = values.strict === true;
  const publication: Publication = {
    declaration,
    root,
    secrets: settings.secrets,
    out: values.out === undefined ? undefined : inputs.shown(String(values.out)),
    sarif: values.sarif as string | undefined,
    json: values.json === true,
    quiet,
  };
  const file = new ReportFile(publication);
  const report = async (ended: Ended): Promise<Report> => {
    const ids = correlation();
    return assemble({
      command,
      declaration,
      startedMs,
      clock,
      strict,
      correlation: ids,
      git: await facts,
      prepared,
    }, ended);
  };
  const context: Context<ReturnType<typeof allFlags>, unknown> = {
    root,
    flags: values,
    policy: prepared.policy,
    operands: argv.operands,
    strict,
    gate: strict ? "enforce" : "warn",
    nowS: startedMs / 1000,
    correlation: correlation(),
    inputs,
    signal: interruption.signal,
    git: () => facts,
    env: environment,
    checkpoint: async (outcome) =>
      await checkpoint(file, await report({ outcome: unfinished(outcome) })),
    visible: !quiet,
    progress: (line) => {
      if (!quiet) say(line);
    },
  };
  let ended: Ended;
  try {
    ended = await attempt(declaration, prepared, context);
    if (interruption.exitCode !== undefined) ended.exit = interruption.exitCode;
  } catch (error) {
    const { exitCode: interrupted } = interruption;
    ended = fromError(error, { interrupted, root, secrets: settings.secrets });
  }
  return await publish(await report(ended), file, publication, ended.outcome);
}
