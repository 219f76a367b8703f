import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forceStop } from '../../src/cli/commands.ts';
import { check } from '../../src/cli/configCommands.ts';
import { placesFor } from '../../src/cli/places.ts';
import type { Places } from '../../src/model/places.ts';

let folder: string;
let places: Places;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-commands-'));
  places = placesFor({ uid: 1, homeFolder: folder }, { rundir: join(folder, 'run') });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('force-stop without a daemon', () => {
  const order = () => join(places.runFolder, 'force-stop');

  it('is done when the clean-up has taken its order away', async () => {
    const code = await forceStop(places, async () => {
      expect(existsSync(order())).toBe(true);
      rmSync(order());
      return 0;
    });
    expect(code).toBe(0);
  });

  it('that was broken off fails, and leaves no order behind for the next daemon', async () => {
    expect(await forceStop(places, () => Promise.resolve(0))).toBe(1);
    expect(existsSync(order())).toBe(false);
  });
});

describe('check', () => {
  it('refuses a file that is named and not there; the usual place may be empty', () => {
    expect(check(join(folder, 'typo.yaml'), true)).toBe(1);
    expect(check(join(folder, 'typo.yaml'), false)).toBe(0);
  });
});
