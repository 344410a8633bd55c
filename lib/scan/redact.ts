/** What stands in place of a secret in every output. */
export const REDACTED = "[redacted]";

const SECRET_NAME = /(^|[_-])(KEY|TOKEN|SECRET|PASSWORD|PASSWD|WEBHOOK)([_-]|$)/i;
const NOT_A_SECRET = /[_-](ID|FILE|PATH|POLICY|PATTERN)$/i;

/** Whether a variable or flag of this name holds a secret, going by its name alone. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NOT_A_SECRET.test(name);
}

/** Shorter values are left alone: replacing `1` everywhere would destroy the text. */
const SHORTEST_SECRET = 6;

/** Replaces every occurrence of the given secrets, also in their JSON-escaped form. */
export function redact(text: string, secrets: Iterable<string>): string {
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    text = text.replaceAll(secret, REDACTED);
    const escaped = JSON.stringify(secret).slice(1, -1);
    if (escaped !== secret) text = text.replaceAll(escaped, REDACTED);
  }
  return text;
}
