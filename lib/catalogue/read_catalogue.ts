/** What the catalogue for people says about one artifact. */
export interface CatalogueSection {
  id: string;
  /** Line of the heading, from 1. */
  line: number;
  /** Code spans after "Artifact glob"; a section has one. */
  globs: string[];
  /** Code spans at the start of the items under "Required fields". */
  fields: string[];
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/;
const ITEM = /^([-*+])[ \t]+(.*)$/;
const NESTED_ITEM = /^(?: {2,5}|\t)[-*+][ \t]+(.*)$/;
const CODE_SPAN = /(`+) ?(.+?) ?\1(?!`)/g;

const codeSpans = (text: string): string[] =>
  [...text.matchAll(CODE_SPAN)].map(([, , code = ""]) => code);

/** Reads one line inside a section; tells whether the lines below it are required fields. */
function readLine(section: CatalogueSection, line: string, listsFields: boolean): boolean {
  const item = ITEM.exec(line)?.[2];
  if (item !== undefined) {
    if (/^artifact glob\b/i.test(item)) section.globs.push(...codeSpans(item));
    return /^required fields\b/i.test(item);
  }
  const nested = NESTED_ITEM.exec(line)?.[1];
  if (nested !== undefined && listsFields) section.fields.push(...codeSpans(nested).slice(0, 1));
  return listsFields;
}

/**
 * Reads the catalogue: a level-2 heading is an artifact's id; in its section the list item
 * "Artifact glob" holds a code span, and each item under "Required fields" begins with one.
 *
 * The form is fixed, so lines are enough: a Markdown parser takes longer for this page than all
 * else the gate does. What stands in fenced code is not read.
 */
export function readCatalogue(markdown: string): CatalogueSection[] {
  const sections: CatalogueSection[] = [];
  let current: CatalogueSection | undefined;
  let fence: string | undefined;
  let listsFields = false;
  for (const [at, line] of markdown.split(/\r\n|\n/).entries()) {
    const marker = FENCE.exec(line)?.[1];
    if (fence !== undefined) {
      if (marker?.startsWith(fence)) fence = undefined;
      continue;
    }
    if (marker !== undefined) {
      fence = marker;
      continue;
    }
    const heading = HEADING.exec(line);
    if (heading === null) {
      if (current !== undefined) listsFields = readLine(current, line, listsFields);
      continue;
    }
    listsFields = false;
    current = undefined;
    if (heading[1] !== "##") continue;
    const id = (heading[2] ?? "").replaceAll("`", "").trim();
    current = { id, line: at + 1, globs: [], fields: [] };
    sections.push(current);
  }
  return sections;
}
