import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MetricFamily, metricFormatFor, metricsText } from '../../src/serve/metricsText.ts';

const families: readonly MetricFamily[] = [
  { name: 'a_level', type: 'gauge', help: 'A "level".', samples: [{ value: 1.5 }] },
  {
    name: 'b_seconds',
    type: 'counter',
    help: 'Two\nlines and a \\.',
    samples: [{ labels: { k: 'x' }, value: 3 }],
  },
  { name: 'c', type: 'info', help: 'What.', samples: [{ labels: { version: '1' }, value: 1 }] },
  { name: 'nothing', type: 'gauge', help: 'Not known.', samples: [] },
  {
    name: 'd_seconds',
    type: 'histogram',
    help: 'How long.',
    samples: [
      {
        labels: { verb: 'list' },
        buckets: [
          [0.5, 1],
          [1, 2],
        ],
        count: 3,
        sum: 4.25,
      },
    ],
  },
];

describe('metrics', () => {
  it('are written as Prometheus always had them', () => {
    expect(metricsText(families, 'text')).toBe(`# HELP a_level A "level".
# TYPE a_level gauge
a_level 1.5
# HELP b_seconds_total Two\\nlines and a \\\\.
# TYPE b_seconds_total counter
b_seconds_total{k="x"} 3
# HELP c_info What.
# TYPE c_info gauge
c_info{version="1"} 1
# HELP d_seconds How long.
# TYPE d_seconds histogram
d_seconds_bucket{verb="list",le="0.5"} 1
d_seconds_bucket{verb="list",le="1.0"} 2
d_seconds_bucket{verb="list",le="+Inf"} 3
d_seconds_sum{verb="list"} 4.25
d_seconds_count{verb="list"} 3
`);
  });

  it('are written as OpenMetrics has them: names without suffixes, units, an end', () => {
    expect(metricsText(families, 'openmetrics')).toBe(`# HELP a_level A \\"level\\".
# TYPE a_level gauge
a_level 1.5
# HELP b_seconds Two\\nlines and a \\\\.
# TYPE b_seconds counter
# UNIT b_seconds seconds
b_seconds_total{k="x"} 3
# HELP c What.
# TYPE c info
c_info{version="1"} 1
# HELP d_seconds How long.
# TYPE d_seconds histogram
# UNIT d_seconds seconds
d_seconds_bucket{verb="list",le="0.5"} 1
d_seconds_bucket{verb="list",le="1.0"} 2
d_seconds_bucket{verb="list",le="+Inf"} 3
d_seconds_sum{verb="list"} 4.25
d_seconds_count{verb="list"} 3
# EOF
`);
  });

  it('have numbers beyond all bounds in words', () => {
    const samples = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map((value) => ({
      value,
    }));
    expect(metricsText([{ name: 'x', type: 'gauge', help: 'X.', samples }], 'text')).toContain(
      'x +Inf\nx -Inf\nx NaN\n',
    );
  });

  it('keep any label in its quotes and on its line', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'n', 'ü', '{', '}', ',') }), (text) => {
        const written = metricsText(
          [{ name: 'x', type: 'gauge', help: text, samples: [{ labels: { l: text }, value: 1 }] }],
          'text',
        );
        const [, quoted = ''] = /^x\{l="((?:[^"\\\n]|\\["\\n])*)"\} 1$/m.exec(written) ?? [];
        expect(quoted.replaceAll(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one))).toBe(text);
        expect(written.split('\n')).toHaveLength(4);
      }),
    );
  });
});

describe('the format', () => {
  it.each([
    ['', 'text'],
    ['*/*', 'text'],
    ['text/plain', 'text'],
    ['application/openmetrics-text', 'openmetrics'],
    ['application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'openmetrics'],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,*/*;q=0.2',
      'openmetrics',
    ],
    ['application/openmetrics-text; version=0.0.1', 'text'],
    ['application/openmetrics-text;q=0.3, text/plain;q=0.8', 'text'],
    ['application/openmetrics-text;q=0', 'text'],
    ['application/openmetrics-text;q=much', 'text'],
    ['text/html,application/xhtml+xml;q=0.9', 'text'],
    [',;,;q=;=,', 'text'],
  ])('for "%s" is %s', (accept, format) => {
    expect(metricFormatFor(accept)).toBe(format);
  });
});
