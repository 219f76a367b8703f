import { nearest } from './nearest.ts';
import { formatKey, type KeyPath, type Problem } from './problem.ts';
import { unexpectedReading } from './yamlNumbers.ts';
import type { Key, Keys } from './key.ts';
import { keys } from './schema.ts';
import { problemAt, type YamlText } from './yamlText.ts';

/** Where the value of a key came from. */
export type Origin = 'default' | { readonly line: number };

/** What of a file is to be checked, and what is not. */
export interface KnownKeys {
  /** Without unknown keys and nulls; single entries made lists where a list is meant. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly origins: Map<string, Origin>;
  /** The place in the file of something in `values`: entries without a value are not there, and shift those behind them. */
  readonly placeInFile: (path: KeyPath) => KeyPath;
  /** One for each unknown key, with the nearest that there is, and for what is read otherwise than it seems. */
  readonly warnings: readonly Problem[];
}

/** Takes out of a file what Plancton knows. A key without a value has its default, as if it were not there. */
export function pickKnownKeys(yaml: YamlText): KnownKeys {
  const origins = new Map<string, Origin>();
  const warnings: Problem[] = [];

  function pick(
    mapping: Readonly<Record<string, unknown>>,
    table: Keys,
    path: KeyPath,
  ): Record<string, unknown> {
    for (const name of Object.keys(mapping)) {
      if (!Object.hasOwn(table, name)) warnings.push(unknownKey(yaml, [...path, name], table));
    }
    const picked: Record<string, unknown> = {};
    for (const [name, key] of Object.entries(table)) {
      const place = [...path, name];
      const value = Object.hasOwn(mapping, name) ? mapping[name] : null;
      const written = value !== null && value !== undefined;
      origins.set(formatKey(place), written ? { line: yaml.placeOfKey(place).line } : 'default');
      if (key.children !== undefined) {
        const inner = pick(isMapping(value) ? value : {}, key.children, place);
        if (written) picked[name] = isMapping(value) ? inner : value;
      } else if (written) {
        picked[name] = adapted(yaml, place, key, value);
        const remark = readingRemark(yaml, place, value, picked[name]);
        if (remark !== null) warnings.push(problemAt(yaml, place, remark));
      }
    }
    return picked;
  }

  const values = pick(yaml.mapping, keys, []);
  return { values, origins, warnings, placeInFile: (path) => placeInFile(yaml.mapping, path) };
}

/** Lists stand at the top of the file only. */
function placeInFile(mapping: Readonly<Record<string, unknown>>, path: KeyPath): KeyPath {
  const [name, index, ...inner] = path;
  if (name === undefined || typeof index !== 'number') return path;
  const written = Object.hasOwn(mapping, name) ? mapping[name] : null;
  const table: Keys = keys;
  if (table[name]?.aloneIsList !== true || !Array.isArray(written)) return path;
  const kept = written.flatMap((entry, place) => (entry === null ? [] : [place]));
  return [name, kept[index] ?? index, ...inner];
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
  if (which === undefined || !Array.isArray(value)) return value;
  return value.map((entry: unknown, index) => asWritten(yaml, [...path, index], entry));
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
  const near = renamed?.[0] ?? nearest(name, Object.keys(table));
  const hint = near === null ? '' : ` (did you mean ${near}?)`;
  return { ...place, key: formatKey(path), message: `unknown key: ignored${hint}` };
}
