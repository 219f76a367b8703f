import type { Status } from '../../src/model/status.ts';
import { wholeParent } from '../support/parentStatus.ts';

/** Wall time of the tests' looks. */
export const nowMs = Date.UTC(2030, 0, 1, 12, 0, 0);

const stamp = (agoSeconds: number): string => new Date(nowMs - agoSeconds * 1000).toISOString();

/** A pilot of a status. */
export function pilot(
  name: string,
  more: Partial<Status['pilots']['list'][number]> = {},
): Status['pilots']['list'][number] {
  return {
    name: `plancton-worker-${name}`,
    kind: 'default',
    state: 'running',
    ageSeconds: 7,
    managed: true,
    ...more,
  };
}

/** The image of a status; `more` is laid over it. */
export function image(more: Partial<Status['images'][number]> = {}): Status['images'][number] {
  const whole = { reference: 'busybox', kinds: ['default'], id: 'sha256:0123456789abcdef', error: '' };
  return { ...whole, pulledAt: stamp(60), ...more };
}

/** A daemon that is well, with one pilot; `more` is laid over it. */
export function status(more: Partial<Status> = {}): Status {
  return {
    version: '1.2.3',
    pid: 4711,
    hostname: 'node7',
    since: stamp(300),
    state: 'active',
    dryRun: false,
    ending: false,
    control: { drain: false, stop: false, forceStop: false },
    engine: {
      endpoint: 'unix:///var/run/docker.sock',
      answering: true,
      reason: '',
      product: 'docker',
      version: '20.10.24',
      apiVersion: '1.41',
    },
    config: {
      file: '/etc/plancton/config.yaml',
      state: 'good',
      problems: [],
      warnings: [],
      loadedAt: stamp(300),
    },
    pilots: { running: 1, paused: 0, limit: 2, unmanaged: 0, list: [pilot('aaaaaa')] },
    node: { cpus: 4, ownerCpus: 1, pilotsCpus: 2, memoryTotalBytes: 8e9, memoryAvailableBytes: 6e9 },
    parent: wholeParent,
    folders: { bound: 'mounted', why: '' },
    account: {
      since: stamp(3600),
      harvestedSeconds: 7000,
      wastedSeconds: 70,
      ownerDelaySeconds: 9,
      ownerDelayShare: 0.0025,
    },
    images: [image()],
    lastDecision: { at: stamp(7), text: 'started plancton-worker-aaaaaa (growth) in 300 ms' },
    refusals: [{ rule: 'cpu', text: 'the owner uses 3.5 CPUs of 4' }],
    influxdb: [],
    page: { url: 'http://127.0.0.1:7526', error: '' },
    ...more,
  };
}
