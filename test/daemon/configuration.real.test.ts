import { mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { importBusybox } from '../support/image.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, engine, plancton, small, useRig } from './rig.ts';

// Only the watch of the file can notice a change within a test's time.
const slow = `${small}docker_cmd: /bin/sleep 1000\nupdateconfig: 3600\nmain_sleep: 600\ndocks_per_loop: 10\n`;
const fixtures = resolve(import.meta.dirname, '../fixtures/config');

useRig();
beforeAll(async () => {
  await importBusybox(engine.socket, 'busybox:latest');
});

describe('a change of the file', () => {
  it('is noticed at once, and no pilot that runs is touched by it', async () => {
    configure(plancton, engine.url, `${slow}max_docks: 1\n`);
    await begin(plancton);
    const [pilot] = await plancton.running(1);
    configure(plancton, engine.url, `${slow.replace('sleep 1000', 'sleep 2000')}max_docks: 3\n`);
    const three = await plancton.running(3);
    expect(three.map((one) => one.Id)).toContain(pilot?.Id);
    configure(plancton, engine.url, `${slow}max_docks: 1\n`);
    const status = await plancton.statusWith('the lower limit', (now) => now.pilots.limit === 1);
    expect(status.pilots.running).toBe(3);
    expect((await plancton.running(3)).map((one) => one.Id).sort()).toEqual(
      three.map((one) => one.Id).sort(),
    );
  });

  it('that no watch can see, behind a link into another folder, is in force after updateconfig', async () => {
    const elsewhere = join(plancton.folder, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'site.yaml'), '');
    symlinkSync(join(elsewhere, 'site.yaml'), plancton.configFile);
    const timed = slow.replace('updateconfig: 3600', 'updateconfig: 1');
    configure(plancton, engine.url, `${timed}max_docks: 0\n`);
    await begin(plancton);
    await plancton.statusWith('the first limit', (now) => now.engine.answering && now.pilots.limit === 0);
    configure(plancton, engine.url, `${timed}max_docks: 1\n`);
    const status = await plancton.statusWith('the other limit', (now) => now.pilots.limit === 1);
    expect(status.config.state).toBe('good');
  });

  it('of a key that is deleted, or of the whole file, gives the defaults back', async () => {
    const env = { DOCKER_HOST: engine.url };
    writeFileSync(plancton.configFile, `${slow}max_docks: 0\n`);
    await begin(plancton, env);
    expect((await plancton.statusWith('the limit', (now) => now.engine.answering)).pilots.limit).toBe(0);
    writeFileSync(plancton.configFile, slow);
    await plancton.statusWith('the default limit', (now) => now.pilots.limit >= 1);
    unlinkSync(plancton.configFile);
    const status = await plancton.statusWith('the defaults', (now) => now.config.state === 'defaults');
    expect(status.images[0]?.reference).toBe('busybox');
    await plancton.logged('defaults are in force');
    writeFileSync(plancton.configFile, `${slow}max_docks: 0\n`);
    await plancton.statusWith(
      'the file again',
      (now) => now.pilots.limit === 0 && now.config.state === 'good',
    );
  });
});

describe('a file with faults', () => {
  const broken = `${slow}max_docks: ncpus +\nmain_slep: 3\ngrace_kill: soon\nbinds: 7\n`;

  it('is told whole while the daemon runs, and what was good stays in force', async () => {
    configure(plancton, engine.url, `${slow.replace('sleep 1000', 'sleep 2')}max_docks: 1\n`);
    await begin(plancton);
    await plancton.running(1);
    configure(plancton, engine.url, broken);
    const status = await plancton.statusWith('the faults', (now) => now.config.state === 'bad');
    expect(status.config.problems).toHaveLength(3);
    for (const key of ['max_docks', 'grace_kill', 'binds\\[0\\]']) {
      const line = new RegExp(`ERROR .*config\\.yaml:\\d+:\\d+ ${key}.*: expected`);
      await plancton.logged(line);
    }
    await plancton.logged(/WARN .*main_slep.*main_sleep/);
    await plancton.logged('the last good one stays in force');
    expect((await plancton.ctl('status')).stdout).toMatch(
      /Config .*has faults, the last good one is in force/,
    );
    const refills = count(plancton.log(), /\(refill\)/);
    await until('pilots go on', () => count(plancton.log(), /\(refill\)/) >= refills + 2);
    expect((await plancton.status()).pilots.limit).toBe(1);
    expect(await plancton.ctl('check')).toMatchObject({ code: 1 });
    configure(plancton, engine.url, `${slow}max_docks: 2\n`);
    await plancton.statusWith(
      'the mended file',
      (now) => now.config.state === 'good' && now.pilots.limit === 2,
    );
  });

  it('at a start gives way to the last good one', async () => {
    configure(plancton, engine.url, `${slow}max_docks: 1\n`);
    await begin(plancton);
    await plancton.running(1);
    await plancton.ctl('stop');
    configure(plancton, engine.url, broken);
    await begin(plancton);
    const status = await plancton.statusWith('the adoption', (now) => now.pilots.running === 1);
    expect(status.pilots.limit).toBe(1);
    expect(status.config).toMatchObject({ state: 'bad' });
    const kept = statSync(join(plancton.runFolder, 'state/last-good.yaml'));
    expect(kept.mode & 0o777).toBe(0o600);
  });

  it('at the first start is refused with every line and column', async () => {
    configure(plancton, engine.url, broken);
    const { code, stderr } = await plancton.ctl('start');
    expect(code).toBe(1);
    // Who starts it at boot keeps nothing of what it says: its log does.
    for (const text of [stderr, plancton.log()]) {
      for (const key of ['max_docks', 'grace_kill', 'binds\\[0\\]'])
        expect(text).toMatch(new RegExp(`config\\.yaml:\\d+:\\d+ ${key}.*: expected`));
      expect(text).toContain('nothing was started');
    }
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(await plancton.ctl('status')).toMatchObject({ code: 1 });
    configure(plancton, engine.url, `${slow}max_docks: 1\n`);
    await begin(plancton);
    await plancton.running(1);
  });

  it.each([
    ['more than 1 MB', Buffer.from(`# ${'x'.repeat(1_100_000)}\nmax_docks: 1\n`), /at most 1000000/],
    ['not UTF-8', Buffer.from([0x6d, 0x61, 0x78, 0xff, 0xfe, 0x0a]), /UTF-8/],
    ['no mapping', Buffer.from('- one\n- two\n'), /config\.yaml:1:1/],
  ])('that is %s is refused with a word of why', async (_what, bytes, why) => {
    writeFileSync(plancton.configFile, bytes);
    const { code, stderr } = await plancton.ctl('start');
    expect(code).toBe(1);
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('an expression that only this node cannot evaluate is told once, and starts nothing', async () => {
    configure(
      plancton,
      engine.url,
      `${slow.replace('main_sleep: 600', 'main_sleep: 1')}max_docks: ncpus // swap_bytes\n`,
    );
    await begin(plancton);
    await plancton.statusWith('the engine', (now) => now.engine.answering);
    await plancton.logged(/max_docks cannot be evaluated on this node[^]*(0 of 0 pilots[^]*){2}/);
    configure(plancton, engine.url, `${slow}max_docks: 1\n`);
    await plancton.running(1);
    expect(count(plancton.log(), /cannot be evaluated/)).toBe(1);
  });
});

describe('little or no configuration', () => {
  it.each([
    ['an empty file', ''],
    ['a file of comments', '---\n# max_docks: 4\n'],
    ['no file', null],
  ])('%s runs busybox pilots', async (_what, text) => {
    if (text !== null) writeFileSync(plancton.configFile, text);
    await begin(plancton, { DOCKER_HOST: engine.url });
    const status = await plancton.statusWith('a pilot', (now) => now.pilots.running >= 1);
    expect(status.images[0]?.reference).toBe('busybox');
    expect(status.config.state).toBe(text === null ? 'defaults' : 'good');
    expect(status.pilots.limit).toBe(Math.max(1, status.node.cpus - 2));
  });
});

describe('configurations of sites', () => {
  it.each([
    ['cern-alien-dev.yaml', /rigidity[^]*dock_condor_conf/],
    ['cern-test.yaml', /^/],
    ['dryrun.yaml', /^$/],
    ['to-infn-dev.yaml', /^/],
  ])('%s starts', async (file, warning) => {
    writeFileSync(plancton.configFile, readFileSync(join(fixtures, file)));
    await begin(plancton, { DOCKER_HOST: engine.url });
    const status = await plancton.statusWith('the engine', (now) => now.engine.answering);
    expect(status.config).toMatchObject({ state: 'good', problems: [] });
    expect(status.config.warnings.join('\n')).toMatch(warning);
  });
});
