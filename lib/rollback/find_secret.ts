/** A secret that was found in a text; what it is, and never the secret itself. */
export interface SecretFound {
  rule: string;
  /** From 1. */
  line: number;
}

const PATTERNS: readonly (readonly [rule: string, pattern: RegExp])[] = [
  ["private_key", /-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----/],
  ["url_credentials", /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"']{1,256}:[^\s/@"']{1,256}@/i],
  [
    "webhook_url",
    /\/\/(?:hooks\.slack\.com\/services|open\.(?:feishu\.cn|larksuite\.com)\/open-apis\/bot\/v2\/hook|(?:discord|discordapp)\.com\/api\/webhooks)\/[\w/-]{8,}/,
  ],
  [
    "access_token",
    /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|[sr]k_live_\w{16,})/,
  ],
];

/** Names of JSON members whose text is a secret. */
const SECRET_MEMBER =
  /(?:^|[_-])(?:passw(?:or)?d|secret|token|api[_-]?key|private[_-]?key|signing[_-]?key|webhook(?:[_-]url)?)$/i;

/** What stands where no secret is: nothing, a placeholder, or the name of a variable. */
const NO_SECRET = /^(?:|\[redacted\]|<[^>]*>|\$\{?\w+\}?|[A-Z][A-Z0-9_]*|\*+)$/;

/** Shorter texts are words, not secrets. */
const SHORTEST_SECRET = 6;

function lineOf(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

function memberAt(text: string): number | undefined {
  for (const match of text.matchAll(/"([^"\\\n]{1,80})"\s{0,8}:\s{0,8}"([^"\\\n]{0,4096})"/g)) {
    const [, name = "", value = ""] = match;
    if (value.length < SHORTEST_SECRET || NO_SECRET.test(value)) continue;
    if (SECRET_MEMBER.test(name)) return match.index;
  }
  return undefined;
}

/**
 * Looks for what must not be copied anywhere: keys, tokens, passwords, webhook addresses, and the
 * secrets that are known.
 *
 * @param known Values of secrets that this process was given.
 * @returns The first one; undefined where there is none.
 */
export function findSecret(text: string, known: readonly string[]): SecretFound | undefined {
  for (const secret of known) {
    const at = secret.length < SHORTEST_SECRET ? -1 : text.indexOf(secret);
    if (at >= 0) return { rule: "known_secret", line: lineOf(text, at) };
  }
  for (const [rule, pattern] of PATTERNS) {
    const match = pattern.exec(text);
    if (match !== null) return { rule, line: lineOf(text, match.index) };
  }
  const at = memberAt(text);
  return at === undefined ? undefined : { rule: "secret_member", line: lineOf(text, at) };
}
