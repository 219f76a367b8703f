import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { startHogs } from '../support/hogs.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, inspect, plancton, small, useRig } from './rig.ts';

/** Other programs may keep this machine busy for a while: pilots come only when it has room. */
const patienceMs = 150_000;

let endHogs = async (): Promise<void> => undefined;
useRig();
afterEach(() => endHogs());

describe('an owner who needs his CPUs', () => {
  it('has pilots evicted after grace_kill, and they come back after grace_spawn once he is done', async () => {
    configure(
      plancton,
      `unix://${engine.socket}`,
      `${small.replace('cpus_per_dock: 0.1', 'cpus_per_dock: 0.5')}docker_cmd: /bin/sleep 1000\nmax_docks: 2\nmain_sleep: 1\ngrace_kill: 2\ngrace_spawn: 3\n`,
    );
    await begin(plancton);
    const [pilot] = await plancton.running(2, patienceMs);

    const { HostConfig, State } = await inspect(engine.socket, pilot?.Id ?? '');
    expect(HostConfig.CgroupParent).toMatch(/^(\/plancton-[0-9a-f]{8}|plancton-[0-9a-f]{8}\.slice)$/);
    expect(readFileSync(`/proc/${State.Pid}/cgroup`, 'utf8')).toMatch(/\/plancton-[0-9a-f]{8}(\.slice)?\//);

    endHogs = startHogs();
    await plancton.logged(/(plancton-worker-\w+ evicted after[^]*){2}/, patienceMs);
    await plancton.logged(
      /giving notice to plancton-worker-\w+ \(evicted\): the owner uses [\d.]+ CPUs, .* short for \d+ s \(grace_kill 2 s\)/,
    );
    await until(
      'the reason',
      async () =>
        (await plancton.status()).refusals.some(({ rule }) => rule === 'cpu' || rule === 'grace-spawn'),
      patienceMs,
    );
    await plancton.running(0);

    await endHogs();
    await plancton.running(2, patienceMs);
    const stamp = (line: RegExpMatchArray | undefined): number => Date.parse(line?.[1] ?? '');
    const evictions = [...plancton.log().matchAll(/^(\S+) .*giving notice to/gm)];
    const returns = [...plancton.log().matchAll(/^(\S+) .*started plancton-worker/gm)];
    const lastEviction = stamp(evictions.at(-1));
    const next = returns.map((line) => stamp(line)).find((at) => at > lastEviction) ?? 0;
    expect(next - lastEviction).toBeGreaterThanOrEqual(2900);
  }, 400_000);
});
