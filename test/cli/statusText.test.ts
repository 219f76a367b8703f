import { describe, expect, it } from 'vitest';
import { statusText } from '../../src/cli/statusText.ts';
import type { Status } from '../../src/model/status.ts';
import { wholeParent } from '../support/parentStatus.ts';
import { image, nowMs, pilot, status } from './status.ts';

const base = status({ refusals: [] });
const textOf = (changes: Partial<Status> = {}): string => statusText({ ...base, ...changes }, nowMs);
const engine = (changes: Partial<Status['engine']>): Partial<Status> => ({
  engine: { ...base.engine, ...changes },
});

describe('a status in words', () => {
  it('is a few lines that a person can read', () => {
    expect(textOf().split('\n')).toEqual([
      'Plancton  1.2.3 on node7, PID 4711, for 5 min',
      'State     active',
      'Pilots    1 running of at most 2',
      'Node      4 CPUs: owner 1.00, pilots 2.00; 6.0 GB of 8.0 GB memory available',
      'Account   pilots had 117 min of CPU time in 60 min, 70 s of it lost with evicted ones; the owner waited 9 s (0.3 %)',
      'Engine    docker 20.10.24 at unix:///var/run/docker.sock (API 1.41)',
      'Kernel    CPU class idle, smallest I/O weight, out-of-memory score 1000, 4096 processes each, can shrink, pause, reclaim, kill',
      'Image     busybox: 0123456789ab, pulled 60 s ago',
      'Config    /etc/plancton/config.yaml',
      'Last      started plancton-worker-aaaaaa (growth) in 300 ms (7 s ago)',
      'Page      http://127.0.0.1:7526',
      'InfluxDB  none configured',
    ]);
  });

  it.each([
    ['no page', { page: { url: null, error: '' } }, /^Page +none \(listen: none\)$/m],
    [
      'a page that cannot be had',
      { page: { url: null, error: 'cannot listen at 127.0.0.1:7526: another program has the port' } },
      /^Page +none: cannot listen at \S+: another program has the port$/m,
    ],
    ['draining', { state: 'draining' }, /^State +draining$/m],
    ['a dry run', { dryRun: true }, /^State +active \(dry_run: nothing is done\)$/m],
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
      /^Pilots +1 running of at most 2, and 1 container without a proof of being ours$/m,
    ],
    [
      'pilots that are paused',
      { pilots: { ...base.pilots, running: 2, paused: 2 } },
      /^Pilots +2 of at most 2, 2 paused$/m,
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
      'an account of a node that does not tell what its owner waits for',
      { account: { ...base.account, ownerDelaySeconds: null, ownerDelayShare: null } },
      /^Account +pilots had .* lost with evicted ones; what the owner waited is not told$/m,
    ],
    [
      'an account that has not begun',
      { account: { ...base.account, since: null } },
      /^Account +nothing yet$/m,
    ],
    [
      'what is unknown',
      {
        node: { cpus: 1, ownerCpus: null, pilotsCpus: null, memoryTotalBytes: null, memoryAvailableBytes: 1 },
      },
      /^Node +1 CPU: owner unknown, pilots unknown; memory unknown$/m,
    ],
    [
      'a kernel of which nothing is known yet',
      engine({ product: null }),
      /^Kernel +nothing is known before an engine has answered$/m,
    ],
    [
      'what the kernel does less than it could',
      {
        parent: {
          ...wholeParent,
          cpuClass: { asked: 'idle', had: 'low', detail: '' },
          ioWeight: { had: false, detail: '' },
          oomScoreAdj: null,
          can: { shrink: false, pause: false, reclaim: false, kill: false },
          fallback: 'the engine is rootless',
        },
      },
      /^Kernel +CPU class low \(idle was asked for\), no I\/O weight, not marked for the out-of-memory killer, 4096 processes each, can only be ended by the engine; the engine is rootless$/m,
    ],
    [
      'folders of pilots that nothing bounds',
      { folders: { bound: 'watched', why: 'the engine is rootless' } },
      /^Folders +what pilots write into theirs is only watched: the engine is rootless$/m,
    ],
    [
      'an image that is not there',
      { images: [image({ id: null, error: 'cannot pull image busybox: no' })] },
      /^Image +busybox: not there; last pull: cannot pull image busybox: no$/m,
    ],
    [
      'an image that was never pulled',
      { images: [image({ pulledAt: null })] },
      /^Image +busybox: 0123456789ab, local image, never pulled$/m,
    ],
    [
      'a local image that cannot be pulled',
      { images: [image({ pulledAt: null, error: 'cannot pull image busybox: no such host' })] },
      /^Image +busybox: 0123456789ab, local image, never pulled \(last try: no such host\)$/m,
    ],
    [
      'a pulled image that cannot be pulled again',
      { images: [image({ error: 'cannot pull image busybox: no such host' })] },
      /, pulled 60 s ago; last pull: cannot pull image busybox: no such host$/m,
    ],
    [
      'several images, and which kinds are made of them',
      { images: [image({ kinds: ['a', 'b'] }), image({ reference: 'pilot:2', kinds: ['c'], id: null })] },
      /^Image +busybox \(a, b\): 0123456789ab, pulled 60 s ago\n {10}pilot:2 \(c\): not there$/m,
    ],
    ['defaults', { config: { ...base.config, state: 'defaults' } }, /config\.yaml is not there: defaults$/m],
    ['warnings', { config: { ...base.config, warnings: ['a', 'b'] } }, /config\.yaml with 2 warnings$/m],
    [
      'faults',
      { config: { ...base.config, state: 'bad', problems: ['config.yaml:1:1 wrong', 'more'] } },
      /has faults, the last good one is in force: config\.yaml:1:1 wrong$/m,
    ],
    [
      'a pilot that cannot be removed',
      {
        pilots: { ...base.pilots, list: [pilot('aaaaaa'), pilot('bbbbbb', { trouble: 'cannot remove it' })] },
      },
      /^InfluxDB .*\nTrouble +cannot remove it$/m,
    ],
    [
      'many of them',
      {
        pilots: { ...base.pilots, list: Array.from('abcde', (one) => pilot(one, { trouble: `no ${one}` })) },
      },
      /^Trouble +no a\nTrouble +no b\nTrouble +no c\n +and 2 more like this$/m,
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
