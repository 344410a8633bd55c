import type { CommandUse } from "../docs/command_place.ts";
import type { GatheredFacts } from "../docs/gather_facts.ts";
import { expandBraces, globMatches } from "../docs/glob.ts";
import { judgeDocument } from "../docs/judge_document.ts";
import type { PlacedReference } from "../docs/reality_rows.ts";
import type { Inputs } from "../command/inputs.ts";

/** A documented command with its document. */
export type PlacedCommand = CommandUse & { doc: string };

/** Everything that was found out, before it is judged. */
export interface Survey {
  docs: string[];
  references: PlacedReference[];
  commands: PlacedCommand[];
  unreadable: { doc: string; message: string }[];
  limited: { doc: string; line: number; reason: string }[];
}

/** Reads and compares every document that matches one of the globs. */
export async function survey(
  inputs: Inputs,
  gathered: GatheredFacts,
  globs: readonly string[],
): Promise<Survey> {
  const patterns = globs.flatMap(expandBraces);
  const docs = [...gathered.facts.repository.files].filter((file) =>
    patterns.some((pattern) => globMatches(pattern, file))
  );
  const found: Survey = { docs, references: [], commands: [], unreadable: [], limited: [] };
  for (const doc of docs) {
    const file = await inputs.text(doc);
    const index = file.state === "ok" ? gathered.documents.index(doc) : undefined;
    if (index === undefined) {
      const message = file.state === "ok" ? "is too large" : file.message;
      found.unreadable.push({ doc, message });
      continue;
    }
    const judged = judgeDocument(doc, index, gathered.facts);
    found.references.push(...judged.references.map((one) => ({ ...one, doc })));
    found.commands.push(...judged.commands.map((one) => ({ ...one, doc })));
    found.limited.push(...index.limited.map((one) => ({ ...one, doc })));
    gathered.documents.release(doc);
  }
  return found;
}
