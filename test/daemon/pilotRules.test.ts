import { describe, expect, it } from 'vitest';
import { cpusLabel, instanceLabel, pilotLabels, rulesLabel, rulesTold } from '../../src/daemon/ownership.ts';
import { rulesText } from '../../src/daemon/pilotRules.ts';
import { type Kind, plainKind } from '../../src/model/kind.ts';
import { Secret } from '../../src/model/secret.ts';

const kind: Kind = {
  ...plainKind,
  name: 'cms',
  image: 'grid/pilot',
  command: [],
  cpus: 0.5,
  memoryBytes: 2e9,
  swapBytes: 1e6,
  ttlMs: 7_200_000,
  ttlJitter: 0.1,
  stopSignal: 'SIGRTMIN+3',
  stopGraceMs: 30_000,
  logRateBytes: 5e6,
  fizzleMs: 60_000,
  outcomes: { 0: 'finished', 75: 'no-work', 9: 'failed' },
};
const identity = { instance: 'here', secret: new Secret('s') };
const rules = {
  cpus: 0.5,
  memoryBytes: 2e9,
  swapBytes: 1e6,
  ttlMs: 7_200_000,
  ttlJitter: 0.1,
  stopGraceMs: 30_000,
  stopSignal: 'SIGRTMIN+3',
  logRateBytes: 5e6,
  fizzleMs: 60_000,
  outcomes: { 0: 'finished', 75: 'no-work', 9: 'failed' },
};

describe('the label of the rules that a pilot keeps', () => {
  it('tells them as its kind had them, the same object for the same text', () => {
    const labels = pilotLabels(identity, 'plancton-worker-aaaaaa', kind);
    expect(rulesTold(labels)).toEqual(rules);
    expect(rulesTold({ ...labels })).toBe(rulesTold(labels));
    expect(labels[rulesLabel]?.length).toBeLessThan(200);
    const unbounded = pilotLabels(identity, 'plancton-worker-aaaaaa', { ...kind, logRateBytes: null });
    expect(rulesTold(unbounded)?.logRateBytes).toBe(Number.POSITIVE_INFINITY);
  });

  it('cannot be written by the site', () => {
    const labels = { [rulesLabel]: '{}' };
    expect(rulesTold(pilotLabels(identity, 'plancton-worker-aaaaaa', { ...kind, labels }))).toEqual(rules);
  });

  const text = rulesText(kind);
  const changed = (change: Record<string, unknown>): string =>
    JSON.stringify({ ...(JSON.parse(text) as object), ...change });
  it.each([
    ['not JSON', 'ttl=3'],
    ['no mapping', '7'],
    ['null', 'null'],
    ['empty', '{}'],
    ['endless', `${text}${' '.repeat(10_000)}`],
    ['with a time that is none', changed({ ttl: '2h' })],
    ['with a negative time', changed({ ttl: -1 })],
    ['with a time without end', changed({ ttl: null })],
    ['with a jitter beyond all', changed({ jitter: 1.1 })],
    ['with a grace of a week', changed({ grace: 7 * 86_400_000 })],
    ['with no signal', changed({ signal: 'KILL; rm' })],
    ['with a rate that is none', changed({ log: 'much' })],
    ['with an outcome that nobody knows', changed({ outcomes: { 0: 'z' } })],
    ['with an outcome of an inherited name', changed({ outcomes: { 0: 'constructor' } })],
    ['with a code that is none', changed({ outcomes: { x: 'f' } })],
    ['with a list of outcomes', changed({ outcomes: ['f'] })],
  ])('is none where it is %s', (_what, label) => {
    const labels = { [instanceLabel]: 'here', [cpusLabel]: '0.5' };
    expect(rulesTold({ ...labels, [rulesLabel]: text })).toEqual(rules);
    expect(rulesTold({ ...labels, [rulesLabel]: label })).toBeNull();
  });

  it('is none without that of the CPUs, and of an image where the original made the container', () => {
    expect(rulesTold({ [instanceLabel]: 'here', [rulesLabel]: text })).toBeNull();
    expect(rulesTold({ [cpusLabel]: '0.5', [rulesLabel]: text })).toBeNull();
  });
});
