/** Nobody mistypes a name into one longer than this; comparing it would take forever. */
const LONGEST_NAME = 100;

/** The known name nearest to a mistyped one, or undefined when none is near. */
export async function closest(name: string, known: readonly string[]): Promise<string | undefined> {
  if (known.length === 0 || name.length > LONGEST_NAME) return undefined;
  const { default: leven, closestMatch } = await import("leven");
  const match = closestMatch(name, known);
  if (match === undefined) return undefined;
  return leven(name, match) <= Math.max(2, Math.floor(match.length / 3)) ? match : undefined;
}
