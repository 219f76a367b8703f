import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationJsonSchema, configurationMarkdown } from '../../src/config/document.ts';
import type { Key } from '../../src/config/key.ts';
import { kindKeys } from '../../src/config/kindKeys.ts';
import { parseSettings } from '../../src/config/load.ts';
import { keys } from '../../src/config/schema.ts';

const docs = resolve(import.meta.dirname, '../../docs');
/** Not a comparison of texts by `expect`: a page of differences would hide what to do. */
function isCurrent(name: string, text: string): string {
  return readFileSync(resolve(docs, name), 'utf8') === text
    ? 'current'
    : 'out of date: run "npm run generate"';
}

describe('the documentation of the configuration', () => {
  it('docs/configuration.md is what the schema gives', () => {
    expect(isCurrent('configuration.md', configurationMarkdown())).toBe('current');
  });

  it('docs/config.schema.json is what the schema gives', () => {
    expect(isCurrent('config.schema.json', configurationJsonSchema())).toBe('current');
  });

  it.each(
    [...configurationMarkdown().matchAll(/```yaml\n(.*?)\n```/gs)].flatMap(([, block = '']) =>
      block.split('\n# or\n'),
    ),
  )('the example loads: %s', (example) => {
    expect(parseSettings(example)).toMatchObject({ ok: true, warnings: [] });
  });

  it('links lead somewhere', () => {
    const text = configurationMarkdown();
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const targets = [...text.matchAll(/\]\(#(.*?)\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !headings.includes(target))).toEqual([]);
    expect(targets.length).toBeGreaterThan(Object.keys(keys).length);
  });

  it('every default is what the same text written in the file gives', () => {
    for (const [name, key] of Object.entries(keys)) {
      const written = parseSettings(`${name}: ${JSON.stringify(key.preset)}`);
      const left = parseSettings('');
      if (!written.ok || !left.ok) throw new Error(name);
      expect(JSON.stringify({ ...written.settings, pilotLimit: written.settings.pilotLimit.text })).toBe(
        JSON.stringify({ ...left.settings, pilotLimit: left.settings.pilotLimit.text }),
      );
    }
  });

  it('the JSON Schema tells editors types, choices and typing errors', () => {
    const schema = JSON.parse(configurationJsonSchema()) as {
      properties: Record<string, { anyOf: unknown[]; description: string; default?: unknown }>;
    };
    expect(Object.keys(schema.properties).slice(0, Object.keys(keys).length)).toEqual(Object.keys(keys));
    expect(schema.properties.log_format?.anyOf).toContainEqual(
      expect.objectContaining({ enum: ['text', 'json'] }),
    );
    expect(schema.properties.max_ttl).toMatchObject({ default: 43_200, description: keys.max_ttl.help });
    expect(schema.properties.max_ttl?.anyOf).toContainEqual({
      type: 'number',
      minimum: 0,
      maximum: 3_153_600_000_000,
    });
    expect(schema.properties.binds?.anyOf).toContainEqual({ type: 'string' });
  });

  it('the JSON Schema knows entries of pilots, what they must have, and what is called otherwise there', () => {
    const schema = JSON.parse(configurationJsonSchema()) as {
      properties: { pilots: { anyOf: { items?: { properties: object; required: string[] } }[] } };
    };
    const [list] = schema.properties.pilots.anyOf;
    expect(list).toMatchObject({ type: 'array', maxItems: 64 });
    expect(list?.items).toMatchObject({
      required: ['name', 'image'],
      properties: {
        log_rate: { default: '5MB' },
        max_dock_mem: { not: {}, description: 'Here this is called memory.' },
        backoff: { properties: { first: { default: 60 } } },
        env: { anyOf: [{ type: 'object' }, { type: 'array' }, { type: 'null' }] },
      },
    });
    expect(Object.keys(list?.items?.properties ?? {})).toEqual(expect.arrayContaining(Object.keys(kindKeys)));
  });

  it('every default of an entry is what the same text written in it gives', () => {
    const entry = { name: 'a', image: 'i' };
    const left = parseSettings(JSON.stringify({ pilots: [entry] }));
    for (const [name, key] of Object.entries<Key<unknown>>(kindKeys)) {
      if (key.preset === undefined) continue;
      const written = parseSettings(JSON.stringify({ pilots: [{ ...entry, [name]: key.preset }] }));
      expect(written.ok && written.settings.kinds).toEqual(left.ok && left.settings.kinds);
    }
  });

  it('the JSON Schema has editors warn where a check warns: of keys that are not known, or not any more', () => {
    interface Section {
      readonly properties: Readonly<Record<string, Section>>;
      readonly additionalProperties: unknown;
    }
    const schema = JSON.parse(configurationJsonSchema()) as Section;
    const unknown = { deprecated: true, deprecationMessage: 'unknown key: ignored' };
    const old = (name: string) => ({
      deprecated: true,
      deprecationMessage: `unknown key: ignored (did you mean ${name}?)`,
      doNotSuggest: true,
    });
    for (const section of [schema, schema.properties.reserve, schema.properties.engine?.properties.tls])
      expect(section?.additionalProperties).toEqual(unknown);
    expect(schema.properties.secopt).toEqual(old('security_opts'));
    expect(schema.properties.engine?.properties.host).toEqual(old('url'));
    expect(Object.keys(schema.properties)).not.toContain('cputhresh');
  });
});
