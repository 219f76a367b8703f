import { afterEach, describe, expect, it } from 'vitest';
import { answers } from '../support/engineApi.ts';
import { begin, configure, count, ended, engine, plancton, small, useRig } from './rig.ts';

useRig();
afterEach(async () => {
  if (!(await answers(engine.socket))) await engine.resume();
});

/** Names of the pilots that run. */
async function names(many: number): Promise<string[]> {
  const pilots = await plancton.running(many);
  return pilots.map((one) => one.Names[0]?.slice(1) ?? '').toSorted();
}

/** Pilots as most are: one that ends by the signal that an engine sends as it goes, one after it, and one that has to be killed. */
const commands = [
  ['heed their notice', '/bin/sleep 1000'],
  ['end well when they are told to', '[/bin/sh, -c, \'trap "exit 0" TERM; while :; do sleep 0.2; done\']'],
  ['pay no heed to it', "[/bin/sh, -c, 'trap : TERM; while :; do sleep 1; done']"],
] as const;

describe('an engine that is restarted under pilots', () => {
  it.each(commands)(
    'loses those that %s; none has failed, and all are replaced at once',
    async (_, command) => {
      configure(plancton, engine.url, `${small}docker_cmd: ${command}\nmax_docks: 5\nmain_sleep: 1\n`);
      await begin(plancton);
      const before = await names(5);
      await engine.halt();
      await plancton.statusWith('a waiting daemon', (now) => now.state === 'waiting');
      await engine.resume();
      for (const name of before) await plancton.logged(new RegExp(`${name} lost after`));
      const after = await names(5);
      expect(after.filter((name) => before.includes(name))).toEqual([]);
      const log = plancton.log();
      expect(log).not.toMatch(/plancton-worker-\w+ (failed|finished|no-work) after/);
      expect(log).not.toMatch(/waits|back-off|backing off/);
      // Refills, not growth: their slots were not lost with them.
      expect(count(log, /started plancton-worker-\w+ \(growth\)/)).toBe(5);
    },
  );

  it('while no daemon runs loses them too', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 3\nmain_sleep: 1\n`);
    await begin(plancton);
    const before = await names(3);
    const pid = plancton.pid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await ended(pid);
    await engine.halt();
    await engine.resume();
    await begin(plancton);
    for (const name of before) await plancton.logged(new RegExp(`${name} lost after .*the engine ended`));
    await names(3);
    expect(plancton.log()).not.toMatch(/plancton-worker-\w+ failed after/);
  });

  it('by a crash loses those that it does not find alive', async () => {
    configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 3\nmain_sleep: 1\n`);
    await begin(plancton);
    const before = await names(3);
    await engine.crash();
    await plancton.statusWith('a waiting daemon', (now) => now.state === 'waiting');
    await engine.resume();
    await plancton.statusWith('the engine again', (now) => now.engine.answering);
    await plancton.statusWith('all slots', (now) => now.pilots.running === 3);
    const after = await names(3);
    for (const name of before.filter((one) => !after.includes(one)))
      await plancton.logged(new RegExp(`${name} lost after`));
    expect(plancton.log()).not.toMatch(/plancton-worker-\w+ (failed|finished) after/);
  });
});
