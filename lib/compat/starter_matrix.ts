import type { ReleasePolicy } from "../policy/release_policy.ts";
import { schemaLine, type StateSchemaPolicy } from "./schema_line.ts";

interface StarterCase {
  id: string;
  direction: "upgrade" | "rollback";
  from_version: string;
  to_version: string;
  from_schema: string;
  to_schema: string;
  state_fixture: string;
  allow_forward_schema_source?: boolean;
  expect_readable?: boolean;
  expected_failed_checks?: string[];
}

const fixture = (schema: string): string => `tests/fixtures/compat/state_${schema}.json`;

/** The next minor version, of which nothing is known yet but that it follows. */
function nextMinor(version: string): string {
  const [major = 0, minor = 0] = version.split(/[-+]/)[0]!.split(".").map(Number);
  return `${major}.${minor + 1}.0`;
}

/**
 * A matrix to start from: N-1 to N, N to N, N to N+1, N+1 to N, N to N-1, and one case that must
 * fail, for the schemas that the release policy names. Fixtures and reader are yours to add.
 */
export function starterMatrix(
  policy: ReleasePolicy,
  state: StateSchemaPolicy,
  previousVersion: string,
): Record<string, unknown> {
  const { current, previous, next } = schemaLine(state);
  const [version, later] = [policy.app_version, nextMinor(policy.app_version)];
  const following = next.split(" ")[0]!;
  const one = (
    direction: StarterCase["direction"],
    [fromVersion, toVersion]: [string, string],
    [from, to]: [string, string],
    more: Partial<StarterCase> = {},
  ): StarterCase => ({
    id: `${direction === "upgrade" ? "up" : "down"}-${from}-${to}`,
    direction,
    from_version: fromVersion,
    to_version: toVersion,
    from_schema: from,
    to_schema: to,
    state_fixture: fixture(from),
    ...more,
  });
  return {
    $schema: "./schemas/release_compat_matrix.schema.json",
    version: 1,
    reader: {
      kind: "command",
      command: ["your-reader", "{fixture}", "{from_schema}", "{to_schema}"],
      timeout_s: 30,
    },
    cases: [
      ...(previous === undefined
        ? []
        : [one("upgrade", [previousVersion, version], [previous, current])]),
      one("upgrade", [version, version], [current, current]),
      one("upgrade", [version, later], [current, following]),
      one("rollback", [later, version], [following, current], {
        allow_forward_schema_source: true,
      }),
      ...(previous === undefined
        ? []
        : [one("rollback", [version, previousVersion], [current, previous])]),
      one("upgrade", [version, version], [current, current], {
        id: "refuse-damaged",
        state_fixture: fixture("damaged"),
        expect_readable: false,
        expected_failed_checks: ["reader_succeeded"],
      }),
    ],
    rules: {
      require_n_minus_one_upgrade_case: true,
      require_n_plus_one_upgrade_case: true,
      require_n_plus_one_rollback_case: true,
      require_failure_mode_case: true,
    },
  };
}
