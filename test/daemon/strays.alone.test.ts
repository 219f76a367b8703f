import { cpus } from 'node:os';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { begin, configure, engine, plancton, runContainer, small, useRig } from './rig.ts';

/** CPUs that two pilots of the original burn here, and what they get of it however busy this machine is besides. */
const burnt = 0.6 * cpus().length;
const surelyBurnt = 0.2 * burnt;

useRig();

/** A container as the original made its pilots: no label, wherever the engine puts it, and busy. */
function burn(name: string): Promise<string> {
  const HostConfig = { Init: true, NanoCpus: Math.round((burnt / 2) * 1e9) };
  // One loop uses one CPU at most: enough of them for the share.
  const loops = Array.from({ length: Math.ceil(burnt / 2) }, () => 'while :; do :; done &').join(' ');
  return runContainer(engine.socket, name, { Cmd: ['/bin/sh', '-c', `${loops} wait`], HostConfig });
}

describe('busy pilots that the original left', () => {
  it.each([
    ['adopted', 'adopt_unlabelled: true\n', { running: 2, unmanaged: 0 }],
    ['left alone', '', { running: 0, unmanaged: 2 }],
  ])('%s are not taken for the owner’s use', async (_what, yaml, counts) => {
    await burn('plancton-worker-busy01');
    await burn('plancton-worker-busy02');
    configure(plancton, `unix://${engine.socket}`, `${small}max_docks: 2\nmain_sleep: 1\n${yaml}`);
    await begin(plancton);
    const told = await until('the CPUs of the pilots, and an owner without them', async () => {
      const { node, pilots } = await plancton.status();
      const { ownerCpus, pilotsCpus } = node;
      const isTold = pilotsCpus !== null && ownerCpus !== null;
      return isTold && pilotsCpus > surelyBurnt && ownerCpus < node.cpus - surelyBurnt ? pilots : null;
    });
    expect(told).toMatchObject(counts);
  });
});
