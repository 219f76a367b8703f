import { describe, expect, it } from 'vitest';
import { news } from '../../src/cli/topNews.ts';
import { openLines } from '../../src/cli/topLines.ts';
import { look } from './look.ts';
import { image, pilot, status } from './status.ts';

const node = 'of 4 CPUs the owner uses 1.00, pilots 2.00; memory available 6.0 GB';

describe('what top tells to a pipe', () => {
  it('is the state of things at first', () => {
    expect(news(null, status())).toEqual([
      'Plancton 1.2.3 on node7, PID 4711, active',
      'docker 20.10.24 answers at unix:///var/run/docker.sock',
      '/etc/plancton/config.yaml is in force',
      '1 of at most 2 pilots run',
      node,
      'started plancton-worker-aaaaaa (growth) in 300 ms',
      'no further pilot: the owner uses 3.5 CPUs of 4',
    ]);
  });

  it('is nothing when only numbers and ages have changed', () => {
    const later = status({
      pilots: { running: 1, paused: 0, limit: 2, unmanaged: 0, list: [pilot('aaaaaa', { ageSeconds: 8 })] },
      node: { cpus: 4, ownerCpus: 1.5, pilotsCpus: 2, memoryTotalBytes: 8e9, memoryAvailableBytes: 5e9 },
      refusals: [{ rule: 'cpu', text: 'the owner uses 3.6 CPUs of 4' }],
    });
    expect(news(status(), later)).toEqual([]);
    // Since when it runs is reckoned from two clocks, which drift.
    const since = new Date(Date.parse(status().since) + 1).toISOString();
    expect(news(status(), { ...later, since })).toEqual([]);
  });

  it('is a line for each pilot that came or went, and the decision in its own words', () => {
    const list = [pilot('bbbbbb'), pilot('cccccc')];
    const lastDecision = { at: 'now', text: 'started plancton-worker-cccccc (refill) in 200 ms' };
    const later = status({ pilots: { running: 2, paused: 0, limit: 2, unmanaged: 0, list }, lastDecision });
    expect(news(status(), later)).toEqual([
      'plancton-worker-aaaaaa ended, seen running for 7 s',
      'plancton-worker-bbbbbb started',
      'started plancton-worker-cccccc (refill) in 200 ms',
      `2 of at most 2 pilots run; ${node}`,
    ]);
  });

  it.each([
    ['another reason', { refusals: [{ rule: 'drain', text: 'draining' }] }, 'no further pilot: draining'],
    [
      'the state',
      { state: 'draining', control: { drain: true, stop: true, forceStop: false } },
      'draining (asked for: drain, stop)',
    ],
    ['another limit', { pilots: { ...status().pilots, limit: 5 } }, 'at most 5 pilots now'],
    ['a pause', { pilots: { ...status().pilots, paused: 1 } }, '1 of at most 2 pilots, 1 paused'],
    ['a failed pull', { images: [image({ error: 'no such image' })] }, 'image: no such image'],
    [
      'a failed pull of a new image',
      { images: [image(), image({ reference: 'pilot:2', error: 'no such image' })] },
      'image: no such image',
    ],
    ['another daemon', { pid: 4712 }, 'another daemon: PID 4712'],
    [
      'an engine that is away',
      { engine: { ...status().engine, answering: false, reason: 'connection refused' } },
      'no engine answers at unix:///var/run/docker.sock: connection refused',
    ],
    [
      'a bad configuration',
      { config: { ...status().config, state: 'bad', problems: ['line 1: a', 'line 2: b'] } },
      '/etc/plancton/config.yaml has faults, the last good one is in force: line 1: a; line 2: b',
    ],
    [
      'a database that fails',
      {
        influxdb: [
          {
            target: 'http://db',
            state: 'failing',
            error: 'refused',
            sentPoints: 0,
            waitingPoints: 1,
            droppedPoints: 0,
          },
        ],
      },
      'InfluxDB http://db failing: refused',
    ],
  ] as const)('is %s', (_, change, line) => {
    expect(news(status(), status(change))).toEqual([line]);
  });

  it('is written with its time, each note once, and without control characters', () => {
    let text = '';
    const view = openLines(
      (line) => (text += line),
      () => new Date(2030, 0, 1, 9, 5, 7).getTime(),
    );
    view.note('waiting', []);
    view.note('waiting', []);
    view.show(look({ status: status({ lastDecision: { at: 'x', text: 'a\u001B[31mb\nc' } }) }));
    expect(text.match(/^09:05:07 waiting$/gm)).toHaveLength(1);
    expect(text).toContain('09:05:07 a [31mb c\n');
    // A daemon that goes a second time is told a second time.
    view.note('waiting', []);
    expect(text.match(/^09:05:07 waiting$/gm)).toHaveLength(2);
  });

  it('is how the node is, where nothing else was to be told for half a minute', () => {
    let [text, wallMs] = ['', 0];
    const view = openLines(
      (line) => (text += line),
      () => wallMs,
    );
    view.show(look());
    text = '';
    wallMs += 29_000;
    view.show(look());
    expect(text).toBe('');
    wallMs += 1000;
    view.show(look());
    expect(text).toMatch(/^\d\d:\d\d:\d\d 1 of at most 2 pilots run; of 4 CPUs the owner uses 1.00, .*\n$/);
  });
});
