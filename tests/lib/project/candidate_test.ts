import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { CANDIDATE_ID, candidateId } from "../../../lib/project/candidate.ts";
import type { GitFacts } from "../../../lib/project/git.ts";

const CLEAN: GitFacts = {
  available: true,
  commit: "abcdef1234567890",
  branch: "main",
  dirty: false,
};
const NONE: GitFacts = { available: false, commit: "", branch: "", dirty: null };

const CASES: [what: string, given: Partial<Parameters<typeof candidateId>[0]>, id: string][] = [
  ["version and commit", {}, "rc-1.2.3-abcdef123456"],
  ["an explicit id, which wins", { explicit: "rc-mine" }, "rc-mine"],
  ["an empty explicit id, which does not", { explicit: "" }, "rc-1.2.3-abcdef123456"],
  ["a modified tree", { git: { ...CLEAN, dirty: true } }, "rc-1.2.3-abcdef123456-dirty"],
  ["a tree nobody could judge", { git: { ...CLEAN, dirty: null } }, "rc-1.2.3-abcdef123456-dirty"],
  ["no commit", { git: NONE, nowS: 1767225600.9 }, "rc-1.2.3-1767225600"],
  ["no version", { version: "" }, "rc-unknown-abcdef123456"],
];

for (const [what, given, id] of CASES) {
  Deno.test(`candidateId() makes ${id} of ${what}`, () => {
    const defaults = { explicit: undefined, version: "1.2.3", git: CLEAN, nowS: 0 };
    const made = candidateId({ ...defaults, ...given });
    assertEquals(made, id);
    assertMatch(made, CANDIDATE_ID);
  });
}

Deno.test("CANDIDATE_ID takes nothing that leads out of a folder or hides", () => {
  for (const id of ["../x", "a/b", ".x", "-x", "", "a b", "a\nb", "x".repeat(129)]) {
    assertFalse(CANDIDATE_ID.test(id), id);
  }
});
