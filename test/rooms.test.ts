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
  replay: ['model', 'decide'],
  fleet: ['model', 'record'],
  serve: ['model', 'record'],
  page: ['model', 'decide', 'record', 'serve', 'daemon'],
  daemon: ['model', 'sample', 'decide', 'engine', 'act', 'record', 'config', 'serve'],
  cli: [
    'model',
    'sample',
    'decide',
    'engine',
    'act',
    'record',
    'config',
    'replay',
    'fleet',
    'serve',
    'daemon',
  ],
};
/** Rooms in which the same arguments give the same result, and nothing is waited for, read or written. */
const pureRooms = ['decide/', 'replay/'];
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

  it.each(files.filter((file) => pureRooms.some((room) => file.startsWith(room))))('%s is pure', (file) => {
    const text = readFileSync(join(source, file), 'utf8');
    expect(importsOf(file).filter((name) => !name.startsWith('.'))).toEqual([]);
    expect(text).not.toMatch(/\b(async|await|Promise|Date|performance|process|Math\.random|setTimeout)\b/);
  });

  it('let the page take types from where they are, and nothing else than words for numbers', () => {
    const foreign = [...reachedFrom('page/main.ts')].filter((file) => !file.startsWith('page/'));
    expect(foreign).toEqual(['decide/numbers.ts']);
    const texts = files
      .filter((file) => file.startsWith('page/'))
      .map((file) => readFileSync(join(source, file), 'utf8'));
    expect(
      texts.filter((text) =>
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|setAttribute\('style'/.test(text),
      ),
    ).toEqual([]);
  });

  it('let a replay reach no engine, and nothing that works one', () => {
    const reached = reachedFrom('cli/replay.ts');
    expect(reached).toContain('decide/decide.ts');
    expect([...reached].filter((file) => /^(engine|act|serve)\//.test(file))).toEqual([]);
  });
});

/** What a program of this source is made of: types alone bring nothing into it. */
function reachedFrom(entry: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const text = readFileSync(join(source, file), 'utf8').replaceAll(/^(?:import|export) type [^;]*;/gm, '');
    for (const [, name = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g))
      waiting.push(relative(source, resolve(source, dirname(file), name)));
  }
  return reached;
}
