import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load.ts';
import { pack } from '../../src/config/passing.ts';
import { settingsReader } from '../../src/daemon/readSettings.ts';
import { keepSettings, type SettingsKeeper } from '../../src/daemon/settingsKeeper.ts';
import { version } from '../../src/daemon/version.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';

let folder: string;
let file: string;
let log: KeptLog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-reader-'));
  mkdirSync(join(folder, 'state'));
  file = join(folder, 'config.yaml');
  log = keepLog();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a reader on the disk that says this, as an installation does. */
function install(text: string, more = ''): void {
  writeFileSync(join(folder, 'configReader.cjs'), `process.stdout.write(${JSON.stringify(text)});${more}`);
}
const keep = (): Promise<SettingsKeeper> =>
  keepSettings({
    file,
    stateFolder: join(folder, 'state'),
    read: settingsReader(folder),
    log,
    wallMs: () => 0,
    defaultsWillDo: false,
  });

/** The file says this, and a reader of this version reads it. */
function write(yaml: string, by: string): void {
  writeFileSync(file, yaml);
  install(pack(loadSettings(file), by));
}

describe('what the reader of a configuration hands over', () => {
  it('is the settings, the limit as an expression and passwords as secrets', async () => {
    writeFileSync(file, 'max_docks: ncpus / 2\ninfluxdb_url: http://u:word@host:8086#db\n');
    const told = loadSettings(file);
    install(pack(told, version));
    const read = await settingsReader(folder)(file);
    if (!read.ok) throw new Error(read.problems[0]?.message);
    const node = { ncpus: 6, ram_bytes: 1, swap_bytes: 1, max_dock_mem: 1, max_dock_swap: 1 };
    expect(read.settings.pilotLimit.evaluate(node)).toBe(3);
    expect(read.settings.influxdb[0]?.password?.reveal()).toBe('word');
    expect(JSON.stringify(read)).toBe(JSON.stringify(told));
  });

  it.each([
    ['cut short', '{"version":', '', 'its reader was cut short'],
    ['an exit code', '', 'process.exitCode = 7', 'its reader failed (7)'],
  ])('that is %s is told without its words', async (_what, text, more, why) => {
    install(text, more);
    const read = await settingsReader(folder)(file);
    expect(read).toMatchObject({ ok: false, problems: [{ message: `cannot be read: ${why}` }] });
  });
});

describe('an upgrade under a daemon that runs', () => {
  it('leaves the settings in force, says once what to do, and takes a reader of its own version again', async () => {
    write('main_sleep: 5\n', version);
    const keeper = await keep();
    const before = log.lines.length;
    write('main_sleep: 6\n', '99.1.0');
    expect(await keeper.reload()).toBe(false);
    expect(await keeper.reload()).toBe(false);
    expect(keeper.settings().mainSleepMs).toBe(5000);
    expect(keeper.state().state).toBe('bad');
    const advice = `cannot be read: Plancton ${version} runs and version 99.1.0 has been installed since: restart it (planctonctl stop, planctonctl start)`;
    expect(log.lines.slice(before)).toEqual([
      `ERROR ${file}: ${advice}`,
      `ERROR configuration ${file} was not read: the last good one stays in force`,
    ]);
    write('main_sleep: 7\n', version);
    expect(await keeper.reload()).toBe(true);
    expect(keeper.settings().mainSleepMs).toBe(7000);
  });

  it('to a version that does not say which it is does the same', async () => {
    write('main_sleep: 5\n', version);
    const keeper = await keep();
    writeFileSync(file, 'main_sleep: 6\n');
    install(JSON.stringify(loadSettings(file)));
    expect(await keeper.reload()).toBe(false);
    expect(keeper.settings().mainSleepMs).toBe(5000);
    expect(log.lines.join()).toContain('and another version has been installed since');
  });
});
