import { describe, expect, it } from 'vitest';
import { statusText } from '../../src/cli/statusText.ts';
import type { Status } from '../../src/model/status.ts';

const nowMs = Date.parse('2030-01-01T01:00:00Z');
const base: Status = {
  version: '1.2.3',
  pid: 77,
  hostname: 'node.example.org',
  since: '2030-01-01T00:00:00Z',
  state: 'active',
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
    loadedAt: '2030-01-01T00:00:00Z',
  },
  pilots: { running: 2, limit: 4, unmanaged: 0, list: [] },
  node: { cpus: 8, ownerCpus: 1.234, pilotsCpus: 2, memoryTotalBytes: 16e9, memoryAvailableBytes: 8.04e9 },
  image: {
    reference: 'pilot:1',
    id: `sha256:${'ab'.repeat(32)}`,
    pulledAt: '2030-01-01T00:30:00Z',
    error: '',
  },
  lastDecision: { at: '2030-01-01T00:59:50Z', text: 'started plancton-worker-aaaaaa (refill) in 300 ms' },
  refusals: [],
  influxdb: [],
};
const textOf = (changes: Partial<Status> = {}): string => statusText({ ...base, ...changes }, nowMs);
const engine = (changes: Partial<Status['engine']>): Partial<Status> => ({
  engine: { ...base.engine, ...changes },
});

describe('a status in words', () => {
  it('is a few lines that a person can read', () => {
    expect(textOf().split('\n')).toEqual([
      'Plancton  1.2.3 on node.example.org, PID 77, for 60 min',
      'State     active',
      'Pilots    2 running of at most 4',
      'Node      8 CPUs: owner 1.23, pilots 2.00; 8.0 GB of 16.0 GB memory available',
      'Engine    docker 20.10.24 at unix:///var/run/docker.sock (API 1.41)',
      'Image     pilot:1: abababababab, pulled 30 min ago',
      'Config    /etc/plancton/config.yaml',
      'Last      started plancton-worker-aaaaaa (refill) in 300 ms (10 s ago)',
      'InfluxDB  none configured',
    ]);
  });

  it.each([
    ['draining', { state: 'draining' }, /^State +draining$/m],
    [
      'a drain-stop',
      { state: 'draining', control: { drain: true, stop: true, forceStop: false } },
      /^State +draining, ends with its last pilot \(drain-stop\)$/m,
    ],
    [
      'a force-stop',
      { control: { drain: false, stop: false, forceStop: true } },
      /^State +force-stop: removing every pilot$/m,
    ],
    ['no engine', { state: 'waiting' }, /^State +waiting for the container engine$/m],
    [
      'why an engine does not answer',
      engine({ answering: false, reason: 'no such socket' }),
      /^Engine +unix:\S+ does not answer: no such socket$/m,
    ],
    [
      'an engine that was not found',
      engine({ answering: false, endpoint: '', reason: 'no context "x"' }),
      /^Engine +none found does not answer: no context "x"$/m,
    ],
    [
      'the original’s pilots',
      { pilots: { ...base.pilots, unmanaged: 1 } },
      /^Pilots +2 running of at most 4, and 1 container without a proof of being ours$/m,
    ],
    [
      'why there is not one more',
      {
        refusals: [
          { rule: 'limit', text: 'the limit is 4' },
          { rule: 'cpu', text: 'no CPU' },
        ],
      },
      /^Pilots .*\nWhy +the limit is 4\nNode/m,
    ],
    [
      'what is unknown',
      {
        node: { cpus: 1, ownerCpus: null, pilotsCpus: null, memoryTotalBytes: null, memoryAvailableBytes: 1 },
      },
      /^Node +1 CPU: owner unknown, pilots unknown; memory unknown$/m,
    ],
    [
      'an image that is not there',
      { image: { ...base.image, id: null, error: 'cannot pull image pilot:1: no' } },
      /^Image +pilot:1: not there; last pull: cannot pull image pilot:1: no$/m,
    ],
    [
      'an image that was never pulled',
      { image: { ...base.image, pulledAt: null } },
      /abababababab, never pulled$/m,
    ],
    ['defaults', { config: { ...base.config, state: 'defaults' } }, /config\.yaml is not there: defaults$/m],
    ['warnings', { config: { ...base.config, warnings: ['a', 'b'] } }, /config\.yaml with 2 warnings$/m],
    [
      'faults',
      { config: { ...base.config, state: 'bad', problems: ['config.yaml:1:1 wrong', 'more'] } },
      /has faults, the last good one is in force: config\.yaml:1:1 wrong$/m,
    ],
    ['a first moment', { lastDecision: null }, /^Last +nothing yet$/m],
    [
      'databases',
      {
        influxdb: [
          {
            target: 'http://a:1#x',
            state: 'ok',
            error: '',
            sentPoints: 5,
            waitingPoints: 0,
            droppedPoints: 0,
          },
          {
            target: 'http://b:1#x',
            state: 'failing',
            error: 'refused',
            sentPoints: 0,
            waitingPoints: 1,
            droppedPoints: 3,
          },
        ],
      },
      /^InfluxDB +http:\/\/a:1#x ok, 5 sent; http:\/\/b:1#x failing \(refused\), 0 sent, 1 point waiting, 3 dropped$/m,
    ],
  ] as const)('tells of %s', (_what, changes, line) => {
    expect(textOf(changes as unknown as Partial<Status>)).toMatch(line);
  });
});
