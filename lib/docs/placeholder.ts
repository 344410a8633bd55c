/** Path segments that documents use for "put yours here". */
const STAND_IN_SEGMENT =
  /^(?:your|my|example|sample|dummy|demo)[-_]|^(?:foo|bar|baz|qux|foobar|example|sample|x|xyz|xxx+|some|name|task|placeholder|nnn+)(?:\.\w+)?$|^path$/i;

/**
 * Whether a token contains a part the reader must fill in: `<name>`, `${VAR}`, `$VAR`, `%VAR%`,
 * `{name}`, `...`, `…`, `YYYY`, `NNN`, `X.Y.Z`.
 */
export function isPlaceholder(token: string): boolean {
  return /<[^<>]*>|\$\{?[A-Za-z_(]|%[A-Za-z_]\w*%|\{[^{},]*\}|\.{3}|…|YYYY|NNN|XXX|\bX\.Y\.Z\b|[[\]]{2}/
    .test(token);
}

/**
 * Whether a path is made of words that only stand in for a name: `path/to/file`, `foo.md`,
 * `scripts/your_script.ts`.
 */
export function isStandIn(path: string): boolean {
  const segments = path.split("/");
  return segments.some((segment, i) =>
    STAND_IN_SEGMENT.test(segment) &&
    (!/^path$/i.test(segment) || /^to$/i.test(segments[i + 1] ?? ""))
  );
}
