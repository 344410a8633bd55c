/** What stands in place of a secret in every output. */
export const REDACTED = "[redacted]";

const SECRET_NAME = /(^|[_-])(KEY|TOKEN|SECRET|PASSWORD|PASSWD|WEBHOOK)([_-]|$)/i;
const NOT_A_SECRET = /[_-](ID|FILE|PATH|POLICY|PATTERN)$/i;

/** Whether a variable or flag of this name holds a secret, going by its name alone. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NOT_A_SECRET.test(name);
}

/** Shorter values are left alone: replacing `1` everywhere would destroy the text. */
export const SHORTEST_SECRET = 6;

/** The forms in which a secret may stand in a text, longest first. */
function formsOf(secrets: Iterable<string>): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    forms.add(secret).add(JSON.stringify(secret).slice(1, -1));
    forms.add(encodeURIComponent(secret.toWellFormed()));
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

/**
 * Replaces every occurrence of the given secrets, also as they stand in JSON and in a URL. Longer
 * secrets go first: where one begins with another, its rest would be left standing.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  for (const form of formsOf(secrets)) text = text.replaceAll(form, REDACTED);
  return text;
}

/**
 * JSON text of a value, with every secret in its texts and keys replaced. What stands outside
 * quotes stays as it is, so that the answer is JSON whatever the secrets are.
 */
export function redactedJson(value: unknown, secrets: readonly string[]): string {
  if (secrets.length === 0) return JSON.stringify(value, null, 2);
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === "string") return redact(inner, secrets);
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([key, member]) => [redact(key, secrets), member]),
    );
  }, 2);
}
