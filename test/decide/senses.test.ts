import { describe, expect, it } from 'vitest';
import {
  deafened,
  followSignal,
  isDeaf,
  isPressing,
  type Pressing,
  rungsOf,
  type Sense,
  type Signal,
  stepDue,
  stepped,
} from '../../src/decide/senses.ts';
import { policy } from './world.ts';

const at = 1_000_000;
const over: Signal = { is: 'over', text: 'o' };
const under: Signal = { is: 'under', text: 'u' };
const between: Signal = { is: 'between', text: 'b' };
const blind: Signal = { is: 'unknown', text: '?' };

/** What a sense does, second by second: `v` for a step down, `^` for one up. Every step down holds a pilot. */
function story(sense: Sense, signals: readonly Signal[]): { steps: string; last: Pressing | undefined } {
  let pressing: Pressing | undefined;
  let held = 0;
  let steps = '';
  signals.forEach((signal, second) => {
    const nowMs = at + second * 1000;
    pressing = followSignal(sense, pressing, signal, nowMs, held > 0);
    const way = stepDue(sense, pressing, nowMs, held > 0);
    steps += way === 'down' ? 'v' : way === 'up' ? '^' : '.';
    if (way !== null && pressing !== undefined) pressing = stepped(pressing, way, nowMs);
    held += way === 'down' ? 1 : way === 'up' ? -1 : 0;
  });
  return { steps, last: pressing };
}
const times = (count: number, signal: Signal): Signal[] => Array.from({ length: count }, () => signal);

describe('a sense', () => {
  it('that grows by degrees waits for 3 s, then steps each 5 s', () => {
    expect(story('io', times(14, over)).steps).toBe('...v....v....v');
  });

  it('of a person steps at once', () => {
    expect(story('user', times(2, over)).steps[0]).toBe('v');
  });

  it('gives nothing back before it has been calm for its patience, then step by step', () => {
    const { steps } = story('io', [...times(9, over), ...times(40, under)]);
    expect(steps).toBe(`...v....v${'.'.repeat(15)}^....^${'.'.repeat(19)}`);
  });

  it.each([
    ['neither over nor under', between],
    ['blind', blind],
  ])('%s gives nothing back and takes nothing more', (_, signal) => {
    expect(story('io', [...times(4, over), ...times(100, signal)]).steps.slice(4)).toBe('.'.repeat(100));
  });

  it('begins to wait anew when the calm is broken', () => {
    const broken = [...times(4, over), ...times(14, under), between, ...times(15, under)];
    expect(story('io', broken).steps.includes('^')).toBe(false);
  });

  it('doubles its patience when it gave back too soon, ten minutes at most, and forgives a long calm', () => {
    const bout = [...times(5, over), ...times(16, under)];
    const twice = story('io', [...bout, ...bout]);
    expect(twice.last?.patienceMs).toBe(30_000);
    const often = Array.from({ length: 30 }, (_, index) => [
      ...times(5, over),
      ...times(Math.min(601, 16 * 2 ** index), under),
    ]);
    expect(story('io', often.flat()).last?.patienceMs).toBe(600_000);
    expect(story('io', [...bout, ...times(200, under)]).last).toBeUndefined();
  });

  it('that is not asked for is forgotten', () => {
    const pressing = followSignal('user', undefined, over, at, false);
    expect(followSignal('user', pressing, { is: 'off' }, at, true)).toBeUndefined();
    expect(stepDue('user', undefined, at, false)).toBeNull();
  });

  it('of which nothing is remembered but a pilot that is down comes up by the same calm', () => {
    const calm = followSignal('io', undefined, under, at, true);
    expect(calm).toMatchObject({ calmSinceMs: at, patienceMs: 15_000 });
    expect(stepDue('io', calm, at + 14_999, true)).toBeNull();
    expect(stepDue('io', calm, at + 15_000, true)).toBe('up');
    expect(stepDue('io', followSignal('io', undefined, between, at, true), at + 1e6, true)).toBeNull();
    expect(followSignal('io', undefined, under, at, false)).toBeUndefined();
  });

  it('that cannot be seen is forgotten where nobody asked for it and nothing was taken', () => {
    const pressing = followSignal('io', undefined, over, at, false);
    expect(followSignal('io', pressing, blind, at, false)).toBeUndefined();
    expect(followSignal('io', pressing, blind, at, true)).toBeDefined();
    expect(
      followSignal('battery', followSignal('battery', undefined, over, at, false), blind, at, false),
    ).toBeDefined();
  });

  it('presses until it has been calm for its patience', () => {
    const { last } = story('user', [over, under]);
    expect(isPressing(last, at + 1000)).toBe(true);
    expect(isPressing(last, at + 6000)).toBe(false);
    expect(isPressing(undefined, at)).toBe(false);
  });

  it('that was of no use is not acted on for ten minutes', () => {
    const pressing = story('io', times(4, over)).last;
    if (pressing === undefined) throw new Error('nothing pressed');
    const deaf = deafened(pressing, at);
    expect(isDeaf(deaf, at + 599_000)).toBe(true);
    expect(stepDue('io', deaf, at + 599_000, false)).toBeNull();
    expect(isDeaf(deaf, at + 600_000)).toBe(false);
    expect(stepDue('io', deaf, at + 600_000, false)).toBe('down');
  });

  it('that is of no use again and again is left alone for twice as long each time, two hours at most', () => {
    let pressing = story('io', times(4, over)).last;
    const minutes = Array.from({ length: 6 }, () => {
      if (pressing === undefined) throw new Error('nothing pressed');
      pressing = deafened(pressing, at);
      return ((pressing.deafUntilMs ?? at) - at) / 60_000;
    });
    expect(minutes).toEqual([10, 20, 40, 80, 120, 120]);
  });
});

describe('rungs', () => {
  it('are those that the node has', () => {
    const { means } = policy;
    expect(rungsOf('cpu', means)).toEqual(['half', 'quarter', 'paused']);
    expect(rungsOf('cpu', { ...means, canThrottle: false })).toEqual(['paused']);
    expect(rungsOf('cpu', { ...means, canPause: false })).toEqual(['half', 'quarter']);
    expect(rungsOf('user', { ...means, canPause: false })).toEqual([]);
  });
});
