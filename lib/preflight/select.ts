import { IoError } from "../command/errors.ts";
import { describeFault } from "../policy/load.ts";
import { PreflightWaivers } from "../policy/preflight_waivers.ts";
import type { Selection, Waiver } from "./plan.ts";
import type { PreflightRun } from "./preflight.ts";
import type { Step } from "./registry.ts";
import { skippedSteps } from "./selection_flags.ts";

/** What the flags select, and the waivers that are in writing. */
export async function selectionOf(
  steps: readonly Step[],
  { flags, strict, inputs }: PreflightRun,
): Promise<{ selection: Selection; waivers: Waiver[] }> {
  const loaded = await inputs.json("security/preflight_waivers.json", PreflightWaivers);
  if (loaded.state !== "ok" && loaded.state !== "missing") {
    const [fault] = loaded.faults;
    throw new IoError(
      `Cannot read the waivers: ${
        describeFault(loaded.path, fault ?? { pointer: "", message: loaded.state })
      }`,
      "mend the file; without it no mandatory step can be left out",
    );
  }
  return {
    selection: {
      quick: flags.quick,
      strict,
      only: flags.only,
      from: flags.from,
      until: flags.until,
      skip: skippedSteps(steps, flags, flags.skip),
    },
    waivers: loaded.state === "ok" ? loaded.value.waivers : [],
  };
}
