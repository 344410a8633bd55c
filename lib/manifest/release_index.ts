import { join } from "@std/path/join";
import { z } from "zod";
import { IoError } from "../command/errors.ts";
import { describeFault, loadJson } from "../policy/load.ts";
import { lockPathFor, withLock } from "../store/lock.ts";
import { writeAtomic } from "../store/write_atomic.ts";

const Revision = z.object({
  revision: z.int().min(1),
  manifest_path: z.string(),
  manifest_sha256: z.string().describe("Over the manifest's content, as the manifest states it"),
  evidence_sha256: z.string(),
  previous_manifest_sha256: z.string().nullable(),
  reason: z.string().describe("Why the earlier revision no longer stands; empty for the first"),
  run_id: z.string(),
  sealed_at: z.number(),
});

/** `.data/releases/<candidate>.json`: every manifest ever sealed for a candidate, oldest first. */
export const ReleaseIndex = z.looseObject({
  version: z.literal(1),
  release_candidate_id: z.string(),
  revisions: z.array(Revision).min(1).refine(
    (rows) =>
      rows.every((row, at) =>
        row.revision === at + 1 &&
        row.previous_manifest_sha256 === (rows[at - 1]?.manifest_sha256 ?? null)
      ),
    { error: "each revision must name the one before it" },
  ),
});
export type ReleaseIndex = z.output<typeof ReleaseIndex>;
export type ReleaseRevision = z.output<typeof Revision>;

/** Folder of the indexes, relative to root. */
export const RELEASES_DIR = ".data/releases";

/** The index of a candidate; undefined when nothing was sealed for it yet. */
export async function readIndex(
  root: string,
  candidate: string,
): Promise<ReleaseIndex | undefined> {
  const shown = `${RELEASES_DIR}/${candidate}.json`;
  const loaded = await loadJson(join(root, shown), ReleaseIndex, { shown });
  if (loaded.state === "ok") return loaded.value;
  if (loaded.state === "missing") return undefined;
  const [fault] = loaded.faults;
  throw new IoError(
    `Cannot read the release index: ${
      describeFault(shown, fault ?? { pointer: "", message: loaded.state })
    }`,
    "restore it from a backup; it is the record of what was sealed, and was left as it is",
  );
}

/** Why a manifest may not be sealed, or the revision it would be. */
export type SealDecision =
  | { seal: true; revision: number; previous: string | null }
  | { seal: false; already: ReleaseRevision }
  | { seal: "refused"; last: ReleaseRevision };

/**
 * The rule of immutability: for a candidate the same content may be sealed again, different content
 * only as a further revision with a reason.
 */
export function decideSeal(
  index: ReleaseIndex | undefined,
  manifestSha256: string,
  reason: string,
): SealDecision {
  const last = index?.revisions.at(-1);
  if (last === undefined) return { seal: true, revision: 1, previous: null };
  if (last.manifest_sha256 === manifestSha256) return { seal: false, already: last };
  if (reason === "") return { seal: "refused", last };
  return { seal: true, revision: last.revision + 1, previous: last.manifest_sha256 };
}

/** Appends a revision under the index's lock; the decision is made again there. */
export async function sealRevision(
  root: string,
  candidate: string,
  row: Omit<ReleaseRevision, "revision" | "previous_manifest_sha256">,
): Promise<SealDecision> {
  const path = join(root, RELEASES_DIR, `${candidate}.json`);
  await Deno.mkdir(join(root, RELEASES_DIR), { recursive: true });
  const lock = { waitMs: 10_000, purpose: "sealing a release manifest" };
  return await withLock(lockPathFor(root, path), lock, async () => {
    const index = await readIndex(root, candidate);
    const decision = decideSeal(index, row.manifest_sha256, row.reason);
    if (decision.seal !== true) return decision;
    const revision = {
      ...row,
      revision: decision.revision,
      previous_manifest_sha256: decision.previous,
    };
    const revisions = [...index?.revisions ?? [], revision];
    const next = { version: 1, release_candidate_id: candidate, ...index, revisions };
    await writeAtomic(path, JSON.stringify(next, null, 2) + "\n");
    return decision;
  });
}
