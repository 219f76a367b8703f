import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renew } from '../../src/cli/renew.ts';
import { clearControlFile, watchControlFiles } from '../../src/daemon/controlFiles.ts';
import { createRenewReader } from '../../src/daemon/renewFiles.ts';
import type { Places } from '../../src/model/places.ts';
import type { RenewOrder } from '../../src/model/view.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

let folder: string;
let log: KeptLog;
let read: () => readonly RenewOrder[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-renew-'));
  log = keepLog();
  read = createRenewReader(folder, log);
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const taken = (name: string): unknown => expect.stringMatching(new RegExp(`^\\.taken-[0-9a-f]{12}-${name}$`));
const places = (): Places => ({
  configFile: at('c'),
  logFolder: folder,
  runFolder: folder,
  pidFile: at('p'),
  stateFolder: folder,
});

describe('orders to renew', () => {
  it('are files for all kinds or one, which may want it now', () => {
    expect(read()).toEqual([]);
    writeFileSync(at('renew'), '');
    writeFileSync(at('renew.cms'), 'now\n');
    writeFileSync(at('renew.a.b-c_1'), 'later');
    for (const name of ['renewal', 'renew.', 'renew.CMS', 'renew./x', '.renew'].filter(
      (one) => !one.includes('/'),
    ))
      writeFileSync(at(name), 'now');
    const orders = read();
    expect(orders).toEqual([
      { file: taken('renew'), kind: null, now: false },
      { file: taken('renew.a.b-c_1'), kind: 'a.b-c_1', now: false },
      { file: taken('renew.cms'), kind: 'cms', now: true },
    ]);
    // Until they are removed they are those orders, for the daemon that took them and for the next one.
    expect(read()).toEqual(orders.toSorted((a, b) => (a.file < b.file ? -1 : 1)));
    expect(createRenewReader(folder, log)()).toEqual(read());
  });

  it('that take the place of one that was read are orders of their own', () => {
    writeFileSync(at('renew'), '');
    const [first] = read();
    writeFileSync(at('renew'), 'now');
    clearControlFile(folder, first?.file ?? '', log);
    expect(read()).toEqual([{ file: taken('renew'), kind: null, now: true }]);
    expect(read()[0]?.file).not.toBe(first?.file);
  });

  it('are plain files; what else is called so is named once, and waited for by nobody', () => {
    mkdirSync(at('renew'));
    symlinkSync('/etc/hostname', at('renew.link'));
    execFileSync('mkfifo', [at('renew.pipe')]);
    expect([read(), read()]).toEqual([[], []]);
    expect(log.lines).toHaveLength(3);
    expect(log.lines.join()).toMatch(
      /renew is not a plain file that can be read: ignored; remove it by hand/,
    );
  });

  it('are noticed as they come', async () => {
    let seen = 0;
    const end = watchControlFiles(folder, () => {
      seen += 1;
    });
    writeFileSync(at('renew.cms'), '');
    expect(await until('a notice', () => seen > 0)).toBe(true);
    end();
  });
});

describe('the command', () => {
  it('leaves an order for a daemon that begins later, the last one counts', async () => {
    expect(await renew(places(), 'cms', true)).toBe(0);
    expect(await renew(places(), null, false)).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual(['renew', 'renew.cms']);
    await renew(places(), 'cms', false);
    expect(read()).toEqual([
      { file: taken('renew'), kind: null, now: false },
      { file: taken('renew.cms'), kind: 'cms', now: false },
    ]);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('refuses what is no name of a kind, and what has the place of its file', async () => {
    await expect(renew(places(), 'Cms/..', true)).rejects.toThrow('Cms/.. is no name of a kind');
    mkdirSync(at('renew.cms'));
    await expect(renew(places(), 'cms', true)).rejects.toThrow(/renew\.cms is a folder, not a control file/);
    expect(readdirSync(folder)).toEqual(['renew.cms']);
  });
});
