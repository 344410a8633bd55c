/** A false statement put into a document, and where. */
export interface Lie {
  kind: string;
  text: string;
  /** 1-based line that must be blamed. */
  line: number;
  before: string;
  after: string;
}

/** Deterministic numbers in [0, 1) (mulberry32), so a failure can be repeated from its seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Finds a claim on a line by its looks alone; group 1 is the part to falsify. */
interface Claim {
  kind: string;
  pattern: RegExp;
  change(part: string, random: () => number): string;
}

const LETTERS = "qzxwvkj";

/** One slip of the pen at a place: letters added, lost, doubled or exchanged, an ending grown. */
function slip(part: string, at: number, random: () => number): string {
  const letter = (): string => LETTERS[Math.floor(random() * LETTERS.length)] ?? "q";
  const [before, c, d, after] = [
    part.slice(0, at),
    part[at] ?? "",
    part[at + 1] ?? "",
    part.slice(at + 2),
  ];
  const slips = [
    before + letter() + letter() + c + d + after,
    before + d + after,
    before + c + c + d + after,
    before + d + c + after,
    before + c + letter() + after,
  ];
  return slips[Math.floor(random() * slips.length)] ?? part;
}

/** A slip inside the last name of a path, never one that leaves it as it was. */
function misspell(part: string, random: () => number): string {
  const stem = /[A-Za-z0-9_-]+$/.exec(part.replace(/(?:\.[A-Za-z0-9]+)+$/, ""));
  const start = stem?.index ?? 0;
  const length = stem?.[0].length ?? part.length;
  for (let attempt = 0; attempt < 20; attempt++) {
    const at = start + (length > 2 ? 1 + Math.floor(random() * (length - 2)) : 0);
    const made = slip(part, at, random);
    if (made.toLowerCase() !== part.toLowerCase()) return made;
  }
  return part + "qz";
}

function otherCase(part: string, random: () => number): string {
  const places = [...part].flatMap((c, i) => /[a-z]/i.test(c) ? [i] : []);
  const at = places[Math.floor(random() * places.length)] ?? 0;
  const c = part[at] ?? "";
  return part.slice(0, at) + (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()) +
    part.slice(at + 1);
}

const upper = (change: Claim["change"]): Claim["change"] => (part, random) =>
  change(part, random).toUpperCase();

const PATH = String
  .raw`(?:docs|scripts|security|lib|tests|bench|src|tools|\.github)/[\w./-]*[\w-]+\.(?:ts|md|json|yml|py|sh|mjs|svg|ps1)`;

/** Every way a document can be made to lie, by what is changed. */
const CLAIMS: Claim[] = [
  { kind: "path in code span", pattern: new RegExp("`(" + PATH + ")`", "g"), change: misspell },
  { kind: "wrong case", pattern: new RegExp("`(" + PATH + ")`", "g"), change: otherCase },
  {
    kind: "extension",
    pattern: new RegExp("`(" + PATH + ")`", "g"),
    change: (part) => part.replace(/\.(\w+)$/, (_, end) => end === "ts" ? ".mjs" : ".toml"),
  },
  {
    kind: "folder",
    pattern: new RegExp("`(" + PATH + ")`", "g"),
    change: (part) => part.replace("/", "/qz/"),
  },
  { kind: "workflow path", pattern: /`(\.github\/workflows\/[\w-]+\.yml)`/g, change: misspell },
  {
    kind: "link target",
    pattern: /(?<!!)\[[^\]]*\]\((?!https?:|#|mailto:)([^)#\s]+)(?=[)#])/g,
    change: misspell,
  },
  { kind: "image", pattern: /!\[[^\]]*\]\((?!https?:)([^)#\s]+)(?=\))/g, change: misspell },
  { kind: "anchor", pattern: /\]\((?!https?:)[^)#\s]*#((?!L\d)[\w-]+)(?=\))/g, change: misspell },
  { kind: "reference label", pattern: /\]\[([A-Za-z][\w -]*)\]/g, change: misspell },
  { kind: "definition target", pattern: /^\[[^\]]+\]:\s*(?!https?:)([^\s#]+)/g, change: misspell },
  { kind: "deno task", pattern: /\bdeno task ([a-z][\w:-]*)/g, change: misspell },
  { kind: "npm script", pattern: /\bnpm run ([a-z][\w:-]*)/g, change: misspell },
  { kind: "make target", pattern: /(?<=`|^\s*|&& )make ([a-z][\w-]*)(?=`|$)/g, change: misspell },
  {
    kind: "script of a command",
    pattern: new RegExp(
      String.raw`(?:python3?|node|bash|deno run(?: --?[\w=./,*-]+)*) (` + PATH + ")",
      "g",
    ),
    change: misspell,
  },
  {
    kind: "flag of a script",
    pattern:
      /(?:deno task [a-z][\w:-]*|deno run[^`\n]*? scripts\/\w+\.ts|scripts\/\w+\.(?:py|sh|ts))(?: [\w-]+)?(?: --[a-z][\w-]*(?:[ =][\w./:-]+)?)* (--[a-z][\w-]+)/g,
    change: misspell,
  },
  { kind: "deno flag", pattern: /\bdeno run (--[a-z][\w-]+)(?=[ =])/g, change: misspell },
  { kind: "variable", pattern: /\b(WA_[A-Z0-9_]*[A-Z0-9])(?![\w*<])/g, change: upper(misspell) },
  { kind: "artifact", pattern: /(?<=[`/])([a-z][a-z_]+)_\*\.(?:json|md)/g, change: misspell },
  {
    kind: "line range",
    pattern: new RegExp(PATH + String.raw`(?:#L|:)(\d+)`, "g"),
    change: (part) => part + "99999",
  },
  {
    kind: "glob",
    pattern:
      /`((?:docs|scripts|security|tests|lib)\/(?:[\w-]+\/)*[\w-]*\*[\w-]*\.(?:ts|md|json))`/g,
    change: (part) => part.replace("*", "qz*zq"),
  },
];

/** False sentences in every setting; `%` is a random name. */
const INSERTIONS: [kind: string, lines: string[], line: number][] = [
  ["path in a paragraph", ["See `docs/%.md` for more."], 0],
  ["path in a list", ["- first", "- then `scripts/%.ts`"], 1],
  ["path in a heading", ["### About `security/%.json`"], 0],
  ["path in a quote", ["> as `docs/%.md` says"], 0],
  ["path in a table", ["| a | b |", "| --- | --- |", "| x | `scripts/%.ts` |"], 2],
  ["link in a list", ["1. [more](%.md)"], 0],
  ["image", ["![chart](img/%.svg)"], 0],
  ["bare path", ["The file docs/%.md tells more."], 0],
  ["inline command", ["Run `deno run --allow-read scripts/%.ts --strict`."], 0],
  ["inline python", ["Run `python scripts/%.py`."], 0],
  ["fenced command", ["```sh", "deno task %", "```"], 1],
  ["console command", ["```console", "$ deno task %", "ok", "```"], 1],
  ["command after &&", ["```sh", "echo x && deno task % | tee y", "```"], 1],
  ["PowerShell", ["```powershell", "deno run scripts\\%.ts", "```"], 1],
  ["own anchor", ["[up](#%)"], 0],
  ["label", ["See [that][%]."], 0],
  ["workflow", ["- `.github/workflows/%.yml`"], 0],
];

/** Lines inside fences, comments and front matter, where a sentence cannot be put. */
function freeLines(lines: string[]): number[] {
  let fence: string | undefined;
  let comment = false;
  return lines.flatMap((line, i) => {
    const run = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      if (run?.startsWith(fence) && line.trim() === run) fence = undefined;
      return [];
    }
    if (run !== undefined) fence = run;
    if (line.includes("<!--")) comment = !line.includes("-->");
    else if (comment && line.includes("-->")) comment = false;
    return fence === undefined && !comment && line === "" && lines[i + 1] !== undefined &&
        !/^\s/.test(lines[i + 1] ?? "")
      ? [i]
      : [];
  });
}

/** Lines of regions that are marked as not to be judged. */
function markedLines(lines: string[]): Set<number> {
  const marked = new Set<number>();
  let off = false;
  for (const [i, line] of lines.entries()) {
    if (/<!-- docs-reality: off/.test(line)) off = true;
    if (off) marked.add(i);
    if (/<!-- docs-reality: on/.test(line)) off = false;
  }
  return marked;
}

/** All places of a document where a claim of some kind can be falsified. */
function places(text: string): { claim: Claim; line: number; start: number; part: string }[] {
  const found: { claim: Claim; line: number; start: number; part: string }[] = [];
  let skip = false;
  const marked = markedLines(text.split("\n"));
  for (const [i, line] of text.split("\n").entries()) {
    if (marked.has(i)) continue;
    if (/^#{1,6} (?:change ?log|history)/i.test(line)) skip = true;
    else if (/^# /.test(line)) skip = false;
    if (skip || /<!--|\.\.\.|<[a-z]+>/.test(line)) continue;
    for (const claim of CLAIMS) {
      for (const match of line.matchAll(claim.pattern)) {
        const part = match[1] ?? "";
        found.push({ claim, line: i + 1, start: match.index + match[0].lastIndexOf(part), part });
      }
    }
  }
  return found;
}

/** Falsifies what a document says, `count` times over, each time from the original text. */
export function seedLies(text: string, count: number, random: () => number): Lie[] {
  const lines = text.split("\n");
  const claims = places(text);
  const kinds = [...new Set(claims.map(({ claim }) => claim.kind))];
  const marked = markedLines(lines);
  const free = freeLines(lines).filter((line) => !marked.has(line));
  return Array.from({ length: count }, (_, i): Lie => {
    const edits = claims.length > 0 && (free.length === 0 || i % 3 !== 0);
    const kind = kinds[Math.floor(random() * kinds.length)];
    const pool = claims.filter(({ claim }) => claim.kind === kind);
    const place = edits ? pool[Math.floor(random() * pool.length)] : undefined;
    return place === undefined ? insertLie(lines, free, random) : editLie(lines, place, random);
  });
}

function editLie(
  lines: string[],
  { claim, line, start, part }: ReturnType<typeof places>[number],
  random: () => number,
): Lie {
  const before = lines[line - 1] ?? "";
  const after = before.slice(0, start) + claim.change(part, random) +
    before.slice(start + part.length);
  const text = [...lines.slice(0, line - 1), after, ...lines.slice(line)].join("\n");
  return { kind: claim.kind, text, line, before, after };
}

function insertLie(lines: string[], free: number[], random: () => number): Lie {
  const [kind, template, at] = INSERTIONS[Math.floor(random() * INSERTIONS.length)] ??
    INSERTIONS[0]!;
  const name = Array.from({ length: 9 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join(
    "",
  );
  const index = free[Math.floor(random() * free.length)] ?? lines.length;
  const inserted = ["", ...template.map((line) => line.replaceAll("%", name)), ""];
  const text = [...lines.slice(0, index), ...inserted, ...lines.slice(index)].join("\n");
  return {
    kind: `new ${kind}`,
    text,
    line: index + 2 + at,
    before: "",
    after: inserted.slice(1, -1).join("\n"),
  };
}
