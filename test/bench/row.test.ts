import { describe, expect, it } from 'vitest';
import { allMet, type Row, verdict } from '../../bench/row.ts';
import { measuredText, tableJson, tableText } from '../../bench/table.ts';

const row = (over: Partial<Row>): Row => ({
  what: 'something',
  bar: { atLeast: 1 },
  unit: ' s',
  decimals: 2,
  samples: [1],
  unmeasured: null,
  beside: 'a stone',
  original: '7',
  ...over,
});

describe('a row', () => {
  it.each([
    [{ atLeast: 1 }, [1], 'met'],
    [{ atLeast: 1 }, [0.999], 'missed'],
    [{ atLeast: 1 }, [0.2, 1.1, 1.2], 'met'],
    [{ atMost: 50 }, [50], 'met'],
    [{ atMost: 50 }, [50.001], 'missed'],
    [{ atMost: 50 }, [49, 60, 61], 'missed'],
  ] as const)('with the bar %j and the samples %j is %s', (bar, samples, expected) => {
    expect(verdict(row({ bar, samples }))).toBe(expected);
  });

  it('without a sample is never met', () => {
    expect(verdict(row({ samples: [] }))).toBe('unknown');
    expect(verdict(row({ samples: [2], unmeasured: 'the engine ended' }))).toBe('unknown');
  });

  it('that is rounded up to its bar is missed all the same', () => {
    const near = row({ samples: [0.9999] });
    expect(measuredText(near)).toContain('1.00 s');
    expect(verdict(near)).toBe('missed');
  });
});

describe('the whole', () => {
  it('is met when every row is', () => {
    expect(allMet([row({}), row({})])).toBe(true);
    expect(allMet([row({}), row({ samples: [0] })])).toBe(false);
    expect(allMet([row({}), row({ unmeasured: 'no engine' })])).toBe(false);
    expect(allMet([])).toBe(false);
  });
});

describe('the table', () => {
  it('shows bar, median, range, verdict and comparison', () => {
    const text = tableText([row({ samples: [1.5, 1, 3] }), row({ bar: { atMost: 2 }, samples: [5] })]);
    for (const part of ['≥ 1.00 s', '1.50 s (1.00–3.00, n=3)', 'met', '≤ 2.00 s', 'MISSED', 'a stone']) {
      expect(text).toContain(part);
    }
  });

  it('says why a row was not measured', () => {
    const text = tableText([row({ samples: [], unmeasured: 'no engine' })]);
    expect(text).toContain('no engine');
    expect(text).toContain('NOT');
  });

  it('gives programs the same, and null for what is not known', () => {
    const told = JSON.parse(
      tableJson([row({ samples: [3, 1] }), row({ unmeasured: 'no engine' })]),
    ) as unknown;
    expect(told).toMatchObject([
      { median: 2, met: true, samples: [3, 1] },
      { median: null, met: null, unmeasured: 'no engine' },
    ]);
  });
});
