import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { canaryInFlight, FileSite } from "../support/file_site.ts";

const COLUMNS = ["dry", "strictDry", "apply", "strictApply", "wayBack"] as const;
type Column = typeof COLUMNS[number];

/** The published table: mode of each check by column. */
async function published(): Promise<Map<string, Record<Column, string>>> {
  const page = new URL("../../docs/RELEASE_TRAFFIC_ADAPTERS.md", import.meta.url);
  const [, section = ""] = (await Deno.readTextFile(page)).split("## What blocks a stage");
  const rows = section.split("\n## ")[0]?.split("\n").filter((line) => line.startsWith("| `")) ??
    [];
  return new Map(rows.map((line) => {
    const [, name = "", ...cells] = line.split("|").map((cell) => cell.trim());
    const modes = COLUMNS.map((column, at) => [column, cells[at] ?? ""]);
    return [/`([^`]+)`/.exec(name)?.[1] ?? "", Object.fromEntries(modes)];
  }));
}

const TEMPLATE = ["--traffic-apply-command", "deno run x.ts {action} {target_version}"];
const ALLOWED = ["--allow-gate-failures", "--approver", "lead", "--incident-id", "I-1"];

/** Runs that between them show every row. The gate they need is missing, so nothing is moved. */
const RUNS: [column: Column, args: string[], percent?: number][] = [
  ["dry", ["--dry-run"]],
  ["dry", ["--dry-run", "--auto-abort", ...TEMPLATE], 100],
  ["strictDry", ["--dry-run", "--strict"]],
  ["strictDry", ["--dry-run", "--strict", ...TEMPLATE]],
  ["apply", ["--apply"]],
  ["apply", ["--apply", ...TEMPLATE]],
  ["strictApply", ["--apply", "--strict", "--auto-abort", ...TEMPLATE]],
  ["wayBack", ["--apply", "--abort", "--reason", "r", ...ALLOWED]],
  ["wayBack", ["--apply", "--rollback-stable", "--reason", "r"]],
];

/** Rows that only a run which moves traffic or counts responses shows, or one without a command. */
const ELSEWHERE = ["counted_split_agrees", "traffic_apply_command_present_when_required"];

Deno.test("the published table of strictness says what the executor does", async () => {
  const table = await published();
  assert(table.size > 30);
  const shown = new Set<string>(ELSEWHERE);
  for (const [column, args, percent = 5] of RUNS) {
    await using site = await FileSite.start();
    await Deno.remove(site.repository.path(".data/out"), { recursive: true });
    await site.repository.write("security/release_channels.json", canaryInFlight(percent));
    await site.repository.write(".data/traffic.json", { canary_weight: percent, fence: 0 });
    const { report } = await site.executor(...args);
    for (const { id, mode, not_applicable } of report.checks) {
      if (not_applicable !== undefined) continue;
      const row = id.startsWith("gate::") ? "gate::*" : id;
      shown.add(row);
      assertEquals(table.get(row)?.[column], mode, `${id} of ${args.join(" ")}`);
    }
  }
  assertEquals([...table.keys()].filter((id) => !shown.has(id)), []);
});
