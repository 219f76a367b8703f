import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { placesFor } from '../../src/cli/places.ts';
import { renew } from '../../src/cli/renew.ts';

let folder: string;
let printed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-renew-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

it('an order is left for the next daemon, and what a drain does to it is told', async () => {
  const places = placesFor({ uid: 1, homeFolder: folder }, { rundir: folder });
  expect(await renew(places, null, true)).toBe(0);
  expect(readFileSync(join(folder, 'renew'), 'utf8')).toBe('now\n');
  expect(printed).toBe(`No daemon runs: the next one finds the order in ${join(folder, 'renew')}\n`);
  writeFileSync(join(folder, 'drain'), '');
  await renew(places, 'a', false);
  expect(printed).toContain(
    'The node drains: none is put in the place of those that end before planctonctl resume\n',
  );
});
