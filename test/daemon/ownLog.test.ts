import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLog } from '../../src/daemon/ownLog.ts';
import { applyLogSettings } from '../../src/daemon/processWide.ts';
import { BadConfiguration } from '../../src/daemon/settingsKeeper.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const log = (): string => readFileSync(join(folder, 'plancton.log'), 'utf8');
const parts = { foreground: false, hostname: 'node', explain: String };

it('what keeps a daemon from beginning is in its log, each fault in a line', async () => {
  const refused = new BadConfiguration('config.yaml', ['config.yaml:1:13 main_sleep: expected a number']);
  const explain = (): string => [...refused.problems, refused.message].join('\n');
  const ran = withLog({ ...parts, folder, explain }, () => Promise.reject(refused));
  await expect(ran).rejects.toBe(refused);
  expect(log()).toMatch(
    /^\S+ ERROR config\.yaml:1:13 main_sleep: expected a number\n\S+ ERROR the configuration .* nothing was started\n$/,
  );
});

it('a log that cannot be written is in nobody’s way', async () => {
  const text = 'no folder can be made';
  const taken = join(folder, 'file');
  writeFileSync(taken, '');
  const ran = withLog({ ...parts, folder: taken }, () => Promise.reject(new Error(text)));
  await expect(ran).rejects.toThrow(text);
});

it('what goes well is told as ever, and is in the file at its end', async () => {
  await withLog({ ...parts, folder }, (own) => Promise.resolve(own.info('all is well')));
  expect(log()).toMatch(/ INFO {2}all is well\n$/);
});

it('has its first line in the format that the configuration asks for', async () => {
  await withLog({ ...parts, folder }, (own) => {
    own.info('the configuration is in force');
    applyLogSettings(own, { logFormat: 'json', syslog: 'off' });
    return Promise.resolve();
  });
  expect(JSON.parse(log())).toMatchObject({ level: 'info', msg: 'the configuration is in force' });
});
