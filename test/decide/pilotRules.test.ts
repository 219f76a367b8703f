import { describe, expect, it } from 'vitest';
import { newKind } from '../../src/decide/kindMemory.ts';
import type { KindPolicy, Memory, Sample } from '../../src/decide/types.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import type { PilotRules } from '../../src/model/pilotRules.ts';
import { known } from '../../src/model/reading.ts';
import {
  decideOn,
  emptyMemoryOf,
  engineWith,
  hostAt,
  kindOf,
  noSigns,
  plainKind,
  running,
  seenAt,
  stops,
} from './world.ts';

const at = 100_000_000;
/** What the pilots were started with; each test has another file by now. */
const kept: PilotRules = {
  cpus: 1,
  memoryBytes: 2e9,
  swapBytes: 0,
  ttlMs: 3_600_000,
  ttlJitter: 0,
  stopGraceMs: 20_000,
  stopSignal: 'SIGINT',
  logRateBytes: 1e6,
  fizzleMs: 30_000,
  outcomes: { 75: 'no-work' },
};
const other = kindOf('b');

function aged(ageMs: number, changes: Partial<Pilot> = {}): Pilot {
  return running('p', at - ageMs, { kind: 'a', rules: kept, ...changes });
}

function decided(
  pilot: Pilot,
  kinds: readonly KindPolicy[],
  sample: Partial<Sample> = {},
  memory: Partial<Memory> = {},
) {
  const slot = { pilot: 'p', kind: 'a', sinceMs: at - 9e6, failures: 0, notBeforeMs: 0, cpus: 1 };
  const seen = seenAt(at, 0, { engine: engineWith([pilot]), ...sample });
  return decideOn(seen, emptyMemoryOf({ slots: [slot], ...memory }), { kinds });
}

describe('a pilot keeps what it was started with', () => {
  const long = kindOf('a', { ttlMs: 1e9, stopGraceMs: 1000, stopSignal: 'SIGTERM' });
  const short = kindOf('a', { ttlMs: 1000 });

  it.each([
    ['is longer now', long],
    ['is shorter now', short],
    ['is gone', null],
  ])('its time and its grace, where that of its kind %s', (_what, now) => {
    const kinds = now === null ? [other] : [now, other];
    expect(stops(decided(aged(3_599_000), kinds))).toEqual([]);
    const [stop] = decided(aged(3_601_000), kinds).actions;
    expect(stop).toMatchObject({ do: 'stop', outcome: 'expired', graceMs: 20_000 });
  });

  it('that is not so with max_ttl, which always reached those that run, as long as there is the kind', () => {
    const legacy: KindPolicy = { ...plainKind, ttlMs: 1000, ttlReachesRunning: true, stopGraceMs: 1 };
    const pilot = aged(60_000, { kind: 'default' });
    expect(decided(pilot, [legacy]).actions[0]).toMatchObject({
      outcome: 'expired',
      graceMs: 20_000,
      why: { text: 'it has run for longer than max_ttl, 1 s' },
    });
    expect(stops(decided(pilot, [other]))).toEqual([]);
  });

  it('those that bear no rules have those of now', () => {
    const { rules: _rules, ...bare } = aged(60_000);
    expect(decided(bare, [short]).actions[0]).toMatchObject({ do: 'stop', graceMs: 10_000 });
  });

  it('its signal, where no engine gives it', () => {
    const host = {
      ...hostAt(at),
      memory: known({ totalBytes: 64e9, availableBytes: 1e9, swapTotalBytes: 0, swapFreeBytes: 0 }),
    };
    const [stop] = decided(aged(60_000), [long, other], { host }).actions;
    expect(stop).toMatchObject({
      do: 'stop',
      outcome: 'evicted',
      byUs: { signal: 'SIGINT' },
      graceMs: 20_000,
    });
  });

  it('the rate of its log', () => {
    const pilot = aged(60_000);
    const rates = (rate: number) => ({ logRates: new Map([[pilot.id, rate]]) });
    const kinds = [kindOf('a', { logRateBytes: 9e6 })];
    expect(decided(pilot, kinds, rates(2e6)).actions[0]).toMatchObject({ why: { rule: 'log' } });
    expect(stops(decided(pilot, [kindOf('a', { logRateBytes: 1 })], rates(1e6)))).toEqual([]);
  });

  it('its notice before the schedule closes', () => {
    const window = { open: true, changesInMs: 21_000 };
    const host = { ...hostAt(at), signs: { ...noSigns, window } };
    expect(stops(decided(aged(60_000), [long], { host }))).toEqual(['p']);
  });

  const outcomeOf = (exitCode: number, livedMs: number, kinds: readonly KindPolicy[]) => {
    const end = { exitCode, livedMs, said: null };
    // What has just ended makes way for a start.
    const ended = aged(livedMs + 11_000, { state: 'ended', stateSinceMs: at - 11_000, end });
    const decision = decided(ended, kinds);
    const [reap] = decision.actions.filter((action) => action.do === 'reap');
    return [reap?.outcome, decision.memory.kinds['a']?.backOff?.fruitless ?? 0];
  };
  it('what its end means, also to the back-off of its kind', () => {
    const now = kindOf('a', { outcomes: { 75: 'finished', 0: 'failed' }, fizzleMs: 0 });
    expect(outcomeOf(75, 60_000, [now])).toEqual(['no-work', 1]);
    expect(outcomeOf(0, 29_000, [now])).toEqual(['no-work', 1]);
    expect(outcomeOf(0, 31_000, [now])).toEqual(['finished', 0]);
    expect(outcomeOf(75, 60_000, [other])).toEqual(['no-work', 0]);
  });

  it('how long it must live to show that there is work', () => {
    const waiting = { fruitless: 1, sinceMs: at - 40_000, untilMs: at + 9e6 };
    const memory = { kinds: { a: { ...newKind, isAway: false, backOff: waiting } } };
    const backOff = (ageMs: number, now: KindPolicy) =>
      decided(aged(ageMs), [now], {}, memory).memory.kinds['a']?.backOff;
    expect(backOff(31_000, kindOf('a', { fizzleMs: 9e6 }))).toBeNull();
    expect(backOff(29_000, kindOf('a', { fizzleMs: 0 }))).toEqual(waiting);
  });
});
