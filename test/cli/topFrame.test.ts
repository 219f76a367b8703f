import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../src/cli/cells.ts';
import { frame, noteFrame } from '../../src/cli/topFrame.ts';
import { styled } from '../../src/cli/topPaint.ts';
import { endedTable } from '../../src/cli/topTables.ts';
import type { KindStanding } from '../../src/decide/kindStandings.ts';
import { answer, look, record, standing } from './look.ts';
import { image, nowMs, status } from './status.ts';

const canvas = { columns: 80, rows: 24, utf8: true };
const textsOf = (cells: readonly (readonly Cell[])[]): string[] => cells.map((line) => styled(line, false));
const shown = (...args: Parameters<typeof frame>): string[] => textsOf(frame(...args));
const letters = Array.from({ length: 40 }, (_, index) => String(index).padStart(6, '0'));
const crowded = look({
  status: status({ pilots: { running: 40, paused: 4, limit: 50, unmanaged: 1, list: [] } }),
  pilots: letters.map((name, index) =>
    answer(name, { kind: index < 9 ? 'cms' : 'atlas-long', ageSeconds: index }),
  ),
  kinds: [
    standing('cms', { max: 12, running: 9 }),
    standing('atlas-long', { state: 'backing-off', reason: '4 min more after 3 pilots without work' }),
  ],
  ended: letters.map((name) => record(name, { kind: 'cms' })),
  decisions: letters.map((name) => ({ at: new Date(nowMs).toISOString(), text: `started ${name}` })),
});

describe('a frame of top', () => {
  it('says all there is to know of a quiet daemon', () => {
    expect(shown(look(), nowMs, canvas)).toEqual([
      'Plancton  active  1.2.3 on node7, PID 4711, for 5 min',
      'CPU       [████▒▒▒▒▒▒▒▒····] █ owner 1.00  ▒ pilots 2.00  idle 1.00 of 4',
      'Memory    [███▒············] █ owner 1.5  ▒ pilots 0.5  left 6.0 of 8.0 GB',
      'Pilots    [▒▒▒▒▒▒▒▒········] 1 of at most 2',
      'Why       the owner uses 3.5 CPUs of 4',
      'Waiting   the owner for CPU 0.3 %, memory 0 %, I/O not told',
      'PILOT                   STATE       AGE  CPUS  MEMORY    LEFT',
      'plancton-worker-aaaaaa  running     7 s  0.98  120 MB  12.0 h',
      'ENDED     PILOT                   OUTCOME      RAN     CPU',
      expect.stringMatching(/^\d\d:\d\d:50 {2}plancton-worker-zzzzzz {2}finished {4}60 s {4}58 s$/),
      'AT        DECISION',
      expect.stringMatching(/^\d\d:\d\d:53 {2}started plancton-worker-aaaaaa \(growth\) in 300 ms$/),
      'q or Ctrl-C leaves',
    ]);
  });

  it('draws with ASCII where the terminal knows nothing else', () => {
    const lines = shown(look({ decisions: [{ at: '', text: 'the owner’s — “x” …é' }] }), nowMs, {
      ...canvas,
      utf8: false,
    });
    expect(lines[1]).toBe('CPU       [ooooPPPPPPPP....] owner 1.00  pilots 2.00  idle 1.00 of 4');
    expect(lines.join('')).toContain(`the owner's - "x" ~?`);
    expect(lines.join('\n')).toMatch(/^[ -~\n]*$/);
  });

  it.each([
    [80, 24],
    [40, 10],
    [20, 3],
    [200, 60],
    [1, 1],
  ])('stays within %i columns and %i rows', (columns, rows) => {
    for (const utf8 of [false, true]) {
      const lines = frame(crowded, nowMs, { columns, rows, utf8 });
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  it('uses the room that there is, whatever there is to tell', () => {
    const size = fc.record({
      columns: fc.integer({ min: 1, max: 220 }),
      rows: fc.integer({ min: 1, max: 80 }),
      utf8: fc.boolean(),
    });
    const counts = fc.tuple(fc.nat(60), fc.nat(60), fc.nat(60));
    fc.assert(
      fc.property(size, counts, (canvas, [pilots, ended, decisions]) => {
        const [some] = [crowded.pilots ?? []];
        const many = <T>(all: readonly T[], count: number): T[] =>
          Array.from({ length: count }, (_, index) => all[index % all.length] as T);
        const told = {
          pilots: many(some, pilots),
          ended: many(crowded.ended, ended),
          decisions: many(crowded.decisions, decisions),
        };
        const lines = frame({ ...crowded, ...told }, nowMs, canvas);
        expect(lines.length).toBeLessThanOrEqual(canvas.rows);
        const isFull = pilots + ended + decisions > 120 && canvas.rows >= 16 && canvas.rows < 60;
        expect(lines.length).toBeGreaterThanOrEqual(isFull ? canvas.rows : 1);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(canvas.columns);
      }),
    );
  });

  it('has all four tables on 24 rows, and says how many pilots it has no room for', () => {
    const lines = shown(crowded, nowMs, canvas);
    const pilots = lines.filter((line) => /^plancton-worker-.* {2}running /.test(line));
    expect(pilots.length).toBeGreaterThan(4);
    expect(lines).toContain(`and ${40 - pilots.length} more`);
    for (const head of [/^KIND +STATE/, /^PILOT +KIND +STATE/, /^ENDED/, /^AT/])
      expect(lines.some((line) => head.test(line))).toBe(true);
    expect(lines).toContainEqual(expect.stringMatching(/^cms +ready +9 of 12 +50 % +48 %$/));
    expect(lines).toContainEqual(expect.stringMatching(/^atlas-long +backing-off .*4 min more after/));
    expect(lines[3]).toContain('40 of at most 50, 4 paused, 1 container not ours');
  });

  it('keeps on 40 columns and 10 rows what matters: numbers, and pilots by the end of their names', () => {
    const lines = shown(crowded, nowMs, { columns: 40, rows: 10, utf8: true });
    expect(lines[1]).toBe('CPU       [██▒▒▒·] █ 1.00  ▒ 2.00  of 4');
    expect(lines.slice(5)).toEqual([
      'PILOT   STATE       AGE  CPUS  MEMORY',
      '000039  running    39 s  0.98  120 MB',
      '000038  running    38 s  0.98  120 MB',
      'and 38 more',
      'q or Ctrl-C leaves',
    ]);
  });

  it('has on 60 rows all that status tells', () => {
    const lines = shown(crowded, nowMs, { columns: 200, rows: 60, utf8: true });
    for (const name of ['Account', 'Engine', 'Kernel', 'Image', 'Config', 'Page', 'InfluxDB'])
      expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
  });

  it('lets no control character of others through', () => {
    const images = [image({ id: null, pulledAt: null, error: 'no\u001B[2Jsuch\r\nimage\u009B' })];
    const text = shown(look({ status: status({ images }) }), nowMs, canvas).join('\n');
    expect(text).toContain('no [2Jsuch image');
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('says that CPU, memory and pressure are unknown rather than zero', () => {
    const node = {
      cpus: 4,
      ownerCpus: null,
      pilotsCpus: null,
      memoryTotalBytes: null,
      memoryAvailableBytes: null,
    };
    const lines = shown(
      look({ status: status({ node }), node: null, pressure: null, kinds: null }),
      nowMs,
      canvas,
    );
    expect(lines[1]).toBe('CPU       4 CPUs, use unknown until it has been read twice');
    expect(lines[2]).toBe('Memory    unknown');
    expect(lines[5]).toBe('Waiting   the owner for CPU not told, memory not told, I/O not told');
  });

  it('tells of the owner alone where pilots are on another machine', () => {
    const node = { ...status().node, pilotsCpus: null };
    const lines = shown(look({ status: status({ node }), node: null }), nowMs, canvas);
    expect(lines[1]).toBe('CPU       [████············] owner 1.00 of 4, pilots unknown');
    expect(lines[2]).toBe('Memory    [████············] used 2.0  left 6.0 of 8.0 GB');
  });

  it('tells of an only kind where it waits for a reason of its own', () => {
    const heads = (state: KindStanding['state']): number =>
      shown(look({ kinds: [standing('default', { state })] }), nowMs, canvas).filter((line) =>
        line.startsWith('KIND'),
      ).length;
    expect([heads('held-back'), heads('backing-off'), heads('no-image')]).toEqual([0, 1, 1]);
  });

  it('tells in red what is not as it should be', () => {
    const engine = { ...status().engine, answering: false, reason: 'connection refused' };
    const config = { ...status().config, state: 'bad', problems: ['line 1: a'] } as const;
    const cells = frame(look({ status: status({ engine, config, state: 'waiting' }) }), nowMs, canvas);
    const red = textsOf(cells.map((line) => line.filter(({ style }) => style === 'red')));
    expect(red.filter((text) => text !== '')).toEqual([
      'waiting for the container engine',
      'unix:///var/run/docker.sock does not answer: connection refused',
      '/etc/plancton/config.yaml has faults, the last good one is in force: l',
    ]);
  });

  it('shows a pilot that starts, one that is paused and one that is not ours', () => {
    const pilots = [
      answer('aaaaaa', {
        state: 'prepared',
        ageSeconds: null,
        cpus: null,
        memoryBytes: null,
        ttlLeftSeconds: null,
      }),
      answer('bbbbbb', { state: 'paused', ageSeconds: 7300 }),
      answer('cccccc', { managed: false }),
    ];
    const lines = shown(look({ pilots }), nowMs, { ...canvas, columns: 120 });
    expect(lines.slice(7, 10)).toEqual([
      'plancton-worker-bbbbbb  paused     2.0 h  0.98  120 MB  12.0 h',
      'plancton-worker-cccccc  running      7 s  0.98  120 MB  12.0 h  no proof of being ours',
      'plancton-worker-aaaaaa  prepared       -     -       -       -',
    ]);
  });

  it('says why there is no daemon, and what is known without', () => {
    const ended = endedTable([record('aaaaaa')], 80, nowMs);
    const lines = textsOf(noteFrame('No daemon runs in /run/x: waiting', ended, { ...canvas, columns: 24 }));
    expect(lines).toEqual([
      'No daemon runs in',
      '/run/x: waiting',
      expect.stringMatching(/^ENDED/),
      expect.stringMatching(/^\d\d:\d\d:50/),
      'q or Ctrl-C leaves',
    ]);
  });
});
