import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pilotLogRoute } from '../../src/serve/pilotLog.ts';
import type { Reply } from '../../src/serve/reply.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-logs-'));
  mkdirSync(join(folder, 'pilots'));
  writeFileSync(join(folder, 'secret.log'), 'secret');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function read(
  name: string | null,
  { readers = 'local', isLocal = true }: { readers?: 'local' | 'all' | 'none'; isLocal?: boolean } = {},
): Promise<{ status: number; text: string; type: string }> {
  const route = pilotLogRoute({ logFolder: folder, logReaders: () => readers });
  const query = new URLSearchParams(name === null ? {} : { name });
  const reply = (await route({ query, accept: '', acceptEncoding: '', ifNoneMatch: '', isLocal })) as Reply;
  return { status: reply.status ?? 200, text: Buffer.from(reply.body).toString(), type: reply.type };
}

const keep = (name: string, text: string): void => writeFileSync(join(folder, 'pilots', `${name}.log`), text);

describe('the log of a pilot', () => {
  it('is told as text', async () => {
    keep('plancton-worker-aaaaaa', '<b>one</b>\ntwo\n');
    expect(await read('plancton-worker-aaaaaa')).toEqual({
      status: 200,
      text: '<b>one</b>\ntwo\n',
      type: 'text/plain; charset=utf-8',
    });
  });

  it('is told from a whole line on where it is long, and how much is left out', async () => {
    const lines = Array.from({ length: 40_000 }, (_, index) => `line ${index}\n`).join('');
    keep('long', lines);
    const { text } = await read('long');
    const [, left = '', rest = ''] =
      /^\[plancton: the first (\d+) bytes are left out here\]\n([^]*)$/.exec(text) ?? [];
    expect(rest).toMatch(/^line \d+\n/);
    expect(rest.length).toBeLessThanOrEqual(262_144);
    expect(lines.slice(Number(left))).toBe(rest);
  });

  it.each([
    '',
    '../secret',
    '../pilots/aaa',
    'pilots/aaa',
    'aa',
    'aaa.log',
    '.',
    '..',
    '/etc/passwd',
    'aaa\0',
    'AAA',
    '%61aa',
    'dir',
    'link',
  ])('is none of the name %j', async (name) => {
    keep('aaa', 'text');
    mkdirSync(join(folder, 'pilots/dir.log'));
    symlinkSync(join(folder, 'secret.log'), join(folder, 'pilots/link.log'));
    expect(await read(name)).toMatchObject({ status: 404 });
    expect((await read('aaa')).text).toBe('text');
  });

  it('is none where no name is asked for, and where nothing was ever kept', async () => {
    expect((await read(null)).status).toBe(404);
    rmSync(join(folder, 'pilots'), { recursive: true });
    expect((await read('aaa')).status).toBe(404);
  });

  it('is for who may read it', async () => {
    keep('aaa', 'text');
    const statusOf = async (readers: 'local' | 'all' | 'none', isLocal: boolean): Promise<number> =>
      (await read('aaa', { readers, isLocal })).status;
    expect([await statusOf('local', true), await statusOf('local', false)]).toEqual([200, 403]);
    expect([await statusOf('all', true), await statusOf('all', false)]).toEqual([200, 200]);
    expect([await statusOf('none', true), await statusOf('none', false)]).toEqual([403, 403]);
    expect((await read('aaa', { isLocal: false })).text).toContain('listen_logs');
    expect((await read('aaa', { readers: 'none' })).text).not.toContain('text');
  });
});
