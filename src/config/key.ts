import * as z from 'zod/mini';
import { type Field, field } from './fields.ts';

/** One key of the file. */
export interface Key<T> {
  readonly schema: Field<T>;
  /** The default as it would be written in the file; null where the key is best left out, undefined where it must be there. */
  readonly preset: unknown;
  /** Its type and unit, for the documentation. */
  readonly type: string;
  /** One sentence or two for administrators. */
  readonly help: string;
  /** How a line of the file may look, without the key. */
  readonly examples: readonly string[];
  /** Names that it had in the past or goes by elsewhere, for a better hint than spelling gives. */
  readonly formerly?: readonly string[];
  /** A single entry may stand for a list of one. */
  readonly aloneIsList?: boolean;
  /** `no` is a way to write 0: the original reckoned with truth values as Python does. */
  readonly noIsZero?: true;
  /** Its value, or the entries of its list or mapping, are taken as they are written: `1.10` stays `1.10`, `20:20` no number. */
  readonly asWritten?: 'value' | 'entries';
  /** The keys of a section. */
  readonly children?: Keys;
  /** The keys of each entry of a list of sections. */
  readonly entries?: Keys;
  /** What such an entry has at least, line by line, for examples. */
  readonly entryExample?: readonly string[];
  /** Of a key in such an entry: the key at the top of the file for the same thing. With a null preset it says what holds here. */
  readonly atTop?: string;
}

/** A table of keys. */
export type Keys = Readonly<Record<string, Key<unknown>>>;

/** A section of the file, the keys of which are checked each for itself. */
export function section<K extends Keys>(what: string, keys: K): Field<Parsed<K>> {
  const shape = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, withPreset(key)]));
  return field(
    `a mapping with ${what}`,
    (error) => z.strictObject(shape, { error }),
    (raw) => raw as Parsed<K>,
  );
}

/** The field that also stands for a key which is not there. */
export function withPreset(key: Key<unknown>): z.ZodMiniType {
  if (key.preset === undefined) return key.schema;
  if (key.preset === null) return z._default(z.nullable(key.schema), null);
  return z.prefault(key.schema, key.preset);
}

/** What a table of keys gives once it is checked; null where a key without preset is not there. */
export type Parsed<K extends Keys> = {
  readonly [Name in keyof K]:
    | z.output<K[Name]['schema']>
    | (K[Name] extends { readonly preset: null } ? null : never);
};
