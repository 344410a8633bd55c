import { expandBraces, isGlob } from "./glob.ts";
import { judgeArtifact } from "./judge_name.ts";
import { failed, type Judgement } from "./judgement.ts";
import { isPlaceholder, isStandIn } from "./placeholder.ts";
import type { DocumentPlace, Facts } from "./reference.ts";
import { type Lookup, resolveInside } from "./repository_view.ts";
import { suggest } from "./suggest.ts";

/** `span`: alone in a code span. `prose`: among other words, so it must look like a file. */
export type Strength = "span" | "prose";

/** Longer tokens are data, not paths; no file system takes more in one name twice over. */
const LONGEST_TOKEN = 400;

const EXTENSION = /\.[A-Za-z][A-Za-z0-9]{0,9}$/;
/** URLs and other schemes, packages, home, options, variables, e-mail, versions and ratios. */
const NOT_A_PATH =
  /^(?:[a-z][a-z0-9+.-]*:(?!:|\d|[\\/]?$)|@|~|-|\$|%|#|=|\\\\|[\d.,/%×x-]+$)|^[^/]*@|[\s|"'`=^;!]|\/\/|\)\(/i;

interface Target {
  path: string;
  anchor?: string;
  from?: number;
  to?: number;
}

/** Takes `:12`, `:12-20`, `::test`, `#L10-L20`, `#anchor` and `?plain=1` off a path. */
function splitTarget(token: string): Target {
  const [, path = token, suffix = ""] = /^([^#?]*?)(::.*|:\d+(?:[:-]\d+)*|[#?].*)?$/.exec(token) ??
    [];
  const line = /^(?::(\d+)(?:[-](\d+))?|.*#L(\d+)(?:C\d+)?(?:-L?(\d+)(?:C\d+)?)?$)/.exec(suffix);
  const target: Target = { path };
  if (line !== null) {
    target.from = Number(line[1] ?? line[3]);
    target.to = Number(line[2] ?? line[4] ?? target.from);
  } else if (suffix.includes("#")) target.anchor = suffix.slice(suffix.indexOf("#") + 1);
  return target;
}

/**
 * Judges a token that may be a path of this repository; `undefined` when it claims no such thing.
 *
 * A token is a claim when its first segment is a configured prefix or a top-level name, or is one
 * but for case or a slip of the pen that leads to a real file.
 */
export function judgePathToken(
  token: string,
  strength: Strength,
  doc: DocumentPlace,
  facts: Facts,
): Judgement | undefined {
  if (token.length > LONGEST_TOKEN) return undefined;
  const plain = normalizeToken(token);
  if (plain === "" || NOT_A_PATH.test(plain)) return undefined;
  if (!plain.includes("/")) return judgeBareName(plain, strength, facts);
  if (strength === "prose" && !EXTENSION.test(splitTarget(plain).path) && !isGlob(plain)) {
    return undefined;
  }
  const claimed = claimOf(plain, doc, facts);
  if (claimed === undefined) return undefined;
  if (isPlaceholder(plain)) return { kind: "path", status: "placeholder" };
  if (claimed === "outside") {
    return failed("path", "path_escapes_root", `"${plain}" lies outside the repository`);
  }
  const judgement = judgeClaim(plain, doc, facts);
  return judgement.status === "failed" && isStandIn(plain)
    ? { kind: "path", status: "placeholder" }
    : judgement;
}

function normalizeToken(token: string): string {
  let plain = token.trim().replace(/^["'(\[]+|["')\],.;:!?]+$/g, "");
  if (/\[[^\]]*$/.test(plain) && token.includes("]")) plain += "]";
  if (!plain.includes("/") && /^\.?\\?[\w.-]+\\[\w.\\*-]+$/.test(plain)) {
    plain = plain.replaceAll("\\", "/");
  }
  return plain.replace(/^(?:\.\/)+/, "");
}

/** Whether the token speaks of this repository; `outside` when it climbs out of it. */
function claimOf(
  plain: string,
  doc: DocumentPlace,
  facts: Facts,
): "inside" | "outside" | undefined {
  const { repository } = facts;
  const rooted = plain.startsWith("/") ? plain.slice(1) : plain;
  const prefixed = [...facts.pathPrefixes, ...facts.generatedPrefixes].some((prefix) =>
    rooted.startsWith(prefix) || prefix.replace(/\/$/, "") === rooted.replace(/\/$/, "")
  );
  const first = rooted.slice(0, rooted.indexOf("/"));
  const top = repository.folders.has(first) && first !== "";
  if (plain.startsWith("/") && !(top && EXTENSION.test(plain))) return undefined;
  if (plain.startsWith("../")) {
    const inside = resolveInside(doc.folder, plain);
    return inside !== undefined && repository.folders.has(inside.split("/")[0] ?? "")
      ? "inside"
      : undefined;
  }
  if (prefixed || top) return resolveInside("", rooted) === undefined ? "outside" : "inside";
  if (doc.folder !== "" && repository.folders.has(`${doc.folder}/${first}`)) return "inside";
  return nearFirst(rooted, first, facts) === undefined ? undefined : "inside";
}

/** The path with its first segment corrected, if that leads to something tracked. */
function nearFirst(path: string, first: string, { repository }: Facts): string | undefined {
  if (first.length < 3) return undefined;
  const near = repository.derived(`top ${first}`, () => {
    const tops = [...repository.folders].filter((folder) => folder !== "" && !folder.includes("/"));
    return suggest(first, tops, { maxRatio: first.length < 5 ? 0 : 0.34 });
  });
  if (near === undefined || near.length < 3) return undefined;
  const corrected = near + splitTarget(path).path.slice(first.length);
  return repository.lookup(corrected).state === "missing" ? undefined : corrected;
}

function judgeClaim(plain: string, doc: DocumentPlace, facts: Facts): Judgement {
  const target = splitTarget(plain);
  const alternatives = expandBraces(target.path);
  const judged = alternatives.map((path) => judgeOne({ ...target, path }, doc, facts));
  const bad = judged.find((judgement) => judgement.status === "failed");
  if (bad === undefined) return judged[0] ?? { kind: "path", status: "unverified" };
  const template = alternatives.length > 1 &&
    judged.every((judgement) => judgement.status === "failed");
  return template ? { kind: "glob", status: "placeholder" } : bad;
}

/** Root-relative readings of a path, the likeliest first. */
function readings(path: string, doc: DocumentPlace): string[] {
  const local = resolveInside(doc.folder, path);
  const rooted = path.startsWith("../") ? undefined : resolveInside("", path);
  return [rooted, local].filter((reading) => reading !== undefined);
}

function judgeOne(target: Target, doc: DocumentPlace, facts: Facts): Judgement {
  const { repository } = facts;
  const paths = readings(target.path, doc);
  const main = paths[0] ?? target.path;
  if (facts.generatedPrefixes.includes(main)) return { kind: "path", status: "generated" };
  if (facts.generatedPrefixes.some((prefix) => main.startsWith(prefix) || `${main}/` === prefix)) {
    return judgeGenerated(main, facts);
  }
  if (isGlob(target.path)) return judgeGlob(paths, facts);
  let other: Lookup & { state: "other_case" } | undefined;
  for (const path of paths) {
    const found = repository.lookup(path);
    if (found.state === "file" || found.state === "folder") {
      return judgeDetail(found.path, target, facts);
    }
    if (found.state === "other_case") other ??= found;
  }
  if (other !== undefined) {
    return failed("path", "case_mismatch", `"${main}" is written "${other.path}"`, other.path);
  }
  const stem = !EXTENSION.test(main) && repository.firstMatch(`${main}.*`);
  if (stem) return { kind: "path", status: "found", resolved: stem };
  const near = nearFirst(main, main.split("/")[0] ?? "", facts) ?? repository.nearest(main);
  return failed("path", "missing_path", `"${main}" does not exist`, near);
}

function judgeGenerated(path: string, facts: Facts): Judgement {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const artifact = name.includes(".") ? judgeArtifact(name, facts) : undefined;
  return artifact ?? { kind: "artifact", status: "generated" };
}

function judgeGlob(paths: string[], facts: Facts): Judgement {
  for (const path of paths) {
    const match = facts.repository.firstMatch(path);
    if (match !== undefined) return { kind: "glob", status: "found", resolved: match };
  }
  return failed("glob", "glob_without_match", `"${paths[0]}" matches no tracked file`);
}

/** Checks the line range or anchor that follows an existing path. */
export function judgeDetail(path: string, target: Omit<Target, "path">, facts: Facts): Judgement {
  const { from, to, anchor } = target;
  if (from !== undefined && to !== undefined) {
    const text = facts.repository.text(path);
    const lines = text === undefined ? Infinity : text.replace(/\n$/, "").split("\n").length;
    if (from < 1 || to < from || to > lines) {
      return failed(
        "path",
        "line_out_of_range",
        `"${path}" has ${lines} lines, not ${to < from ? from : to}`,
      );
    }
  }
  if (anchor !== undefined && anchor !== "" && /\.(?:md|markdown)$/i.test(path)) {
    return judgeAnchor(path, anchor, facts);
  }
  return { kind: "path", status: "found", resolved: path };
}

/** Checks a fragment against the headings and ids of a Markdown file. */
export function judgeAnchor(path: string, fragment: string, facts: Facts): Judgement {
  const anchors = facts.anchorsOf(path);
  if (anchors === undefined) return { kind: "anchor", status: "unverified", resolved: path };
  const wanted = decode(fragment).replace(/^user-content-/, "");
  const lines = /^L\d/.test(wanted);
  if (anchors.has(wanted) || wanted === "top" || wanted.startsWith(":~:")) {
    return { kind: "anchor", status: "found", resolved: `${path}#${wanted}` };
  }
  if (lines) {
    const { from, to } = splitTarget(`${path}#${wanted}`);
    return judgeDetail(path, {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    }, facts);
  }
  const near = suggest(wanted, anchors, { maxRatio: 0.4 });
  return failed(
    "anchor",
    "missing_anchor",
    `"${path}" has no heading or id "#${wanted}"`,
    near === undefined ? undefined : `#${near}`,
  );
}

/** Percent-decodes; text that is not valid percent-encoding stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone "%" is legal in a file name
  }
}

/**
 * A name without a folder is a claim only if it is nearly the name of a tracked file: `readme.md`
 * beside `README.md`, `import_mpa.json` beside `import_map.json`.
 */
function judgeBareName(name: string, strength: Strength, facts: Facts): Judgement | undefined {
  const { path, ...detail } = splitTarget(name);
  const artifact = /[*_]/.test(path) ? judgeArtifact(path, facts) : undefined;
  if (artifact !== undefined) return artifact;
  if (!/^[\w.-]+\.[A-Za-z0-9]{1,10}$/.test(path)) return undefined;
  const [first] = facts.repository.named(path);
  const rooted = facts.repository.lookup(path);
  if (rooted.state === "file") return judgeDetail(path, detail, facts);
  if (first !== undefined) return { kind: "path", status: "found", resolved: first };
  if (rooted.state === "other_case") {
    return failed("path", "case_mismatch", `"${path}" is written "${rooted.path}"`, rooted.path);
  }
  if (strength === "prose" || path.length < 8 || isStandIn(path)) return undefined;
  const near = nearName(path, facts);
  if (near === undefined) return undefined;
  return failed(
    "path",
    "missing_path",
    `no file is named "${path}"`,
    facts.repository.named(near)[0],
  );
}

/** The tracked name of the same extension that differs by a slip, numbers aside. */
function nearName(name: string, { repository }: Facts): string | undefined {
  return repository.derived(`name ${name}`, () => {
    const extension = name.slice(name.lastIndexOf("."));
    const alike = [...repository.names].filter((known) =>
      known.endsWith(extension) && known[0] === name[0] &&
      known.replaceAll(/\d+/g, "") !== name.replaceAll(/\d+/g, "")
    );
    return suggest(name, alike, { maxRatio: 0.2 });
  });
}
