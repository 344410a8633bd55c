import type { RepositoryView } from "./repository_view.ts";
import type { ScriptDeclaration } from "./script_declaration.ts";

/** What a reference claims to name. */
export type ReferenceKind =
  | "path"
  | "glob"
  | "link"
  | "image"
  | "anchor"
  | "label"
  | "environment"
  | "artifact"
  | "step"
  | "flag"
  | "task"
  | "target"
  | "command";

/**
 * How a reference was judged. Only `failed` counts against a document; `unverified` means nobody
 * can tell from the repository alone.
 */
export type ReferenceStatus =
  | "found"
  | "failed"
  | "placeholder"
  | "example"
  | "history"
  | "generated"
  | "aliased"
  | "allowed"
  | "unverified";

/** Every rule a finding can carry; a closed set, part of the report format. */
export type Rule =
  | "missing_path"
  | "case_mismatch"
  | "glob_without_match"
  | "path_escapes_root"
  | "line_out_of_range"
  | "missing_anchor"
  | "undefined_reference"
  | "unknown_artifact"
  | "unknown_env"
  | "env_value_invalid"
  | "unknown_step"
  | "unknown_flag_mention"
  | "script_missing"
  | "stale_runner"
  | "task_missing"
  | "npm_script_missing"
  | "make_target_missing"
  | "cargo_target_missing"
  | "unknown_subcommand"
  | "unknown_flag"
  | "flag_value_invalid"
  | "flag_value_missing"
  | "unexpected_argument"
  | "remote_unpinned"
  | "alias_forbidden"
  | "declaration_unreadable";

/** One claim of a document and what became of it. Line and column count from 1. */
export interface Reference {
  kind: ReferenceKind;
  raw: string;
  line: number;
  column: number;
  status: ReferenceStatus;
  resolved?: string;
  rule?: Rule;
  message?: string;
  suggestion?: string;
  /** Runner of the command the reference belongs to. */
  runner?: string;
}

/** A command text that stands for another one until it expires. */
export interface CommandAlias {
  /** Command with `{stem}` where a script's name without extension stands. */
  match: string;
  to: string;
  mode: "warn" | "forbid";
  reason: string;
  /** Last day the alias counts, `YYYY-MM-DD`. */
  expires: string;
}

/** What documents are compared with. Sets that are absent mean "cannot tell", never "empty". */
export interface Facts {
  repository: RepositoryView;
  /** Prefixes that make a token a claim about this repository, each ending in `/` or not. */
  pathPrefixes: readonly string[];
  /** Prefixes of what programs write; nothing below them is tracked. */
  generatedPrefixes: readonly string[];
  /** By script path; a string says why a declaration could not be read. */
  declarations: ReadonlyMap<string, ScriptDeclaration | string>;
  environment?: ReadonlySet<string>;
  /** Artifact file names without time part and extension, such as `release_manifest`. */
  artifacts?: ReadonlySet<string>;
  /** Names in quotes in the code: an artifact of such a name is not unknown. */
  quotedNames?: ReadonlySet<string>;
  steps?: ReadonlySet<string>;
  aliases: readonly CommandAlias[];
  /** Today, `YYYY-MM-DD`, for alias expiry. */
  today: string;
  /** Anchors of a Markdown file, or `undefined` if it cannot be read. */
  anchorsOf(path: string): ReadonlySet<string> | undefined;
}

/** The document that is being judged. */
export interface DocumentPlace {
  /** Root-relative path. */
  path: string;
  /** Root-relative folder, empty for the root. */
  folder: string;
}
