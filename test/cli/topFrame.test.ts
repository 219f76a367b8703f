import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { frame, noteFrame } from '../../src/cli/topFrame.ts';
import { image, nowMs, pilot, status } from './status.ts';

const canvas = { columns: 80, rows: 24, colour: false };
const many = Array.from({ length: 40 }, (_, index) => pilot(String(index).padStart(6, '0')));
const crowded = status({ pilots: { running: 40, paused: 0, limit: 40, unmanaged: 0, list: many } });

describe('a frame of top', () => {
  it('says all there is to know of a quiet daemon', () => {
    expect(frame(status(), nowMs, canvas)).toEqual([
      'Plancton  1.2.3 on node7, PID 4711, for 5 min',
      'State     active',
      'Pilots    1 running of at most 2',
      'Why       the owner uses 3.5 CPUs of 4',
      'CPU       [oooooPPPPPPPPPP.....] owner 1.00  pilots 2.00  idle 1.00 of 4',
      'Memory    [#####...............] used 2.0  available 6.0 of 8.0 GB',
      'Account   pilots had 117 min of CPU time in 60 min, 70 s of it lost with evicted',
      'Engine    docker 20.10.24 at unix:///var/run/docker.sock (API 1.41)',
      'Kernel    CPU class idle, smallest I/O weight, out-of-memory score 1000, 4096 pr',
      'Image     busybox: 0123456789ab, pulled 60 s ago',
      'Config    /etc/plancton/config.yaml',
      'Last      started plancton-worker-aaaaaa (growth) in 300 ms (7 s ago)',
      'Page      http://127.0.0.1:7526',
      'InfluxDB  none configured',
      'PILOT                       STATE       RUNNING FOR',
      'plancton-worker-aaaaaa      running     7 s',
      'q or Ctrl-C leaves',
    ]);
  });

  it.each([
    [80, 24],
    [40, 10],
    [20, 3],
    [200, 100],
    [1, 1],
  ])('stays within %i columns and %i rows', (columns, rows) => {
    for (const colour of [false, true]) {
      const lines = frame(crowded, nowMs, { columns, rows, colour }).map(stripVTControlCharacters);
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  it('tells the kinds of pilots where there are several', () => {
    const list = [
      pilot('aaaaaa', { kind: 'cms' }),
      pilot('bbbbbb', { kind: 'atlas-long' }),
      pilot('cccccc', { kind: null }),
    ];
    const lines = frame(status({ pilots: { ...crowded.pilots, list } }), nowMs, canvas);
    expect(lines.slice(-5, -1)).toEqual([
      'PILOT                       KIND        STATE       RUNNING FOR',
      'plancton-worker-aaaaaa      cms         running     7 s',
      'plancton-worker-bbbbbb      atlas-long  running     7 s',
      'plancton-worker-cccccc      -           running     7 s',
    ]);
  });

  it('says how many pilots it has no room for', () => {
    const lines = frame(crowded, nowMs, canvas);
    const shown = lines.filter((line) => line.startsWith('plancton-worker-')).length;
    expect(shown).toBeGreaterThan(5);
    expect(lines).toContain(`and ${40 - shown} more`);
  });

  it('has no escape codes without colour, and the same text with it', () => {
    const plain = frame(status(), nowMs, canvas);
    const coloured = frame(status(), nowMs, { ...canvas, colour: true });
    expect(plain.join('')).not.toContain('\u001B');
    expect(coloured.join('')).toContain('\u001B[');
    expect(coloured.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(plain);
  });

  it('lets no control character of others through', () => {
    const images = [image({ id: null, pulledAt: null, error: 'no\u001B[2Jsuch\r\nimage\u009B' })];
    const text = frame(status({ images }), nowMs, { ...canvas, columns: 200 }).join('\n');
    expect(text).toContain('no [2Jsuch image');
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('says that CPU and memory are unknown rather than zero', () => {
    const node = {
      cpus: 4,
      ownerCpus: null,
      pilotsCpus: null,
      memoryTotalBytes: null,
      memoryAvailableBytes: null,
    };
    const lines = frame(status({ node }), nowMs, canvas);
    expect(lines[4]).toMatch(/^CPU {7}4 CPUs, use unknown/);
    expect(lines[5]).toBe('Memory    unknown');
  });

  it('shows a pilot that starts, one that is paused and one that is not ours', () => {
    const list = [
      pilot('aaaaaa', { state: 'created', ageSeconds: null }),
      pilot('bbbbbb', { state: 'paused', ageSeconds: 7300 }),
      pilot('cccccc', { managed: false }),
    ];
    const lines = frame(
      status({ pilots: { running: 1, paused: 0, limit: 2, unmanaged: 1, list } }),
      nowMs,
      canvas,
    );
    expect(lines).toContain('plancton-worker-aaaaaa      created');
    expect(lines).toContain('plancton-worker-bbbbbb      paused      2.0 h');
    expect(lines).toContain('plancton-worker-cccccc      running     7 s           no proof of being ours');
  });

  it('says one sentence when there is no daemon', () => {
    expect(noteFrame('No daemon runs', { ...canvas, columns: 9 })).toEqual(['No daemon', 'q or Ctrl']);
  });
});
