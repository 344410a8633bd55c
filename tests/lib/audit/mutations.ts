/**
 * Ways to tamper with an audit log, each with what a verifier has to say about it.
 *
 * @module
 */
import { entryHash } from "../../../lib/audit/entry.ts";
import type { FaultKind } from "../../../lib/audit/fault.ts";
import { concat } from "../../../lib/audit/keys.ts";
import type { KnownRoot } from "../../../lib/audit/verify.ts";
import type { StateFile } from "../../../lib/audit/state.ts";
import { canonicalJson } from "../../../lib/store/canonical.ts";
import { joinLines, type SampleLog, sampleLog, sampleRecord } from "./sample_log.ts";

/** A log as it is found afterwards. */
export interface Tampered {
  log: Uint8Array<ArrayBuffer>;
  stateFile: StateFile;
  checkpoints?: KnownRoot[];
  leaves?: Uint8Array;
  /** The kinds that name it rightly. */
  kinds: FaultKind[];
  /** The first entry that is not as it was written; `null` if all are. */
  entry: number | null;
}

/** One way to tamper; `pick(n)` gives a whole number from 0 up to, not including, `n`. */
export interface Mutation {
  name: string;
  /** Fewest entries the log must have. */
  from: number;
  apply(log: SampleLog, pick: (n: number) => number): Tampered;
}

type Json = Record<string, unknown>;
type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decode = (line: Bytes): string => new TextDecoder().decode(line);
const parse = (line: Bytes): Json => JSON.parse(decode(line));

/** The line of an entry as it is, its hash not recomputed. */
const print = (entry: Json): Bytes => encoder.encode(canonicalJson(entry));
/** The line of an entry with the hash it has now. */
const rehash = (entry: Json): Bytes => print({ ...entry, entry_hash: entryHash(entry) });

const ok = (log: SampleLog): StateFile => ({ status: "ok", state: log.state });

function tampered(
  log: SampleLog,
  lines: Bytes[],
  kinds: FaultKind[],
  entry: number,
  more: Partial<Tampered> = {},
): Tampered {
  return { log: joinLines(lines), stateFile: ok(log), kinds, entry, ...more };
}

/** Replaces one line, chosen at random. */
function onLine(
  name: string,
  kinds: FaultKind[],
  change: (line: Bytes, pick: (n: number) => number, seq: number) => Bytes,
  from = 1,
): Mutation {
  return {
    name,
    from,
    apply(log, pick) {
      const k = from - 1 + pick(log.lines.length - from + 1);
      const lines = log.lines.with(k, change(log.lines[k]!, pick, k + 1));
      return tampered(log, lines, kinds, k + 1);
    },
  };
}

function withText(change: (text: string) => string): (line: Bytes) => Bytes {
  return (line) => encoder.encode(change(decode(line)));
}

/** Another hexadecimal digit at a random place. */
function otherDigit(hash: string, pick: (n: number) => number): string {
  const at = pick(64);
  const digit = (parseInt(hash[at]!, 16) + 1 + pick(15)) % 16;
  return hash.slice(0, at) + digit.toString(16) + hash.slice(at + 1);
}

const edited = (entry: Json): Json => ({ ...entry, status: `${entry["status"]}!` });

const CONTENT: Mutation[] = [
  onLine("a text is changed", ["edited"], (line) => print(edited(parse(line)))),
  onLine("a number in the context is changed", ["edited"], (line, pick) => {
    const entry = parse(line);
    return print({ ...entry, context: { ...entry["context"] as Json, n: -1 - pick(1000) } });
  }),
  onLine("a field is added to the context", ["edited"], (line) => {
    const entry = parse(line);
    return print({ ...entry, context: { ...entry["context"] as Json, zz: true } });
  }),
  onLine("entry_hash is changed", ["edited"], (line, pick) => {
    const entry = parse(line);
    return print({ ...entry, entry_hash: otherDigit(`${entry["entry_hash"]}`, pick) });
  }),
  onLine("prev_hash is changed", ["edited"], (line, pick) => {
    const entry = parse(line);
    return print({ ...entry, prev_hash: otherDigit(`${entry["prev_hash"]}`, pick) });
  }, 2),
  onLine("the time is changed", ["edited"], (line, pick) => {
    const entry = parse(line);
    return print({ ...entry, ts: Number(entry["ts"]) + 1 + pick(100) });
  }),
  onLine("an unknown field is added", ["malformed"], (line) => rehash({ ...parse(line), note: 1 })),
];

const FORGERY: Mutation[] = [
  onLine(
    "a text is changed and the hash recomputed",
    ["edited", "rewritten"],
    (line) => rehash(edited(parse(line))),
  ),
  onLine("prev_hash is changed and the hash recomputed", ["edited"], (line, pick) => {
    const entry = parse(line);
    return rehash({ ...entry, prev_hash: otherDigit(`${entry["prev_hash"]}`, pick) });
  }, 2),
  onLine("seq is changed and the hash recomputed", ["edited"], (line, pick, seq) => {
    const other = 1 + pick(2 * seq);
    return rehash({ ...parse(line), seq: other === seq ? seq + 1 : other });
  }),
  onLine("the time is set back and the hash recomputed", ["clock"], (line, pick) => {
    const entry = parse(line);
    return rehash({ ...entry, ts: Number(entry["ts"]) - 2 - pick(100) });
  }, 2),
  {
    name: "a forged entry is put before the one that was there",
    from: 1,
    apply(log, pick) {
      const k = pick(log.lines.length);
      const forged = rehash(edited(parse(log.lines[k]!)));
      return tampered(log, log.lines.toSpliced(k, 0, forged), ["forked"], k + 1);
    },
  },
  {
    name: "a forged entry is put after the one that was there",
    from: 2,
    apply(log, pick) {
      const k = pick(log.lines.length - 1);
      const forged = rehash(edited(parse(log.lines[k]!)));
      return tampered(log, log.lines.toSpliced(k + 1, 0, forged), ["forked"], k + 2);
    },
  },
  {
    name: "everything from an entry on is rewritten",
    from: 1,
    apply(log, pick) {
      const k = pick(log.lines.length);
      const rest = log.lines.slice(k).map((_, i) => sampleRecord(k + i, "rewritten"));
      const { lines, state } = sampleLog(rest, log.lines.slice(0, k));
      return tampered(log, lines, ["rewritten"], k + 1, {
        stateFile: { status: "ok", state },
        leaves: log.leaves,
      });
    },
  },
  {
    name: "an entry is left out and everything after it rewritten",
    from: 2,
    apply(log, pick) {
      const k = pick(log.lines.length - 1);
      const rest = log.lines.slice(k + 1).map((_, i) => sampleRecord(k + 1 + i));
      const { lines, state } = sampleLog(rest, log.lines.slice(0, k));
      return tampered(log, lines, ["rewritten"], k + 1, {
        stateFile: { status: "ok", state },
        leaves: log.leaves,
      });
    },
  },
];

const ORDER: Mutation[] = [
  {
    name: "an entry is taken out",
    from: 1,
    apply(log, pick) {
      const k = pick(log.lines.length);
      return tampered(log, log.lines.toSpliced(k, 1), ["missing", "truncated"], k + 1);
    },
  },
  {
    name: "several entries are taken out",
    from: 3,
    apply(log, pick) {
      const k = pick(log.lines.length - 1);
      const count = 2 + pick(Math.min(20, log.lines.length - k - 1));
      return tampered(log, log.lines.toSpliced(k, count), ["missing", "truncated"], k + 1);
    },
  },
  {
    name: "an entry is repeated",
    from: 1,
    apply(log, pick) {
      const k = pick(log.lines.length);
      const at = pick(log.lines.length + 1);
      const lines = log.lines.toSpliced(at, 0, log.lines[k]!);
      return tampered(log, lines, ["inserted"], at === k ? at + 2 : at + 1);
    },
  },
  {
    name: "two neighbours change places",
    from: 2,
    apply(log, pick) {
      const k = pick(log.lines.length - 1);
      const lines = log.lines.toSpliced(k, 2, log.lines[k + 1]!, log.lines[k]!);
      return tampered(log, lines, ["reordered"], k + 1);
    },
  },
  {
    name: "an entry is moved",
    from: 3,
    apply(log, pick) {
      const n = log.lines.length;
      const k = pick(n);
      const to = (k + 1 + pick(n - 1)) % n;
      const lines = log.lines.toSpliced(k, 1).toSpliced(to, 0, log.lines[k]!);
      return tampered(log, lines, ["reordered"], Math.min(k, to) + 1);
    },
  },
  {
    name: "an entry is replaced by another one of the log",
    from: 2,
    apply(log, pick) {
      const n = log.lines.length;
      const k = pick(n);
      const other = (k + 1 + pick(n - 1)) % n;
      return tampered(log, log.lines.with(k, log.lines[other]!), ["edited"], k + 1);
    },
  },
  {
    name: "a line that is no entry is put in",
    from: 1,
    apply(log, pick) {
      const junk = ["", "{}", "null", "#", '{"seq":1}'][pick(5)]!;
      const k = pick(log.lines.length);
      const lines = log.lines.toSpliced(k, 0, encoder.encode(junk));
      return tampered(log, lines, ["inserted"], k + 1);
    },
  },
  {
    name: "the end is taken from another log",
    from: 2,
    apply(log, pick) {
      const k = 1 + pick(log.lines.length - 1);
      const other = sampleLog(log.lines.map((_, i) => sampleRecord(i, "other"))).lines;
      return tampered(
        log,
        [...log.lines.slice(0, k), ...other.slice(k)],
        ["forked", "edited"],
        k + 1,
      );
    },
  },
];

const BYTES: Mutation[] = [
  onLine("the keys are in another order", ["re_encoded"], (line) => {
    const keys = Object.entries(parse(line)).reverse();
    return encoder.encode(JSON.stringify(Object.fromEntries(keys)));
  }),
  onLine("a space is added", ["re_encoded"], withText((text) => text.replace(":", ": "))),
  onLine("a space is added at the end", ["re_encoded"], withText((text) => `${text} `)),
  onLine(
    "a letter is escaped",
    ["re_encoded"],
    withText((text) => text.replace("release", "\\u0072elease")),
  ),
  onLine(
    "a letter is escaped in capitals",
    ["re_encoded"],
    withText((text) => text.replace("ok", "\\u006F\\u006B").replace("fail", "\\u0066ail")),
  ),
  onLine(
    "a key is there twice",
    ["re_encoded"],
    withText((text) => text.replace('{"action"', '{"action":"harmless","action"')),
  ),
  onLine("a line ends in CR LF", ["re_encoded"], withText((text) => `${text}\r`)),
  onLine("a byte order mark is put in front", ["malformed"], withText((text) => `\ufeff${text}`)),
  onLine("a byte is no UTF-8", ["malformed"], (line, pick) => {
    const at = decode(line).indexOf('"actor":"') + 9;
    return concat(
      line.slice(0, at),
      Uint8Array.of([0xff, 0xc0, 0x80, 0xed][pick(4)]!),
      line.slice(at),
    );
  }),
  onLine(
    "a number is spelt otherwise",
    ["re_encoded"],
    withText((text) => text.replace('"schema_version":2', '"schema_version":2.0')),
  ),
  onLine(
    "a number is no JSON",
    ["malformed"],
    withText((text) => text.replace(/"n":[0-9-]+/, '"n":NaN')),
  ),
  onLine(
    "a surrogate stands alone",
    ["malformed"],
    withText((text) => text.replace('"note":"', '"note":"\\ud800')),
  ),
  onLine(
    "a line is cut short",
    ["malformed"],
    (line, pick) => line.slice(0, 1 + pick(line.length - 1)),
  ),
];

const TAIL: Mutation[] = [
  {
    name: "the last line is torn",
    from: 1,
    apply(log, pick) {
      const bytes = joinLines(log.lines);
      const cut = 1 + pick(log.lines.at(-1)!.length);
      const kinds: FaultKind[] = ["truncated"];
      return { log: bytes.slice(0, -cut), stateFile: ok(log), kinds, entry: log.lines.length };
    },
  },
  {
    name: "half a line is added",
    from: 1,
    apply(log, pick) {
      const half = log.lines[0]!.slice(0, 1 + pick(log.lines[0]!.length));
      const bytes = concat(joinLines(log.lines), half);
      const entry = log.lines.length + 1;
      return { log: bytes, stateFile: ok(log), kinds: ["torn_tail"], entry };
    },
  },
  {
    name: "the end is cut off",
    from: 1,
    apply(log, pick) {
      const n = pick(log.lines.length);
      return tampered(log, log.lines.slice(0, n), ["truncated"], n + 1);
    },
  },
];

const STATE: Mutation[] = [
  {
    name: "the state file is edited",
    from: 1,
    apply(log, pick) {
      const changes: Json[] = [
        { entry_count: log.state.entry_count + 1 },
        { last_hash: otherDigit(log.state.last_hash, pick) },
        { root_hash: otherDigit(log.state.root_hash, pick) },
        { file_size: log.state.file_size - 1 },
        { updated_at: 1 },
      ];
      const state = { ...log.state, ...changes[pick(changes.length)]! };
      return stateFound(log, state, ["state_edited", "state_malformed"]);
    },
  },
  {
    name: "the state file is no JSON",
    from: 1,
    apply: (log) => stateFound(log, "{broken", ["state_malformed"]),
  },
  {
    name: "the state file is removed",
    from: 1,
    apply: (log) => stateFound(log, undefined, ["state_missing"]),
  },
  {
    name: "the state file is that of another log",
    from: 1,
    apply(log, pick) {
      const records = Array.from({ length: 1 + pick(9) }, (_, i) => sampleRecord(i, "other"));
      const { state } = sampleLog(records, [], "other.ndjson");
      return stateFound(log, state, ["state_foreign", "truncated"]);
    },
  },
  {
    name: "the state file is an older one",
    from: 2,
    apply(log, pick) {
      const n = pick(Math.min(log.lines.length, 50));
      const { state } = sampleLog([], log.lines.slice(0, n));
      return stateFound(log, state, ["state_behind"], n + 1);
    },
  },
];

/** What the state file on disk is, or `undefined` if it is gone. */
export const stateTexts: WeakMap<Tampered, string | undefined> = new WeakMap();

function stateFound(
  log: SampleLog,
  state: unknown,
  kinds: FaultKind[],
  entry: number | null = null,
): Tampered {
  const found = { ...tampered(log, log.lines, kinds, 0), entry };
  const text = typeof state === "string" || state === undefined ? state : JSON.stringify(state);
  stateTexts.set(found, text);
  return found;
}

const ANCHORED: Mutation[] = [
  {
    name: "log and state are put back to an older state",
    from: 2,
    apply(log, pick) {
      const n = pick(Math.min(log.lines.length, 50));
      const older = sampleLog([], log.lines.slice(0, n));
      return tampered(log, older.lines, ["truncated"], n + 1, {
        stateFile: ok(older),
        checkpoints: [checkpointOf(log)],
      });
    },
  },
  {
    name: "log and state are removed",
    from: 1,
    apply(log) {
      const stateFile = { status: "absent" as const };
      const checkpoints = [checkpointOf(log)];
      return tampered(log, [], ["truncated"], 1, { stateFile, checkpoints });
    },
  },
  {
    name: "everything is rewritten, the state file too",
    from: 1,
    apply(log) {
      const other = sampleLog(log.lines.map((_, i) => sampleRecord(i, "rewritten")));
      const stateFile = ok(other);
      const checkpoints = [checkpointOf(log)];
      return tampered(log, other.lines, ["rewritten"], 1, { stateFile, checkpoints });
    },
  },
  {
    name: "the first entries after a checkpoint are rewritten",
    from: 2,
    apply(log, pick) {
      const k = 1 + pick(Math.min(log.lines.length - 1, 50));
      const rest = log.lines.slice(k).map((_, i) => sampleRecord(k + i, "rewritten"));
      const other = sampleLog(rest, log.lines.slice(0, k));
      const checkpoints = [checkpointOf(sampleLog([], log.lines.slice(0, k))), checkpointOf(log)];
      return tampered(log, other.lines, ["rewritten"], k + 1, {
        stateFile: ok(other),
        checkpoints,
      });
    },
  },
];

function checkpointOf(log: SampleLog): KnownRoot {
  const root = Uint8Array.fromHex(log.state.root_hash);
  return { name: "the anchored checkpoint", size: log.lines.length, root };
}

/** All of them. */
export const MUTATIONS: readonly Mutation[] = [
  ...CONTENT,
  ...FORGERY,
  ...ORDER,
  ...BYTES,
  ...TAIL,
  ...STATE,
  ...ANCHORED,
];
