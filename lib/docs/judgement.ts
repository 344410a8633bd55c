import type { Reference, Rule } from "./reference.ts";

/** What is known about a claim before its place is added. */
export type Judgement = Omit<Reference, "raw" | "line" | "column">;

/** A claim that does not hold. */
export function failed(
  kind: Reference["kind"],
  rule: Rule,
  message: string,
  suggestion?: string,
): Judgement {
  return {
    kind,
    status: "failed",
    rule,
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
