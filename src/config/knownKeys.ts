import { nearest } from './nearest.ts';
import { formatKey, type KeyPath, type Problem } from './problem.ts';
import { unexpectedReading } from './yamlNumbers.ts';
import type { Key, Keys } from './key.ts';
import { kindKeys, mostKinds } from './kindKeys.ts';
import { keys } from './schema.ts';
import { problemAt, type YamlText } from './yamlText.ts';

/** Where the value of a key came from. */
export type Origin = 'default' | { readonly line: number };

/** What of a file is to be checked, and what is not. */
export interface KnownKeys {
  /** Without unknown keys and nulls; single entries made lists where a list is meant. */
  readonly values: Readonly<Record<string, unknown>>;
  /** An entry of `pilots` has its keys here like a section: `pilots[0].memory`. */
  readonly origins: Map<string, Origin>;
  /** The place in the file of something in `values`: entries without a value are not there, and shift those behind them. */
  readonly placeInFile: (path: KeyPath) => KeyPath;
  /** What cannot be checked at all, and is not in `values`. */
  readonly problems: readonly Problem[];
  /** One for each unknown key, with the nearest that there is, and for what is read otherwise than it seems. */
  readonly warnings: readonly Problem[];
}

/** The most entries that a list or mapping in an entry of `pilots` has: an alias makes many out of one for nothing. */
const mostInEntry = 256;

/** Takes out of a file what Plancton knows. A key without a value has its default, as if it were not there. */
export function pickKnownKeys(yaml: YamlText): KnownKeys {
  const origins = new Map<string, Origin>();
  const warnings: Problem[] = [];
  const problems: Problem[] = [];

  function pick(
    mapping: Readonly<Record<string, unknown>>,
    table: Keys,
    path: KeyPath,
  ): Record<string, unknown> {
    for (const name of Object.keys(mapping)) {
      if (Object.hasOwn(table, name)) continue;
      const misplaced = misplacedKey(yaml, [...path, name], table);
      if (misplaced === null) warnings.push(unknownKey(yaml, [...path, name], table));
      else problems.push(misplaced);
    }
    const picked: Record<string, unknown> = {};
    for (const [name, key] of Object.entries(table)) {
      const place = [...path, name];
      const value = Object.hasOwn(mapping, name) ? mapping[name] : null;
      const written = value !== null && value !== undefined;
      origins.set(
        formatKey(place),
        written ? { line: yaml.placeOfKey(place).line } : originOfDefault(key, origins),
      );
      if (key.children !== undefined) {
        const inner = pick(isMapping(value) ? value : {}, key.children, place);
        if (written) picked[name] = isMapping(value) ? inner : value;
      } else if (written && key.entries !== undefined) {
        const entries = pickEntries(value, key, key.entries, place);
        if (entries !== null) picked[name] = entries;
      } else if (written) {
        const excess = path.length > 0 ? excessOf(value, mostInEntry) : null;
        if (excess !== null) {
          problems.push(problemAt(yaml, place, excess));
          continue;
        }
        picked[name] = adapted(yaml, place, key, value);
        const remark = readingRemark(yaml, place, value, picked[name]);
        if (remark !== null) warnings.push(problemAt(yaml, place, remark));
      }
    }
    return picked;
  }

  /** A section that stands alone is a list of one, unless it seems to hold others by their names. */
  function pickEntries(
    value: unknown,
    key: Key<unknown>,
    table: Keys,
    path: KeyPath,
  ): readonly unknown[] | null {
    const needed = Object.keys(table).filter((name) => table[name]?.preset === undefined);
    const isByName = isMapping(value) && !needed.some((name) => name in value);
    const fault = isByName
      ? `expected a list, as in "- ${key.entryExample?.[0] ?? ''}", found a mapping`
      : excessOf(value, mostKinds);
    if (fault !== null) {
      problems.push(problemAt(yaml, path, fault));
      return null;
    }
    return (Array.isArray(value) ? value : [value]).map((entry: unknown, index) =>
      isMapping(entry) ? pick(entry, table, [...path, index]) : entry,
    );
  }

  const values = pick(yaml.mapping, keys, []);
  return { values, origins, problems, warnings, placeInFile: (path) => placeInFile(yaml.mapping, path) };
}

/** Of what is not written in an entry and is said at the top of the file, which has been looked through before. */
function originOfDefault(key: Key<unknown>, origins: ReadonlyMap<string, Origin>): Origin {
  const atTop = key.preset === null && key.atTop !== undefined ? origins.get(key.atTop) : undefined;
  return atTop ?? 'default';
}

function excessOf(value: unknown, most: number): string | null {
  const count = Array.isArray(value) ? value.length : isMapping(value) ? Object.keys(value).length : 0;
  return count > most ? `expected at most ${most} entries, found ${count}` : null;
}

/** Follows `path` through the file, and puts back the entries without a value that it does not count. */
function placeInFile(mapping: Readonly<Record<string, unknown>>, path: KeyPath): KeyPath {
  let table: Keys | undefined = keys;
  let key: Key<unknown> | undefined;
  let value: unknown = mapping;
  return path.map((step) => {
    if (typeof step === 'number') {
      const index = indexInFile(value, key, step);
      value = Array.isArray(value) ? (value as unknown[])[index] : value;
      table = key?.entries;
      return index;
    }
    key = table !== undefined && Object.hasOwn(table, step) ? table[step] : undefined;
    table = key?.children;
    value = isMapping(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    return step;
  });
}

function indexInFile(list: unknown, key: Key<unknown> | undefined, index: number): number {
  if (key?.aloneIsList !== true || key.entries !== undefined || !Array.isArray(list)) return index;
  const kept = list.flatMap((entry: unknown, place) => (entry === null ? [] : [place]));
  return kept[index] ?? index;
}

function adapted(yaml: YamlText, path: KeyPath, key: Key<unknown>, value: unknown): unknown {
  if (key.noIsZero === true && isNo(value)) return 0;
  const taken = withWritten(yaml, path, key.asWritten, value);
  if (key.aloneIsList !== true) return taken;
  return Array.isArray(taken) ? taken.filter((entry) => entry !== null) : [taken];
}

function withWritten(
  yaml: YamlText,
  path: KeyPath,
  which: Key<unknown>['asWritten'],
  value: unknown,
): unknown {
  if (which === 'value') return typeof value === 'number' ? asWritten(yaml, path, value) : value;
  if (which === undefined) return value;
  if (Array.isArray(value)) {
    return value.map((entry: unknown, index) => asWritten(yaml, [...path, index], entry));
  }
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, asWritten(yaml, [...path, name], inner)]),
  );
}

function asWritten(yaml: YamlText, path: KeyPath, value: unknown): unknown {
  const isRead = typeof value === 'number' || typeof value === 'boolean';
  return isRead ? (yaml.sourceOf(path) ?? String(value)) : value;
}

/** Python's `False`, in the words that YAML 1.1 has for it. */
function isNo(value: unknown): boolean {
  return value === false || (typeof value === 'string' && /^(no|off|false)$/i.test(value));
}

function readingRemark(yaml: YamlText, path: KeyPath, value: unknown, picked: unknown): string | null {
  if (picked === 0 && value !== 0) return isNo(value) ? 'expected a number: taken as 0' : null;
  return typeof picked === 'number' ? unexpectedReading(yaml.sourceOf(path) ?? '', picked) : null;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownKey(yaml: YamlText, path: KeyPath, table: Keys): Problem {
  const name = String(path.at(-1));
  const place = yaml.placeOfKey(path);
  // what is no plain word may be a URL with a password that lost its key
  if (!/^[\w.-]{1,60}$/.test(name)) {
    return {
      ...place,
      key: formatKey(path.slice(0, -1)),
      message: 'this is no key that Plancton knows: ignored',
    };
  }
  const renamed = Object.entries(table).find(([, key]) => key.formerly?.includes(name.toLowerCase()));
  const ofKind = table === keys && Object.hasOwn(kindKeys, name) ? allKindKeys[name] : undefined;
  const near =
    renamed?.[0] ?? ofKind?.atTop ?? (ofKind === undefined ? nearest(name, Object.keys(table)) : null);
  const hint =
    near === null
      ? ofKind === undefined
        ? ''
        : ' (it belongs in an entry of pilots)'
      : ` (did you mean ${near}?)`;
  return { ...place, key: formatKey(path), message: `unknown key: ignored${hint}` };
}

const allKindKeys: Keys = kindKeys;

/** In an entry of `pilots`, a key by the name that it has at the top of the file; null where it is none. */
function misplacedKey(yaml: YamlText, path: KeyPath, table: Keys): Problem | null {
  const name = path.at(-1);
  const here = Object.entries(table).find(([, key]) => key.atTop === name)?.[0];
  if (here === undefined) return null;
  const message = `in an entry of pilots this is called ${here}`;
  return { ...yaml.placeOfKey(path), key: formatKey(path), message };
}
