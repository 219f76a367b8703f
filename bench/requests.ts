import { cpus } from 'node:os';
import { join } from 'node:path';
import { startDaemon, waitForPilots } from './daemon.ts';
import { median } from './numbers.ts';
import { startProxy } from './proxy.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { pause } from './waits.ts';

const few = 2;
const many = 100;
const manyPatienceMs = 300_000;
/** After the last start the daemon lists until the burst of events is over; then it is steady. */
const settleMs = 45_000;
const windows = 3;
const windowMs = 60_000;

interface Counted {
  readonly perMinute: readonly number[];
  readonly kinds: string;
}

/** Requests from a daemon to its engine, per minute, with few and with many pilots that never end. */
export async function measureRequests(scene: Scene): Promise<readonly Row[]> {
  const small = await count(scene, few);
  const large = await count(scene, many);
  const [a, b] = [sum(small.perMinute), sum(large.perMinute)];
  const minutes = (windows * windowMs) / 60_000;
  const common = { unmeasured: null, unit: '', decimals: 1, original: '2 + 2 per pilot, each loop' };
  return [
    {
      ...common,
      what: `engine requests per minute in steady state, ${few} pilots`,
      bar: { atMost: 6 },
      samples: small.perMinute,
      beside: small.kinds,
    },
    {
      ...common,
      what: `engine requests per minute in steady state, ${many} pilots`,
      bar: { atMost: 6 },
      samples: large.perMinute,
      beside: large.kinds,
    },
    {
      ...common,
      what: `the same with ${few} and with ${many} pilots: difference of requests over ${minutes} minutes`,
      // A listing now and then may fall on either side of a window's border.
      bar: { atMost: 1 },
      decimals: 0,
      samples: [Math.abs(a - b)],
      beside: `${a} with ${few}, ${b} with ${many}; one may fall on either side of the border`,
    },
  ];
}

async function count(scene: Scene, pilots: number): Promise<Counted> {
  const path = join(scene.folder, `proxy-${pilots}.sock`);
  const proxy = await startProxy(path, scene.socket);
  scene.defer(() => proxy.close());
  const keys = {
    docker_cmd: '/bin/sleep 100000',
    max_docks: pilots,
    docks_per_loop: 100,
    // So that the owner's CPU has room for all: each claims a hundredth of the half.
    cpus_per_dock: Math.max(0.01, Math.floor((cpus().length * 50) / many) / 100),
    max_dock_mem: '16MiB',
  };
  const daemon = await startDaemon(scene, keys, path);
  scene.say(`requests: waiting for ${pilots} pilots`);
  await waitForPilots(scene, daemon, pilots, manyPatienceMs);
  await pause(settleMs, scene.signal);
  const before = proxy.counts();
  const perMinute: number[] = [];
  for (let window = 0; window < windows; window += 1) {
    const begin = proxy.total();
    await pause(windowMs, scene.signal);
    perMinute.push(((proxy.total() - begin) * 60_000) / windowMs);
  }
  const [fault] = proxy.faults();
  if (fault !== undefined) throw new Error(`the proxy between daemon and engine failed: ${fault}`);
  const kinds = [...proxy.counts()]
    .map(([kind, total]) => [kind, total - (before.get(kind) ?? 0)] as const)
    .filter(([, total]) => total > 0)
    .map(([kind, total]) => `${total} × ${kind}`)
    .join(', ');
  scene.say(`requests: ${pilots} pilots, ${median(perMinute)} per minute (${kinds})`);
  await daemon.stop();
  await proxy.close();
  return { perMinute, kinds: `in ${windows} minutes: ${kinds === '' ? 'none' : kinds}` };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
