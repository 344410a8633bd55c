const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** Subcommands of Deno 2.9. */
export const DENO_SUBCOMMANDS: ReadonlySet<string> = new Set(words(`
  add approve-scripts audit bench bump-version bundle cache check ci clean compile completions
  coverage create deploy desktop doc eval fmt help info init install jupyter link lint list lsp
  outdated pack publish remove repl run sandbox serve task test transpile types uninstall unlink
  update upgrade vendor watch why x
`));

/** Flags of Deno 2.9 that take the next word as their value; short forms included. */
const WITH_VALUE: ReadonlySet<string> = new Set(words(`
  --app-name --arch --branch --category-docs --cert --checksum --conditions --conn --config
  --coverage-threshold --cwd --default-symbol-map --depth --display --engine --entrypoint --eval-file
  --except --exclude --ext --filter --format --host --icon --import-map --include --indent-width
  --inspect-publish-uid --jobs --junit-path --level --line-width --location --log-level --min-dep-age
  --name --node-modules-linker --os --outdir --output --package --packages --platform --port --pr
  --preload --prose-wrap --related --repeats --reporter --require --retry --root --seed
  --set-version --shard --source-map --sourcemap --symbol-redirect-map --target --threshold --token
  -L -c -d -e -f -j -n -o -p
`));

/** Flags of Deno 2.9 that stand alone or take their value after `=`. */
const WITHOUT_VALUE: ReadonlySet<string> = new Set(words(`
  --all --allow-all --allow-dirty --allow-env --allow-ffi --allow-import --allow-net --allow-read
  --allow-run --allow-scripts --allow-slow-types --allow-sys --allow-write --builtin --bundle
  --cached-only --canary --changed --check --clean --code-splitting --compact --compatible --compile
  --coverage --coverage-raw-data-only --declaration --deny-env --deny-ffi --deny-import --deny-net
  --deny-read --deny-run --deny-sys --deny-write --desktop --detailed --dev --doc --doc-only
  --dry-run --empty --env-file --eval --exclude-unused-npm --external --fail-fast --fix --force
  --frozen --frozen-lockfile --global --help --hide-stacktraces --hmr --html --if-present --ignore
  --ignore-env --ignore-read --ignore-registry-errors --ignore-scripts --ignore-unfixable
  --inline-imports --inspect --inspect-brk --inspect-wait --install --install-alias --interactive
  --json --jsr --keep-names --kernel --latest --lcov --lib --lint --lock --lockfile-only --members
  --minify --no-check --no-clear-screen --no-code-cache --no-config --no-delta --no-editorconfig
  --no-lock --no-npm --no-prefix --no-prompt --no-provenance --no-remote --no-run --no-save
  --no-semicolons --no-source-maps --no-terminal --node-modules-dir --npm --open --package-json
  --parallel --permission-set --permit-no-files --print --private --prod --quiet --recursive
  --release-candidate --reload --rules --rules-exclude --rules-include --rules-tags --sanitize-ops
  --sanitize-resources --save-exact --save-optional --self-extracting --serve --shuffle
  --single-quote --skip-types --socket --strip-trailing-html --trace-leaks --unscoped --unstable
  --unsafely-ignore-certificate-errors --update --update-snapshots --use-env-proxy --use-tabs
  --v8-flags --vendor --version --watch --watch-exclude --watch-hmr --yes
  -A -D -E -I -N -O -P -R -S -V -W -g -h -i -q -r -u -y
`));

/** Every long flag of Deno, for suggestions. */
export const DENO_FLAGS: readonly string[] = [...WITH_VALUE, ...WITHOUT_VALUE].filter((flag) =>
  flag.startsWith("--")
);

/**
 * How Deno reads a flag: alone, with the next word as its value, or not at all. `--unstable-…`
 * flags come and go between versions and are taken as known.
 */
export function denoFlag(flag: string): "alone" | "value" | "unknown" {
  const name = flag.replace(/=[^]*$/, "");
  if (WITH_VALUE.has(name)) return flag === name ? "value" : "alone";
  if (WITHOUT_VALUE.has(name) || name.startsWith("--unstable-")) return "alone";
  return /^-[A-Za-z]{2,}$/.test(name) ? "alone" : "unknown";
}
