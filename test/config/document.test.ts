import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configurationJsonSchema, configurationMarkdown } from '../../src/config/document.ts';
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
      additionalProperties: boolean;
      properties: Record<string, { anyOf: unknown[]; description: string; default?: unknown }>;
    };
    expect(schema.additionalProperties).toBe(false);
    expect(Object.keys(schema.properties)).toEqual(Object.keys(keys));
    expect(schema.properties.log_format?.anyOf).toContainEqual(
      expect.objectContaining({ enum: ['text', 'json'] }),
    );
    expect(schema.properties.max_ttl).toMatchObject({ default: 43_200, description: keys.max_ttl.help });
    expect(schema.properties.max_ttl?.anyOf).toContainEqual({
      type: 'number',
      minimum: 1,
      maximum: 3_153_600_000,
    });
    expect(schema.properties.binds?.anyOf).toContainEqual({ type: 'string' });
  });
});
