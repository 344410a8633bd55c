import { UsageError } from "../command/errors.ts";
import { runReader } from "../compat/run_reader.ts";
import { secretsIn } from "../rollout/judge_template.ts";
import { programFault } from "../rollout/program_rule.ts";
import {
  type CommandTemplate,
  parseCommandTemplate,
  TemplateError,
} from "../rollout/traffic_template.ts";

/** A command that reads a restored copy. */
export type ProbeTemplate = CommandTemplate<"restored">;

/** Of what a probe printed, this much of the end is kept, characters. */
const KEPT = 2000;

/** What a probe said. */
export interface ProbeResult {
  argv: string[];
  ok: boolean;
  end: "exited" | "timeout" | "too_large" | "interrupted";
  exit_code: number;
  /** The end of what it printed. */
  stdout: string;
  stderr: string;
}

/**
 * Splits a probe into its arguments. There is no shell, and it must name the copy: one that does not
 * look at what was restored proves nothing.
 *
 * @throws {UsageError} If it cannot be used.
 */
export function probeTemplate(source: string): ProbeTemplate {
  const fault = (why: string): UsageError =>
    new UsageError(`Cannot use the probe command: ${why}`, "see /probe in the policy, or the flag");
  let template: ProbeTemplate;
  try {
    template = parseCommandTemplate(source, ["restored"]);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw fault(`column ${error.fault.column}: ${error.fault.message}`);
  }
  if (!template.placeholders.includes("restored")) {
    throw fault("it must pass {restored}, the folder of the restored copy, to the program");
  }
  const program = programFault(template, { allow_shell: false });
  if (program !== undefined) throw fault(program);
  const [secret] = secretsIn(template);
  if (secret !== undefined) throw fault(`"${secret}" would put a secret on the command line`);
  return template;
}

/** Runs a probe on a restored copy; when it returns, no process of the probe is left. */
export async function probeCopy(
  { arguments: words }: ProbeTemplate,
  restored: string,
  { cwd, env, timeoutMs, signal }: {
    cwd: string;
    env: Readonly<Record<string, string>>;
    timeoutMs: number;
    signal: AbortSignal;
  },
): Promise<ProbeResult> {
  const argv = words.map((parts) =>
    parts.map((part) => "text" in part ? part.text : restored).join("")
  );
  const { end, code, stdout, stderr } = await runReader(argv, { cwd, env, timeoutMs, signal });
  const said = new TextDecoder().decode(stdout).trim();
  return {
    argv,
    ok: end === "exited" && code === 0,
    end,
    exit_code: code,
    stdout: said.slice(-KEPT),
    stderr,
  };
}
