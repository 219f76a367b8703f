import { describe, expect, it } from 'vitest';
import { begin, configure, count, engine, localImage, plancton, small, useRig } from './rig.ts';

useRig();

const patienceMs = 150_000;
/** A tenth of a CPU writes some megabytes a second. */
const loud = `yes ${'x'.repeat(1000)}`;
const kinds = `pilots:
  - {name: loud, image: ${localImage}, command: [/bin/sh, -c, "${loud}"], log_rate: 100kB, fizzle: 0}
  - {name: quiet, image: ${localImage}, command: [/bin/sh, -c, "while :; do echo a line; sleep 1; done"], log_rate: 100kB}
`;

describe('a pilot that writes more to its log than its kind may', () => {
  it('is evicted, and no other', async () => {
    const yaml = `${small.replace(/docker_image: .*\n/, '')}max_docks: 2\nreserve: {memory: 0, disk: 0}\nowner_slowdown: 100%\n`;
    configure(plancton, `unix://${engine.socket}`, yaml + kinds);
    await begin(plancton);
    const log = await plancton.logged(/plancton-worker-\w+ evicted after/, patienceMs);
    expect(log).toMatch(
      /giving notice to plancton-worker-\w+ \(evicted\): it writes [\d.]+ [kM]B a second to its log, 100 kB are allowed \(log_rate\)/,
    );
    // Its slot goes on.
    await plancton.logged(/evicted after[^]*started plancton-worker/, patienceMs);
    const { stdout } = await plancton.ctl('history', '--kind', 'quiet', '--json');
    expect(count(stdout, /evicted/)).toBe(0);
  });
});
