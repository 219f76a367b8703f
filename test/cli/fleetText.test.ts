import { describe, expect, it } from 'vitest';
import { courseLines, dayLines, nodeLines } from '../../src/cli/fleetText.ts';
import { showsUnicode, sparkline } from '../../src/cli/sparkline.ts';
import { blankNode, fleetNode, fleetOf, nowMs } from './fleetNode.ts';

describe('the table of nodes', () => {
  it('has a line for each, and all of them in the last one', () => {
    const nodes = [
      fleetNode(),
      fleetNode({ node: 'n10', state: 'draining', engineAnswers: false, version: '1.2.2' }),
      blankNode('n2'),
      { ...fleetNode({ node: 'n3' }), state: 'silent' as const },
    ];
    expect(nodeLines(nodes, 100)).toEqual(
      [
        'NODE     STATE                         VERSION     PILOTS  KINDS           CPUS  OWNER  USED  TODAY h  STARTED  ENDED',
        'n1       alive                         1.2.3          3/6  atlas 2, cms 1     8   1.50  4.25     30.0      120  finished 114, evicted 3',
        'n10      draining, no engine           1.2.2          3/6  atlas 2, cms 1     8   1.50  4.25     30.0      120  finished 114, evicted 3',
        'n2       silent since 2030-12-31 07:30  -              -/-  -                  -      -     -        -        -  -',
        'n3       silent since 2030-12-31 08:29  1.2.3          3/6  atlas 2, cms 1     8   1.50  4.25     30.0      120  finished 114, evicted 3',
        '4 nodes  silent 2, alive 1, draining 1  2 versions     6/12  atlas 4, cms 2    16   3.00  8.50     90.1      360  finished 342, evicted 9',
      ].map((line) => expect.stringMatching(looselyAs(line)) as unknown as string),
    );
  });

  it('shows so many at most, and counts all', () => {
    const nodes = Array.from({ length: 5 }, (_, index) => fleetNode({ node: `n${index}` }));
    const lines = nodeLines(nodes, 2);
    expect(lines.map((line) => line.split('  ')[0])).toEqual(['NODE', 'n0', 'n1', '… 3 more', '5 nodes']);
    expect(lines.at(-1)).toContain('15/30');
  });

  it('prints no name as it is that could move a cursor, turn the line or take all of it', () => {
    const hostile = fleetNode({
      node: '\u001b[2Jx\u202e\u0085',
      version: 'v'.repeat(99),
      runningByKind: { 'a\nb': 1 },
    });
    const [, line = ''] = nodeLines([hostile], 9);
    expect(line).toContain('\\u001b[2Jx\\u202e\\u0085  ');
    expect(line).toContain(`${'v'.repeat(59)}…`);
    expect(line).toContain('a\\nb 1');
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u0080-\u009f\u202e]/);
  });
});

/** The same words in the same order; spaces between columns are the business of `columns`. */
function looselyAs(line: string): RegExp {
  const words = line.split(/ +/).map((word) => word.replaceAll(/[$()*+./?[\\\]^{|}]/g, '\\$&'));
  return new RegExp(`^${words.join(' +')}$`);
}

it('tells each day that was asked for', () => {
  const day = {
    fromMs: new Date(2030, 11, 30).getTime(),
    toMs: nowMs,
    ...fleetNode().today,
  };
  expect(dayLines(fleetOf([]))).toEqual([]);
  expect(dayLines(fleetOf([], { days: [day] }))).toEqual([
    "DAY         PILOTS' CPU h  OWNERS' CPU h  STARTED  ENDED",
    '2030-12-30           30.0           12.0      120  finished 114, evicted 3',
    '',
  ]);
});

describe('the last 24 hours', () => {
  const step = { nodes: 1, running: 0, pilotsCpus: 2, ownerCpus: null, cpus: 4 };
  const course = Array.from({ length: 96 }, (_, index) => ({
    ...step,
    fromMs: nowMs - (96 - index) * 900_000,
    pilotsCpus: index / 10,
  }));

  it('are small graphs of what is known', () => {
    const lines = courseLines(fleetOf([], { course }), false);
    expect(lines[1]).toBe(`nodes         ${'#'.repeat(48)}  at most 1`);
    expect(lines[2]).toBe(`pilots        ${'_'.repeat(48)}  at most 0`);
    expect(lines[3]).toMatch(/^pilots' CPUs {2}_{6}\.{6}.*#{6} {2}at most 9\.5$/);
    expect(lines).toHaveLength(5);
    expect(lines.every((line) => line.length < 80)).toBe(true);
  });

  it('are left out where nothing is known of them', () => {
    const blank = course.map(({ fromMs }) => ({
      fromMs,
      nodes: null,
      running: null,
      pilotsCpus: null,
      ownerCpus: null,
      cpus: null,
    }));
    expect(courseLines(fleetOf([], { course: blank }), true)).toEqual([]);
  });
});

it.each([
  [[0, 1, 2, 4], 9, true, '▁▃▅█'],
  [[0, null, 4, 4], 2, false, '_#'],
  [[null, null], 9, true, '  '],
  [[0, 0], 9, true, '▁▁'],
  [[], 9, true, ''],
])('a sparkline of %j', (values, width, isUnicode, line) => {
  expect(sparkline(values, width, isUnicode)).toBe(line);
});

it('is drawn with more than ASCII where the locale says so', () => {
  expect(showsUnicode({ LANG: 'en_GB.UTF-8' })).toBe(true);
  expect(showsUnicode({ LC_ALL: 'C', LANG: 'en_GB.UTF-8' })).toBe(false);
  expect(showsUnicode({ LC_ALL: '', LC_CTYPE: 'C.utf8' })).toBe(true);
  expect(showsUnicode({})).toBe(false);
});
