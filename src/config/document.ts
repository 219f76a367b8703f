import * as z from 'zod/mini';
import type { Key, Keys } from './key.ts';
import { configurationGuide } from './guide.ts';
import { mostKinds } from './kindKeys.ts';
import { keyGroups, keys } from './schema.ts';

type JsonSchema = Record<string, unknown>;

/** The JSON Schema of the configuration file, for editors, as the text of `docs/config.schema.json`. */
export function configurationJsonSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of Plancton',
    ...objectSchema(keys),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function objectSchema(table: Keys): JsonSchema {
  const properties = Object.fromEntries(
    Object.entries(table).map(([name, key]) => [name, keySchema(name, key)]),
  );
  const required = Object.entries(table).flatMap(([name, key]) => (key.preset === undefined ? [name] : []));
  return {
    type: ['object', 'null'],
    properties: { ...properties, ...formerNames(table), ...misplacedNames(table) },
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: ignored(''),
  };
}

function formerNames(table: Keys): JsonSchema {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, key]) =>
      (key.formerly ?? [])
        .filter((old) => !Object.hasOwn(table, old))
        .map((old) => [old, { ...ignored(` (did you mean ${name}?)`), doNotSuggest: true }] as const),
    ),
  );
}

/** Names of the top of the file, in an entry: a fault. */
function misplacedNames(table: Keys): JsonSchema {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, { atTop }]) =>
      atTop === undefined || Object.hasOwn(table, atTop)
        ? []
        : [[atTop, { not: {}, description: `Here this is called ${name}.`, doNotSuggest: true }] as const],
    ),
  );
}

/** An unknown key is no fault, but worth a warning: that is what editors make of a deprecated one. */
function ignored(hint: string): JsonSchema {
  return { deprecated: true, deprecationMessage: `unknown key: ignored${hint}` };
}

function keySchema(name: string, key: Key<unknown>): JsonSchema {
  const described: JsonSchema = { description: key.help };
  if (key.preset !== null) described.default = key.preset;
  if (key.children !== undefined) return { ...described, ...objectSchema(key.children) };
  if (key.entries !== undefined) {
    const entry = { ...objectSchema(key.entries), type: 'object' };
    const entries = { type: 'array', maxItems: mostKinds, items: entry };
    const alone = { $ref: `#/properties/${name}/anyOf/0/items` };
    return { ...described, anyOf: [entries, alone, { type: 'null' }] };
  }
  const { $schema: _, ...shape } = z.toJSONSchema(key.schema, {
    io: 'input',
    target: 'draft-7',
  }) as JsonSchema;
  const entries = key.aloneIsList === true ? [shape.items] : [];
  const shapes = Array.isArray(shape.anyOf) ? (shape.anyOf as unknown[]) : [shape];
  // a key without a value has its default
  const nothing = key.preset === undefined ? [] : [{ type: 'null' }];
  return { ...described, anyOf: [...shapes, ...entries, ...nothing] };
}

/** The text of `docs/configuration.md`. */
export function configurationMarkdown(): string {
  const groups = keyGroups.map(({ title, intro, keys }) => {
    const before = intro === undefined ? '' : `${intro}\n\n`;
    return `## ${title}\n\n${before}${overview(keys, '')}\n\n${describeKeys(keys, '')}`;
  });
  return configurationGuide.replace('<!-- keys -->', groups.join('\n\n'));
}

function overview(table: Keys, prefix: string): string {
  const rows = Object.entries(table).map(([name, key]) => {
    const anchor = `${prefix}${name}`.replaceAll(/[^\w-]/g, '');
    return `| [\`${prefix}${name}\`](#${anchor}) | ${key.type} | ${presetText(key)} |`;
  });
  return ['| key | type | default |', '|---|---|---|', ...rows].join('\n');
}

function describeKeys(table: Keys, prefix: string, entry: readonly string[] = []): string {
  return Object.entries(table)
    .map(([name, key]) => {
      const examples = key.examples.map((example) => `${exampleLine(prefix, name, entry)}${example}`);
      const block = examples.length === 0 ? '' : `\n\n\`\`\`yaml\n${examples.join('\n# or\n')}\n\`\`\``;
      const preset = key.preset === undefined ? 'Must be written' : `Default: ${presetText(key)}`;
      return `### ${prefix}${name}\n\n${key.help}\n\nType: ${key.type}. ${preset}.${block}${innerKeys(key, `${prefix}${name}`, entry)}`;
    })
    .join('\n\n');
}

function innerKeys(key: Key<unknown>, name: string, outer: readonly string[]): string {
  const table = key.children ?? key.entries;
  if (table === undefined) return '';
  const prefix = key.entries === undefined ? `${name}.` : `${name}[].`;
  const entry = key.entryExample ?? outer;
  return `\n\n${overview(table, prefix)}\n\n${describeKeys(table, prefix, entry)}`;
}

/** What stands before the value in an example: the sections around the key, and what else an entry of a list needs. */
function exampleLine(prefix: string, name: string, entry: readonly string[]): string {
  const sections = prefix.split('.').filter((section) => section !== '');
  let outer = '';
  let indent = '';
  for (const section of sections) {
    outer += `${indent}${section.replace('[]', '')}:\n`;
    indent += '  ';
    if (!section.endsWith('[]')) continue;
    outer += entry.map((line, index) => `${indent}${index === 0 ? '- ' : '  '}${line}\n`).join('');
    indent += '  ';
  }
  return `${outer}${indent}${name}: `;
}

function presetText(key: Key<unknown>): string {
  if (key.preset === undefined) return 'must be written';
  if (key.preset === null && key.atTop !== undefined) return `as \`${key.atTop}\` at the top`;
  if (key.preset === null || key.children !== undefined) return 'none';
  return `\`${typeof key.preset === 'string' ? key.preset : JSON.stringify(key.preset)}\``;
}
