import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BootstrapRig, makeBootstrapRig } from '../support/bootstrapRig.ts';

let rig: BootstrapRig;

beforeAll(async () => {
  rig = await makeBootstrapRig();
});
afterAll(() => rig.remove());
beforeEach(() => rig.renew());

describe('a start at boot', () => {
  const fake = (name: string, lines: string[]) => {
    writeFileSync(join(rig.folder(), 'programs', name), ['#!/bin/sh', ...lines, ''].join('\n'), {
      mode: 0o755,
    });
  };
  const crontab = () => join(rig.folder(), 'crontab');
  const record = () => join(rig.folder(), 'record');
  const arrange = (systemd: boolean, ...args: string[]) =>
    rig.start(args, { systemd, record: record() }).ended;
  const anew = () => rmSync(rig.conf(), { recursive: true });
  const fakeCrontab = () =>
    fake('crontab', [
      `[ "$1" = -l ] || { [ "$1" = - ] && echo written >> "$RECORD" && exec /bin/cat > ${crontab()}; exit 2; }`,
      `[ -e ${crontab()} ] && exec /bin/cat ${crontab()}`,
      'echo "no crontab for bob" >&2; exit 1',
    ]);
  const line = () =>
    `@reboot PLANCTON_NODE=${process.execPath} ${join(rig.bin, 'planctonctl')} --user start # plancton-bootstrap\n`;

  it('is a line of cron where systemd does not run, once', async () => {
    fakeCrontab();
    const first = await arrange(false, '--dryrun');
    expect(first).toMatchObject({
      code: 0,
      output: expect.stringContaining('It starts at boot, by the @reboot'),
    });
    expect(readFileSync(crontab(), 'utf8')).toBe(line());
    anew();
    await arrange(false, '--dryrun');
    expect(readFileSync(crontab(), 'utf8')).toBe(line());
    expect(readFileSync(record(), 'utf8')).toBe('written\n');
  });

  it('keeps the other lines of a crontab byte by byte', async () => {
    fakeCrontab();
    const others = Buffer.from('MAILTO=caf\xe9\n\n*/5 * * * * /bin/true 100\\%\n', 'latin1');
    writeFileSync(crontab(), others);
    expect((await arrange(false, `${rig.repositories.root}/conf.git`)).code).toBe(0);
    expect(readFileSync(crontab())).toEqual(Buffer.concat([others, Buffer.from(line())]));
  });

  it('without cron is told, and the configuration is in force', async () => {
    const { code, output } = await arrange(false, '--dryrun');
    expect(code).toBe(0);
    expect(output).toMatch(/The start at boot was not arranged: there is no systemd.*no crontab program/);
    expect(output).toContain(line().trim());
    expect(output).toContain('Start it now with: ');
    expect(existsSync(rig.conf('config.yaml'))).toBe(true);
  });

  it('is a unit of systemd where that runs', async () => {
    fake('systemctl', ['echo "$@" >> "$RECORD"']);
    const { code, output } = await arrange(true, '--dryrun');
    expect(code).toBe(0);
    expect(output).toContain('Start it now with: systemctl --user start plancton');
    expect(output).toContain('loginctl enable-linger');
    const unit = join(rig.home(), '.config/systemd/user/plancton.service');
    expect(readFileSync(unit, 'utf8')).toMatch(
      new RegExp(
        `^Environment=PLANCTON_NODE=${process.execPath}\nExecStart=${join(rig.bin, 'planctonctl')} --user nodaemon$`,
        'm',
      ),
    );
    expect(statSync(unit).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(rig.home(), '.config/systemd/user'))).toEqual(['plancton.service']);
    expect(readFileSync(record(), 'utf8').split('\n').filter(Boolean)).toEqual([
      '--user --no-pager --no-ask-password daemon-reload',
      '--user --no-pager --no-ask-password enable plancton.service',
    ]);
  });

  it('that systemd refuses is told, and the configuration is in force', async () => {
    fake('systemctl', ['echo "Failed to connect to bus" >&2', 'exit 1']);
    const { code, output } = await arrange(true, '--dryrun');
    expect(code).toBe(0);
    expect(output).toMatch(/not arranged: .*plancton\.service was written, but .*Failed to connect to bus/);
    expect(existsSync(rig.conf('config.yaml'))).toBe(true);
  });

  it('is not touched with --no-boot, nor when nothing was put in force', async () => {
    fakeCrontab();
    await arrange(false, '--no-boot', '--dryrun');
    await arrange(false, '--dryrun');
    await arrange(false, '--confdir', join(rig.folder(), 'mine'), `${rig.repositories.root}/conf.git#wrong`);
    expect(existsSync(crontab())).toBe(false);
  });
});
