import { nearest } from './nearest.ts';
import { formatKey, type KeyPath, type Problem } from './problem.ts';
import type { Key, Keys } from './key.ts';
import { keys } from './schema.ts';
import type { YamlText } from './yamlText.ts';

/** Where the value of a key came from. */
export type Origin = 'default' | { readonly line: number };

/** What of a file is to be checked, and what is not. */
export interface KnownKeys {
  /** Without unknown keys and nulls; single entries made lists where a list is meant. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly origins: ReadonlyMap<string, Origin>;
  /** One for each unknown key, with the nearest that there is. */
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
      }
    }
    return picked;
  }

  const values = pick(yaml.mapping, keys, []);
  return { values, origins, warnings };
}

function adapted(yaml: YamlText, path: KeyPath, key: Key<unknown>, value: unknown): unknown {
  if (key.asWritten === true && Array.isArray(value)) {
    return value.map((entry: unknown, index) =>
      typeof entry === 'number' || typeof entry === 'boolean'
        ? (yaml.sourceOf([...path, index]) ?? String(entry))
        : entry,
    );
  }
  if (key.aloneIsList !== true) return value;
  return Array.isArray(value) ? value.filter((entry) => entry !== null) : [value];
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
