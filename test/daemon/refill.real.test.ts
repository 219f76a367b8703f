import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineApi } from '../support/engineApi.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, ended, engine, inspect, plancton, small, useRig } from './rig.ts';

useRig();

const started = /started plancton-worker-\w+/;
const report = /\d+ of \d+ pilots; of/;

describe('refill', () => {
  it('a pilot that ended is followed by the next one at once, whatever main_sleep and grace_spawn say', async () => {
    configure(
      plancton,
      engine.url,
      `${small}docker_cmd: /bin/sleep 1\nmax_docks: 2\nmain_sleep: 600\ngrace_spawn: 600\n`,
    );
    await begin(plancton);
    // One loop of the original's would be ten minutes: all of this is within the first.
    const log = await plancton.logged(/(\(refill\)[^]*){6}/);
    expect(count(log, report)).toBe(1);
    expect(count(log, /\(growth\)/)).toBe(2);
    expect(log).toMatch(/plancton-worker-\w{6} finished after 1\.\d s, exit code 0/);
  });

  it('the next containers are made ahead of time, started at the end of a pilot, and gone after drain and stop', async () => {
    const settings = `${small}docker_cmd: /bin/sleep 2\nmax_docks: 2\nmain_sleep: 600\n`;
    configure(plancton, engine.url, settings);
    await begin(plancton);
    const waiting = async (): Promise<string[]> =>
      (await plancton.pilots()).filter((one) => one.State === 'created').map((one) => one.Names[0] ?? '');
    const begun = (name: string): boolean =>
      plancton.log().includes(`started ${name.replace('/', '')} (refill)`);
    const prepared = new Set<string>();
    await until(
      'a prepared one that was started',
      async () => {
        for (const name of await waiting()) prepared.add(name);
        return [...prepared].some(begun);
      },
      60_000,
    );
    await plancton.ctl('drain');
    await until('no pilot, no container', async () => (await plancton.pilots()).length === 0);
    await plancton.ctl('resume');
    await until('one waits', async () => (await waiting()).length > 0);
    await plancton.ctl('stop');
    await until('none waits', async () => (await waiting()).length === 0);
    expect(plancton.log()).not.toContain('never started');
  });

  it('a pilot that somebody else removes is told once, and replaced', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 1\nmain_sleep: 600\n`);
    await begin(plancton);
    const [pilot] = await plancton.running(1);
    await engineApi(engine.socket, `/containers/${pilot?.Id ?? ''}?force=1`, { method: 'DELETE' });
    const name = pilot?.Names[0]?.slice(1) ?? '';
    // Whoever is faster: we read its end before it is gone, or it is gone and its end is told as far as it was seen.
    const told = new RegExp(`${name} (lost|failed) after`);
    await plancton.logged(told);
    await plancton.logged(/\(refill\)/);
    expect(count(plancton.log(), told)).toBe(1);
  });

  it('there are never more than the limit, and ended ones do not pile up', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/true\nmax_docks: 2\nmain_sleep: 600\n`);
    await begin(plancton);
    let most = { running: 0, all: 0 };
    await until(
      'a dozen pilots',
      async () => {
        const seen = await plancton.pilots();
        const running = seen.filter((one) => one.State === 'running').length;
        most = { running: Math.max(most.running, running), all: Math.max(most.all, seen.length) };
        return count(plancton.log(), started) >= 12;
      },
      60_000,
    );
    expect(most.running).toBeLessThanOrEqual(2);
    expect(most.all).toBeLessThan(12);
    await plancton.ctl('drain');
    await until('no pilot', async () => (await plancton.pilots()).length === 0);
  });

  it('docks_per_loop bounds how many are newly filled in one main_sleep, and refills do not count', async () => {
    configure(
      plancton,
      engine.url,
      `${small}docker_cmd: /bin/sleep 2\nmax_docks: 6\ndocks_per_loop: 2\nmain_sleep: 600\n`,
    );
    await begin(plancton);
    const log = await plancton.logged(/(\(refill\)[^]*){4}/);
    expect(count(log, /\(growth\)/)).toBe(2);
    expect(log).toContain('2 slots newly filled (docks_per_loop)');
  });

  it('the next main_sleep brings the next few', async () => {
    configure(
      plancton,
      engine.url,
      `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 3\ndocks_per_loop: 1\nmain_sleep: 1\n`,
    );
    await begin(plancton);
    await plancton.running(3);
    // What is started is told after it can be seen at the engine.
    const log = await plancton.logged(/(\(growth\)[^]*){3}/);
    expect(count(log, /\(growth\)/)).toBe(3);
  });
});

describe('max_ttl', () => {
  it('gives notice by SIGTERM, tells the outcome, and the slot is filled again without grace_spawn', async () => {
    const notes = join(plancton.folder, 'notes');
    mkdirSync(notes);
    const command = "trap 'echo heard > /notes/$HOSTNAME; exit 0' TERM; while :; do sleep 0.1; done";
    configure(
      plancton,
      engine.url,
      `${small.replace('grace: 1', 'grace: 20')}docker_cmd: [/bin/sh, -c, "${command}"]\nmax_docks: 1\nmax_ttl: 2\nmain_sleep: 600\ngrace_spawn: 600\nbinds: ['${notes}:/notes:rw']\n`,
    );
    await begin(plancton);
    const [first] = await plancton.running(1);
    const name = first?.Names[0]?.slice(1) ?? '';
    const log = await plancton.logged(new RegExp(`${name} expired after`));
    expect(log).toContain(`giving notice to ${name} (expired): it has run for longer than max_ttl`);
    const [next] = await plancton.running(1);
    expect(next?.Id).not.toBe(first?.Id);
    const heard = await until('a note', () => readNote(notes, name));
    expect(heard).toBe('heard\n');
  });

  it('an adopted pilot keeps its age', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 1\nmain_sleep: 600\n`);
    await begin(plancton);
    const [pilot] = await plancton.running(1);
    const begunAt = Date.parse((await inspect(engine.socket, pilot?.Id ?? '')).State.StartedAt);
    const pid = plancton.pid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await ended(pid);
    await until('some age', () => Date.now() - begunAt > 3000);
    await begin(plancton);
    const status = await until('the adoption', async () => {
      const now = await plancton.status();
      return now.pilots.running === 1 ? now : null;
    });
    expect(status.pilots.list[0]?.ageSeconds).toBeGreaterThanOrEqual(3);
    expect(count(plancton.log(), started)).toBe(0);
  });
});

/** What the pilot of this name wrote; its host name ends as its own name does. */
function readNote(folder: string, name: string): string | null {
  try {
    const host = readFileSync('/etc/hostname', 'utf8').trim();
    return readFileSync(join(folder, `plancton-${host.slice(0, 40)}-${name.slice(-6)}`), 'utf8');
  } catch {
    return null;
  }
}
