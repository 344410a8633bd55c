import { type Check, type Mode, notApplicable } from "../report/check.ts";
import type { BundleNow } from "./bundle_report.ts";

const HINT = "deno task create_rollback_bundle --label drill";

/** Whether the bundles that were reported are whole, unchanged, and known to be restorable. */
export function judgeBundleReports(bundles: readonly BundleNow[], gate: Mode): Check[] {
  const ids = [
    "rollback_bundle_reports_have_required_files",
    "rollback_bundles_intact",
    "rollback_bundles_restore_rehearsed",
  ] as const;
  if (bundles.length === 0) {
    return ids.map((id) => notApplicable(id, "such a bundle", "there is no bundle report"));
  }
  const lacking = bundles.filter(({ report }) =>
    report === undefined || report.missing_required.length > 0 ||
    (report.files ?? []).every((file) => !file.copied)
  );
  const broken = bundles.filter(({ faults }) => faults.length > 0);
  const gone = broken.every(({ bundleRoot }) => bundleRoot === "");
  const unrehearsed = bundles.filter(({ report }) => report?.rehearsal?.ok !== true);
  const paths = (rows: readonly BundleNow[]): string[] => rows.map(({ path }) => path);
  return [
    {
      id: ids[0],
      ok: lacking.length === 0,
      mode: gate,
      value: { examined: bundles.length, lacking: paths(lacking) },
      expect: "no required file missing, and at least one file copied",
      hint: HINT,
    },
    {
      id: ids[1],
      ok: broken.length === 0,
      mode: gone ? gate : "enforce",
      value: {
        examined: bundles.length,
        faults: broken.flatMap(({ faults }) => faults).slice(0, 20),
      },
      expect: "every file of the bundle has the digest it had",
      hint: HINT,
    },
    {
      id: ids[2],
      ok: unrehearsed.length === 0,
      mode: gate,
      value: { examined: bundles.length, not_rehearsed: paths(unrehearsed) },
      expect: "a restoration that was rehearsed and compared",
      hint: HINT,
    },
  ];
}
