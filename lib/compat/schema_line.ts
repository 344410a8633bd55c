import type { ReleasePolicy } from "../policy/release_policy.ts";
import { isSchemaVersion } from "../project/semver.ts";

/** The part of the release policy that says which state schemas there are. */
export type StateSchemaPolicy = NonNullable<ReleasePolicy["state_schema"]>;

/** Where schema versions stand relative to the current one. */
export interface SchemaLine {
  current: string;
  /** Negative when `a` was before `b`. */
  compare(a: string, b: string): number;
  /** Whether this is N-1: released directly before current. */
  isPrevious(schema: string): boolean;
  /** Whether this is N+1: the one that directly follows current. */
  isNext(schema: string): boolean;
  /** N-1 in words; undefined where history knows nothing before current. */
  previous: string | undefined;
  /** N+1 in words. */
  next: string;
  /** What had to be assumed about N-1 and N+1 because the policy does not say it. */
  assumed: { previous?: string; next?: string };
}

function numbers(schema: string): [major: number, minor: number] {
  const [major = NaN, minor = NaN] = schema.split(".").map(Number);
  return [major, minor];
}

/** Order of two schema versions by their numbers. */
export function compareSchemas(a: string, b: string): number {
  const [[aMajor, aMinor], [bMajor, bMinor]] = [numbers(a), numbers(b)];
  return aMajor - bMajor || aMinor - bMinor;
}

type Neighbour = Pick<SchemaLine, "isNext" | "next"> & { assumption?: string };

function following(policy: StateSchemaPolicy, declared: readonly string[]): Neighbour {
  const at = declared.indexOf(policy.current);
  const known = at < 0 ? undefined : declared[at + 1];
  if (known !== undefined) return { isNext: (schema) => schema === known, next: known };
  if (policy.planned_next !== undefined) {
    const { planned_next: planned } = policy;
    return { isNext: (schema) => schema === planned, next: planned };
  }
  const [major, minor] = numbers(policy.current);
  const either = [`${major}.${minor + 1}`, `${major + 1}.0`];
  return {
    isNext: (schema) => either.includes(schema),
    next: either.join(" or "),
    assumption: `state_schema.planned_next is not set, so ${either.join(" or ")} counts as N+1`,
  };
}

type Predecessor = Pick<SchemaLine, "isPrevious" | "previous"> & { assumption?: string };

function preceding(policy: StateSchemaPolicy, declared: readonly string[]): Predecessor {
  const at = declared.indexOf(policy.current);
  if (at >= 0) {
    const known = declared[at - 1];
    return { isPrevious: (schema) => schema === known, previous: known };
  }
  const [major, minor] = numbers(policy.current);
  const isPrevious = minor > 0
    ? (schema: string) => schema === `${major}.${minor - 1}`
    : (schema: string) => isSchemaVersion(schema) && numbers(schema)[0] === major - 1;
  const first = major === 0 && minor === 0;
  const words = minor > 0 ? `${major}.${minor - 1}` : `${major - 1}.x`;
  return {
    isPrevious,
    previous: first ? undefined : words,
    ...(first ? {} : {
      assumption: `state_schema.history does not name ${policy.current}, so ${words} counts as N-1`,
    }),
  };
}

/**
 * The line of state schemas: neighbours are those that `state_schema.history` and `planned_next`
 * name. Without them the numbers decide (one minor, or the next major with minor 0), and what was
 * assumed is said.
 */
export function schemaLine(policy: StateSchemaPolicy): SchemaLine {
  const declared = policy.history ?? [];
  const [before, after] = [preceding(policy, declared), following(policy, declared)];
  return {
    current: policy.current,
    compare: (a, b) => {
      const [atA, atB] = [declared.indexOf(a), declared.indexOf(b)];
      return atA >= 0 && atB >= 0 ? atA - atB : compareSchemas(a, b);
    },
    isPrevious: before.isPrevious,
    previous: before.previous,
    isNext: after.isNext,
    next: after.next,
    assumed: {
      ...(before.assumption === undefined ? {} : { previous: before.assumption }),
      ...(after.assumption === undefined ? {} : { next: after.assumption }),
    },
  };
}

/** What contradicts itself in the declared line of schemas; empty when nothing does. */
export function lineFaults(policy: StateSchemaPolicy): string[] {
  const { current, history = [], planned_next: planned, backward_read_compatible: readable } =
    policy;
  const faults: string[] = [];
  if (history.length > 0 && !history.includes(current)) faults.push(`history lacks ${current}`);
  for (const [at, schema] of history.entries()) {
    const before = history[at - 1];
    if (before !== undefined && compareSchemas(before, schema) >= 0) {
      faults.push(`history names ${schema} after ${before}`);
    }
  }
  if (planned !== undefined && compareSchemas(planned, current) <= 0) {
    faults.push(`planned_next is ${planned}, which does not follow ${current}`);
  }
  if (!readable.includes(current)) faults.push(`backward_read_compatible lacks ${current}`);
  for (const schema of history.length > 0 ? readable : []) {
    if (schema !== current && !history.includes(schema)) {
      faults.push(`backward_read_compatible names ${schema}, which history does not know`);
    }
  }
  return faults;
}
