/**
 * What the type of parsed arguments follows from: the names declared in the options.
 *
 * The three kinds of declaration are a literal list (names known), a `string[]` (names unknown), and
 * none. Only a literal list gives typed properties; otherwise every property is `unknown`.
 * @module
 */

/** Type of the `boolean` option: `true` for all flags, one name or several. */
export type BooleanType = boolean | string | undefined;
/** Type of the `string`, `collect` and `negatable` options: one name or several. */
export type NameType = string | undefined;
/** Type of the `alias` option: further names per name. */
export type AliasType = Readonly<Record<string, string | readonly string[]>> | undefined;
/** Type of the `default` option: values by name. */
export type DefaultType = Readonly<Record<string, unknown>> | undefined;

/** Names of a literal list, `string` for a list that is only known at run time, `never` for none. */
type Names<T> = Extract<T, string>;

/** Whether at least one list names its flags literally and none is a plain `string[]`. */
type AreKnown<TNames> = [TNames] extends [never] ? false : string extends TNames ? false : true;

/** `true` for the literal type only known as `boolean` elsewhere. */
type Widen<T> = T extends boolean ? boolean
  : T extends number ? number
  : T extends string ? string
  : T;

/** Default declared for a flag, or `otherwise`. */
type DefaultOf<TName, TDefault, TOtherwise> = TName extends keyof TDefault ? Widen<TDefault[TName]>
  : TOtherwise;

/** Value of one flag, before aliases and dots. */
type Value<TName, TBooleans, TStrings, TCollectable, TNegatable, TDefault> = TName extends
  TCollectable ? (TName extends TStrings ? string : TName extends TBooleans ? boolean : unknown)[]
  : TName extends TBooleans ? boolean | DefaultOf<TName, TDefault, never>
  : TName extends TStrings ?
      | string
      | DefaultOf<TName, TDefault, undefined>
      | (TName extends TNegatable ? false : never)
  : unknown;

/** A name together with its aliases. */
type WithAliases<TName extends string, TAliases> = TName extends keyof TAliases ?
    | TName
    | (TAliases[TName] extends readonly (infer TAlias)[] ? Names<TAlias> : Names<TAliases[TName]>)
  : TName;

/** `a.b` is property `b` of property `a`. */
type Nested<TName extends string, TValue> = TName extends `${infer THead}.${infer TRest}`
  ? { [TKey in THead]: Nested<TRest, TValue> }
  : { [TKey in TName]: TValue };

type Intersection<TUnion> = (TUnion extends unknown ? (member: TUnion) => void : never) extends
  (member: infer TAll) => void ? TAll : never;

type Flattened<T> = { [TKey in keyof T]: T[TKey] };

type Properties<
  TNames extends string,
  TBooleans,
  TStrings,
  TCollectable,
  TNegatable,
  TDefault,
  TAliases,
> = Intersection<
  TNames extends string ? Nested<
      WithAliases<TNames, TAliases>,
      Value<TNames, TBooleans, TStrings, TCollectable, TNegatable, TDefault>
    >
    : never
>;

/** Properties that the options promise, `_` and `--` aside. */
export type FlagValues<
  TBooleans extends BooleanType,
  TStrings extends NameType,
  TCollectable extends NameType,
  TNegatable extends NameType,
  TDefault extends DefaultType,
  TAliases extends AliasType,
> = AreKnown<Names<TBooleans | TStrings | TCollectable>> extends true ? Flattened<
    & Properties<
      Exclude<Names<TBooleans | TStrings | TCollectable>, "_">,
      TBooleans,
      TStrings,
      TCollectable,
      TNegatable,
      TDefault,
      TAliases
    >
    & OnlyDefaults<TDefault, Names<TBooleans | TStrings | TCollectable>>
  >
  : Record<string, unknown>;

/** Flags that appear in `default` and in no other option may hold anything. */
type OnlyDefaults<TDefault, TNames> = {
  [TKey in Exclude<keyof TDefault, TNames>]: unknown;
};
