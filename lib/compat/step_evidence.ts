import { z } from "zod";
import type { Inputs } from "../command/inputs.ts";
import type { EvidenceState } from "../report/evidence.ts";
import { valueAt } from "../text/json_pointer.ts";
import type { PlannedStep } from "./migration_plan.ts";

/** A step of the plan with what the evidence says about it. */
export interface PlanStep extends Omit<PlannedStep, "proof"> {
  /** From 1. */
  order: number;
  /** Where the proof of it lies. */
  evidence_pattern: string;
  evidence_state: EvidenceState;
  /** The file that proves it; null where none does. */
  evidence_path: string | null;
}

/** What makes evidence count. */
export interface StepEvidenceTerms {
  nowS: number;
  maxAgeS: number;
  commit: string;
  stable: { version: string; percent: number } | undefined;
  channelsFile: string;
}

type Proof = Pick<PlanStep, "evidence_pattern" | "evidence_state" | "evidence_path">;

async function proofOf(
  { proof }: PlannedStep,
  inputs: Inputs,
  terms: StepEvidenceTerms,
): Promise<Proof> {
  if (proof.by === "stable_channel") {
    const done = terms.stable?.version === proof.version && terms.stable.percent === 100;
    return {
      evidence_pattern: terms.channelsFile,
      evidence_state: done ? "valid" : "missing",
      evidence_path: done ? terms.channelsFile : null,
    };
  }
  const { kind, about } = proof;
  const found = await inputs.evidence({
    kind,
    schema: z.looseObject({}),
    nowS: terms.nowS,
    maxAgeS: terms.maxAgeS,
    demandClean: true,
    ...(terms.commit === "" ? {} : { commit: terms.commit }),
  });
  const foreign = about !== undefined && valueAt(found.value, about.pointer) !== about.value;
  const state = found.state === "valid" && foreign ? "foreign" : found.state;
  return {
    evidence_pattern: `.data/out/${kind}_*.json`,
    evidence_state: state,
    evidence_path: found.path ?? null,
  };
}

/** Looks up for each step whether real, recent, passing evidence says it is done. */
export async function withEvidence(
  steps: readonly PlannedStep[],
  inputs: Inputs,
  terms: StepEvidenceTerms,
): Promise<PlanStep[]> {
  const plan: PlanStep[] = [];
  for (const [at, step] of steps.entries()) {
    const { proof: _proof, ...words } = step;
    plan.push({ order: at + 1, ...words, ...await proofOf(step, inputs, terms) });
  }
  return plan;
}
