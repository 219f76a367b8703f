import { configurationGuide } from '../config/guide.ts';
import type { Key, Keys } from '../config/key.ts';
import { keyGroups } from '../config/schema.ts';
import { literal, mdocOf, mdocText, pageHead, words } from './mdoc.ts';

/** The page of the configuration file, from the same guide and tables as `docs/configuration.md`. */
export function configurationPage(): string {
  const [, guide = ''] = configurationGuide.split('# Configuration\n');
  const [before = '', ...sections] = guide.split(/^(?=## )/m);
  return [
    pageHead('plancton-config', 5, 'configuration of Plancton, config.yaml'),
    '.Sh DESCRIPTION',
    mdocOf(before),
    '.Sh KEYS',
    ...keyGroups.flatMap(({ title, intro, keys }) => [
      `.Ss ${words(title)}`,
      ...(intro === undefined ? [] : [mdocOf(intro)]),
      '.Bl -tag -width Ds',
      ...itemsOf(keys, ''),
      '.El',
    ]),
    mdocOf(sections.join('')),
    '.Sh SEE ALSO',
    '.Xr plancton-bootstrap 1 ,',
    '.Xr planctonctl 1',
    '',
  ].join('\n');
}

function itemsOf(table: Keys, prefix: string): readonly string[] {
  return Object.entries(table).flatMap(([name, key]) => [
    itemOf(key, `${prefix}${name}`),
    ...itemsOf(
      key.children ?? key.entries ?? {},
      `${prefix}${name}${key.entries === undefined ? '.' : '[].'}`,
    ),
  ]);
}

function itemOf(key: Key<unknown>, name: string): string {
  const last = name.replace(/^.*\./, '');
  const examples = key.examples.map((example) => `${last}: ${example}`);
  return [
    `.It Ic ${words(name)}`,
    mdocText(key.help),
    mdocText(`Type: ${key.type}. ${presetText(key)}.`),
    ...(examples.length === 0 ? [] : [literal(examples)]),
  ].join('\n');
}

function presetText({ preset, atTop, children }: Key<unknown>): string {
  if (preset === undefined) return 'Must be written';
  if (preset === null && atTop !== undefined) return `Default: as \`${atTop}\` at the top`;
  if (preset === null || children !== undefined) return 'Default: none';
  return `Default: \`${typeof preset === 'string' ? preset : JSON.stringify(preset)}\``;
}
