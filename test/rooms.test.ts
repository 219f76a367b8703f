import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Who may import whom; `docs/architecture.md` says why. */
const mayImport: Record<string, readonly string[]> = {
  model: [],
  sample: ['model'],
  decide: ['model'],
  engine: ['model'],
  act: ['model'],
  record: ['model'],
  config: ['model'],
  serve: ['model', 'record'],
  daemon: ['model', 'sample', 'decide', 'engine', 'act', 'record', 'config', 'serve'],
  cli: ['model', 'sample', 'decide', 'engine', 'act', 'record', 'config', 'serve', 'daemon'],
};
const source = resolve(import.meta.dirname, '../src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

describe('the rooms', () => {
  it('are all known', () => {
    const rooms = new Set(files.map((file) => file.split('/')[0]));
    expect([...rooms].filter((room) => !(room !== undefined && room in mayImport))).toEqual([]);
  });

  it.each(files)('%s imports only what its room may', (file) => {
    const room = file.split('/')[0] ?? '';
    const foreign = importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => relative(source, resolve(source, dirname(file), name)).split('/')[0] ?? '')
      .filter((target) => target !== room && !(mayImport[room] ?? []).includes(target));
    expect(foreign).toEqual([]);
  });

  it.each(files.filter((file) => file.startsWith('decide/')))('%s is pure', (file) => {
    const text = readFileSync(join(source, file), 'utf8');
    expect(importsOf(file).filter((name) => !name.startsWith('.'))).toEqual([]);
    expect(text).not.toMatch(/\b(async|await|Promise|Date|performance|process|Math\.random|setTimeout)\b/);
  });
});
