import { decode, judgeAnchor, judgeDetail } from "./judge_path.ts";
import { failed, type Judgement } from "./judgement.ts";
import { isPlaceholder } from "./placeholder.ts";
import type { LabelUse, Link, MarkdownIndex } from "./markdown_index.ts";
import { normalizeLabel } from "./normalize_label.ts";
import type { DocumentPlace, Facts } from "./reference.ts";
import { resolveInside } from "./repository_view.ts";
import { suggest } from "./suggest.ts";

const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/**
 * Judges the target of a link, image, definition or HTML attribute; `undefined` when it points
 * elsewhere (another scheme or host). Relative targets start at the document's folder, a leading
 * `/` means the repository's root.
 */
export function judgeLink(link: Link, doc: DocumentPlace, facts: Facts): Judgement | undefined {
  const { url } = link;
  if (url === "" || ELSEWHERE.test(url)) return undefined;
  const kind = link.kind === "image" ? "image" : "link";
  if (isPlaceholder(url)) return { kind, status: "placeholder" };
  if (url.startsWith("#")) return judgeAnchor(doc.path, url.slice(1), facts);
  const [, written = "", fragment] = /^([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/.exec(url) ?? [];
  const path = decode(written);
  const inside = resolveInside(doc.folder, path);
  if (inside === undefined) {
    return failed(kind, "path_escapes_root", `"${url}" leads out of the repository`);
  }
  const found = facts.repository.lookup(inside);
  if (found.state === "other_case") {
    return failed(kind, "case_mismatch", `"${path}" is written "${found.path}"`, found.path);
  }
  if (found.state === "missing") {
    if (
      facts.generatedPrefixes.some((prefix) => prefix.endsWith("/") && inside.startsWith(prefix))
    ) {
      return { kind, status: "generated" };
    }
    const near = facts.repository.nearest(inside);
    return failed(
      kind,
      "missing_path",
      `"${path}" leads to nothing: "${inside}" does not exist`,
      near,
    );
  }
  if (fragment === undefined || fragment === "") {
    return { kind, status: "found", resolved: found.path };
  }
  const line = /^L(\d+)(?:C\d+)?(?:-L?(\d+)(?:C\d+)?)?$/.exec(fragment);
  if (line !== null) {
    return judgeDetail(
      found.path,
      { from: Number(line[1]), to: Number(line[2] ?? line[1]) },
      facts,
    );
  }
  if (!/\.(?:md|markdown)$/i.test(found.path)) return { kind: "anchor", status: "unverified" };
  return judgeAnchor(found.path, fragment, facts);
}

/**
 * Judges the labels of a document. A `[word]` without a definition is plain text to CommonMark; it
 * is a finding only if some definition stands unused and has nearly its name.
 */
export function judgeLabels(index: MarkdownIndex): { use: LabelUse; judgement: Judgement }[] {
  const used = new Set(index.labelUses.map(({ label }) => normalizeLabel(label)));
  const unused = [...index.definitions.keys()].filter((label) => !used.has(label));
  const footnotes = [...index.definitions.keys()].some((label) => label.startsWith("^"));
  const definitions = [...index.definitions.keys()];
  const guesses = new Map<string, string | undefined>();
  const judged: { use: LabelUse; judgement: Judgement }[] = [];
  for (const use of index.labelUses) {
    const label = normalizeLabel(use.label);
    if (index.definitions.has(label)) {
      judged.push({ use, judgement: { kind: "label", status: "found", resolved: use.label } });
      continue;
    }
    const near = nearLabel(label, use.form === "shortcut" ? unused : definitions, guesses);
    const claimed = use.form === "full" ||
      (use.form === "footnote" ? footnotes : near !== undefined);
    if (!claimed || !/\w/u.test(use.label) && use.form !== "full") continue;
    judged.push({
      use,
      judgement: failed(
        "label",
        "undefined_reference",
        `"${use.label}" is not defined`,
        near?.toLowerCase(),
      ),
    });
  }
  return judged;
}

/** The defined label that was most likely meant; hostile documents get no more than 500 answers. */
function nearLabel(
  label: string,
  defined: readonly string[],
  guesses: Map<string, string | undefined>,
): string | undefined {
  if (!guesses.has(label) && guesses.size < 500 && defined.length <= 2_000) {
    guesses.set(label, suggest(label, defined));
  }
  return guesses.get(label);
}
