import * as z from 'zod/mini';
import type { Key, Keys } from './key.ts';
import { configurationGuide } from './guide.ts';
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
  const properties = Object.fromEntries(Object.entries(table).map(([name, key]) => [name, keySchema(key)]));
  const former = Object.entries(table).flatMap(([name, key]) =>
    (key.formerly ?? [])
      .filter((old) => !Object.hasOwn(table, old))
      .map((old) => [old, { ...ignored(` (did you mean ${name}?)`), doNotSuggest: true }] as const),
  );
  return {
    type: ['object', 'null'],
    properties: { ...properties, ...Object.fromEntries(former) },
    additionalProperties: ignored(''),
  };
}

/** An unknown key is no fault, but worth a warning: that is what editors make of a deprecated one. */
function ignored(hint: string): JsonSchema {
  return { deprecated: true, deprecationMessage: `unknown key: ignored${hint}` };
}

function keySchema(key: Key<unknown>): JsonSchema {
  const described: JsonSchema = { description: key.help };
  if (key.preset !== null) described.default = key.preset;
  if (key.children !== undefined) return { ...described, ...objectSchema(key.children) };
  const { $schema: _, ...shape } = z.toJSONSchema(key.schema, {
    io: 'input',
    target: 'draft-7',
  }) as JsonSchema;
  const entries = key.aloneIsList === true ? [shape.items] : [];
  const shapes = Array.isArray(shape.anyOf) ? (shape.anyOf as unknown[]) : [shape];
  // a key without a value has its default
  return { ...described, anyOf: [...shapes, ...entries, { type: 'null' }] };
}

/** The text of `docs/configuration.md`. */
export function configurationMarkdown(): string {
  const groups = keyGroups.map(
    ({ title, keys }) => `## ${title}\n\n${overview(keys, '')}\n\n${describeKeys(keys, '')}`,
  );
  return configurationGuide.replace('<!-- keys -->', groups.join('\n\n'));
}

function overview(table: Keys, prefix: string): string {
  const rows = Object.entries(table).map(
    ([name, key]) =>
      `| [\`${prefix}${name}\`](#${prefix.replaceAll('.', '')}${name}) | ${key.type} | ${presetText(key)} |`,
  );
  return ['| key | type | default |', '|---|---|---|', ...rows].join('\n');
}

function describeKeys(table: Keys, prefix: string): string {
  return Object.entries(table)
    .map(([name, key]) => {
      const examples = key.examples.map((example) => `${exampleLine(prefix, name)}${example}`);
      const block = examples.length === 0 ? '' : `\n\n\`\`\`yaml\n${examples.join('\n# or\n')}\n\`\`\``;
      const inner =
        key.children === undefined
          ? ''
          : `\n\n${overview(key.children, `${prefix}${name}.`)}\n\n${describeKeys(key.children, `${prefix}${name}.`)}`;
      return `### ${prefix}${name}\n\n${key.help}\n\nType: ${key.type}. Default: ${presetText(key)}.${block}${inner}`;
    })
    .join('\n\n');
}

function exampleLine(prefix: string, name: string): string {
  const sections = prefix.split('.').filter((section) => section !== '');
  const outer = sections.map((section, depth) => `${'  '.repeat(depth)}${section}:\n`).join('');
  return `${outer}${'  '.repeat(sections.length)}${name}: `;
}

function presetText(key: Key<unknown>): string {
  if (key.preset === null || key.children !== undefined) return 'none';
  return `\`${typeof key.preset === 'string' ? key.preset : JSON.stringify(key.preset)}\``;
}
