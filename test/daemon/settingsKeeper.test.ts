import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LoadResult, loadSettings } from '../../src/config/load.ts';
import { BadConfiguration, keepSettings, type SettingsKeeper } from '../../src/daemon/settingsKeeper.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';

let folder: string;
let log: KeptLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-settings-'));
  mkdirSync(join(folder, 'state'));
  log = keepLog();
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (): string => join(folder, 'config.yaml');
const write = (text: string): void => writeFileSync(file(), text);
const keep = (
  read = async (path: string): Promise<LoadResult> => loadSettings(path),
  defaultsWillDo = false,
): Promise<SettingsKeeper> =>
  keepSettings({
    file: file(),
    stateFolder: join(folder, 'state'),
    read,
    log,
    wallMs: () => 0,
    defaultsWillDo,
  });
const lastGood = (): string => readFileSync(join(folder, 'state/last-good.yaml'), 'utf8');

describe('settings', () => {
  it('without a file are the defaults', async () => {
    const keeper = await keep();
    expect(keeper.state()).toMatchObject({
      state: 'defaults',
      problems: [],
      loadedAt: '1970-01-01T00:00:00.000Z',
    });
    expect(lastGood()).toBe('');
  });

  it('of a file with faults are the defaults where those will do, to clean up, and else nothing', async () => {
    write('max_docks: [\n');
    await expect(keep()).rejects.toBeInstanceOf(BadConfiguration);
    const keeper = await keep(undefined, true);
    expect(keeper.settings().pilotLimit.isDefault).toBe(true);
    expect(keeper.state().state).toBe('bad');
    expect(log.lines.join()).toContain('has faults: defaults are in force');
  });

  it('follow the file, and are copied for us alone when they are good', async () => {
    write('main_sleep: 5\n');
    const keeper = await keep();
    expect(keeper.settings().mainSleepMs).toBe(5000);
    expect(await keeper.reload()).toBe(false);
    write('main_sleep: 6\n');
    expect(await keeper.reload()).toBe(true);
    expect(keeper.settings().mainSleepMs).toBe(6000);
    expect(lastGood()).toBe('main_sleep: 6\n');
    expect(statSync(join(folder, 'state/last-good.yaml')).mode & 0o777).toBe(0o600);
    unlinkSync(file());
    expect(await keeper.reload()).toBe(true);
    expect(keeper.settings().mainSleepMs).toBe(30_000);
  });

  it('stay in force while the file has faults, which are all told', async () => {
    write('main_sleep: 5\n');
    const keeper = await keep();
    write('main_sleep: soon\ngrace_kill: never\n');
    expect(await keeper.reload()).toBe(false);
    expect(keeper.settings().mainSleepMs).toBe(5000);
    expect(keeper.state()).toMatchObject({ state: 'bad' });
    expect(keeper.state().problems).toHaveLength(2);
    expect(log.lines.filter((line) => line.startsWith('ERROR'))).toHaveLength(3);
    expect(lastGood()).toBe('main_sleep: 5\n');
    // What was told is not told again while the file stays as it is.
    const told = log.lines.length;
    expect(await keeper.reload()).toBe(false);
    expect(log.lines).toHaveLength(told);
    write('main_sleep: 5\n');
    expect(await keeper.reload()).toBe(true);
    expect(keeper.state().state).toBe('good');
  });

  it('of a bad file at the start are the last good ones', async () => {
    write('main_sleep: 5\n');
    await keep();
    write('main_sleep: soon\n');
    const keeper = await keep();
    expect(keeper.settings().mainSleepMs).toBe(5000);
    expect(keeper.state().state).toBe('bad');
  });

  it('of a bad file without a last good one are refused', async () => {
    write('main_sleep: soon\n');
    const refused = await keep().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BadConfiguration);
    expect((refused as BadConfiguration).problems.join()).toContain('config.yaml:1:13 main_sleep');
  });

  it('that change while they are read are read again', async () => {
    write('main_sleep: 5\n');
    const gates: (() => void)[] = [];
    let gated = false;
    const keeper = await keep(async (path) => {
      const result = loadSettings(path);
      if (gated) await new Promise<void>((resolve) => gates.push(resolve));
      return result;
    });
    gated = true;
    write('main_sleep: 6\n');
    const reading = keeper.reload();
    write('main_sleep: 7\n');
    expect(await keeper.reload()).toBe(false);
    gated = false;
    gates[0]?.();
    expect(await reading).toBe(true);
    expect(keeper.settings().mainSleepMs).toBe(7000);
    expect(lastGood()).toBe('main_sleep: 7\n');
  });

  it('that cannot be copied are in force all the same', async () => {
    rmSync(join(folder, 'state'), { recursive: true });
    write('main_sleep: 5\n');
    expect((await keep()).settings().mainSleepMs).toBe(5000);
    expect(log.lines.join()).toMatch(/WARN cannot keep a copy of the configuration in .*last-good\.yaml/);
  });
});
