import type { GatheredFacts } from "../docs/gather_facts.ts";
import type { DocsRealityPolicy } from "../policy/docs_reality_policy.ts";
import { type Check, type Mode, notApplicable } from "../report/check.ts";
import { cut, SHOWN } from "./cut.ts";
import type { Survey } from "./survey.ts";

/** Applies the policy's allowances; each must match something and must not have expired. */
export function allow(found: Survey, policy: DocsRealityPolicy, today: string): Check {
  const spent = policy.allow.map((entry) => {
    if (entry.expires < today) return { entry, used: false };
    const hits = found.references.filter((one) =>
      one.status === "failed" && one.rule === entry.rule && one.raw === entry.match &&
      (entry.file === undefined || entry.file === one.doc)
    );
    for (const hit of hits) hit.status = "allowed";
    return { entry, used: hits.length > 0 };
  });
  const idle = spent.filter(({ used }) => !used).map(({ entry }) => `${entry.rule} ${entry.match}`);
  return {
    id: "doc_allowances_current",
    ok: idle.length === 0,
    mode: "warn",
    value: { allowances: spent.length, expired_or_unused: idle },
    expect: "every allowance of the policy is unexpired and still needed",
    hint: "remove the listed entries from allow in the policy",
  };
}

/** Whether every declared variable is named in some document. */
export function documentedNames(
  found: Survey,
  gathered: GatheredFacts,
  policy: DocsRealityPolicy,
  gate: Mode,
): Check {
  const id = "doc_env_names_documented";
  const expect = "every declared WA_* variable is named in some document";
  const strength = policy.checks.env_documented;
  if (strength === "off") return notApplicable(id, expect, "switched off by the policy");
  const { declaredEnvironment: declared } = gathered;
  if (declared.length === 0) {
    return notApplicable(id, expect, "no script of the repository declares one");
  }
  const named = found.references.filter(({ kind }) => kind === "environment").map(({ resolved }) =>
    resolved ?? ""
  );
  const missing = declared.filter((name) =>
    !named.includes(name) && !named.some((start) => start.endsWith("_") && name.startsWith(start))
  );
  return {
    id,
    ok: missing.length === 0,
    mode: strength === "gate" ? gate : strength,
    value: { examined: declared.length, undocumented: cut(missing, SHOWN) },
    expect,
    hint: missing[0] === undefined
      ? ""
      : `name ${missing[0]} in a document, or remove it from its script`,
  };
}

/** What was read, and what could not be. */
export function surveyChecks(
  found: Survey,
  gathered: GatheredFacts,
  globs: readonly string[],
  gate: Mode,
): Check[] {
  const { docs, unreadable, limited, references, commands } = found;
  const aliased = commands.filter(({ status }) => status === "aliased").length;
  return [
    {
      id: "docs_scanned_non_empty",
      ok: docs.length > 0,
      mode: "enforce",
      value: { count: docs.length, claims: references.length, doc_globs: globs },
      expect: "at least one document matches",
      hint: "name the documents with --doc-glob, or in doc_globs of the policy",
    },
    {
      id: "docs_readable",
      ok: unreadable.length === 0,
      mode: "enforce",
      value: { examined: docs.length, unreadable },
      expect: "every document is UTF-8 text",
      hint: unreadable[0] === undefined
        ? ""
        : `deno task doc_encoding_guard tells what ${unreadable[0].doc} is`,
    },
    {
      id: "doc_declarations_readable",
      ok: gathered.undescribed.length === 0,
      mode: gate,
      value: { examined: gathered.facts.declarations.size, unreadable: gathered.undescribed },
      expect: "every script that declares its flags answers --describe",
      hint: gathered.undescribed[0] === undefined
        ? ""
        : `deno run ${gathered.undescribed[0].path} --describe`,
    },
    {
      id: "doc_commands_aliased",
      ok: aliased === 0,
      mode: "warn",
      value: { aliased },
      expect: "no document needs an alias",
      hint: "write the commands as the repository runs them now",
    },
    {
      id: "doc_structure_parsed",
      ok: limited.length === 0,
      mode: "warn",
      value: cut(limited, SHOWN),
      expect: "every document can be parsed in linear time",
      hint: limited[0] === undefined
        ? ""
        : `split ${limited[0].doc}:${limited[0].line}, it has ${
          limited[0].reason
        }; it was read line by line`,
    },
  ];
}
