import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHogs } from '../support/hogs.ts';
import { begin, configure, engine, plancton, small, useRig } from './rig.ts';

/** Other programs may keep this machine busy for a while: pilots come only when it has room. */
const patienceMs = 150_000;

let endHogs = async (): Promise<void> => undefined;
useRig();
beforeEach(() => {
  mkdirSync(join(plancton.folder, 'out'));
});
afterEach(() => endHogs());

const said = (): string => readFileSync(join(plancton.folder, 'out/said'), 'utf8');

/** One pilot that does this on SIGTERM, evicted for an owner who takes all CPUs; gives the log from its end. */
async function evict(onNotice: string, graceSeconds: number): Promise<string> {
  const program = `trap '${onNotice}' TERM; echo began > /out/said; while :; do sleep 0.1; done`;
  const whole = small
    .replace('cpus_per_dock: 0.1', 'cpus_per_dock: 0.3')
    .replace('stop_grace: 1', `stop_grace: ${graceSeconds}`);
  const recipe = `docker_cmd: [/bin/sh, -c, "${program}"]\nbinds: ["${plancton.folder}/out:/out"]\n`;
  const pace = 'max_docks: 1\nmain_sleep: 1\ngrace_kill: 2\ngrace_spawn: 600\n';
  configure(plancton, `unix://${engine.socket}`, `${whole}${recipe}${pace}`);
  await begin(plancton);
  await plancton.running(1, patienceMs);
  endHogs = startHogs();
  const log = await plancton.logged(/plancton-worker-\w+ evicted after .*\n/, patienceMs);
  expect(log).toMatch(/giving notice to plancton-worker-\w+ \(evicted\): the owner uses/);
  return log;
}

/** How long the pilot was left to run after its notice, as the log tells. */
function heededAfterMs(log: string): number {
  return Number(/has heeded its notice or was killed, after (\d+) ms/.exec(log)?.[1]);
}

describe('a pilot that is evicted', () => {
  it('hears SIGTERM, and has time to put away what it has done', async () => {
    const log = await evict('sleep 1; echo saved >> /out/said; exit 3', 100);
    expect(said()).toBe('began\nsaved\n');
    expect(log).toMatch(/evicted after [\d.]+ s, exit code 3$/m);
    // Nobody waited for the rest of its grace.
    expect(heededAfterMs(log)).toBeLessThan(100_000);
  }, 400_000);

  it('and ignores its notice is killed, but not before stop_grace is over', async () => {
    const log = await evict('echo noticed >> /out/said', 3);
    expect(said()).toBe('began\nnoticed\n');
    expect(log).toMatch(/evicted after [\d.]+ s, exit code 137$/m);
    expect(heededAfterMs(log)).toBeGreaterThanOrEqual(3000);
  }, 400_000);
});
