/** Names given as one, several or none. */
type NameList = string | readonly string[] | undefined;

/** Parts of the options that say which flags exist and how they behave. */
export interface NameOptions {
  alias?: Readonly<Record<string, string | readonly string[]>> | undefined;
  boolean?: boolean | NameList;
  string?: NameList;
  collect?: NameList;
  negatable?: NameList;
}

/** Every declared name with its aliases, by kind. */
export interface FlagNames {
  /** For each name the other names of the same flag. */
  aliases: ReadonlyMap<string, ReadonlySet<string>>;
  booleans: ReadonlySet<string>;
  strings: ReadonlySet<string>;
  collectable: ReadonlySet<string>;
  negatable: ReadonlySet<string>;
  /** Whether `boolean: true` makes every long flag without `=` a boolean. */
  allBooleans: boolean;
}

/** Reads the declarations; what holds for a name holds for its aliases. */
export function flagNames(options: NameOptions): FlagNames {
  const aliases = aliasGroups(options.alias ?? {});
  const declared = (names: NameList): Set<string> => {
    const list = typeof names === "string" ? [names] : names ?? [];
    return new Set(list.flatMap((name) => [name, ...aliases.get(name) ?? []]));
  };
  const { boolean } = options;
  return {
    aliases,
    booleans: declared(typeof boolean === "boolean" ? undefined : boolean),
    strings: declared(options.string),
    collectable: declared(options.collect),
    negatable: declared(options.negatable),
    allBooleans: boolean === true,
  };
}

function aliasGroups(
  alias: Readonly<Record<string, string | readonly string[]>>,
): Map<string, ReadonlySet<string>> {
  const groups = new Map<string, ReadonlySet<string>>();
  for (const [name, others] of Object.entries(alias)) {
    const group = new Set([name, ...typeof others === "string" ? [others] : others]);
    for (const member of group) groups.set(member, group.difference(new Set([member])));
  }
  return groups;
}
