import { describe, expect, it } from 'vitest';
import { deafened, isDeaf } from '../../src/decide/deafness.ts';
import {
  followSignal,
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
const off: Signal = { is: 'off' };
const unseen: Signal = { is: 'unseen', text: 'ours' };

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
    ['neither over nor under', 'cpu', between],
    ['blind', 'io', blind],
  ] as const)('%s gives nothing back and takes nothing more', (_, sense, signal) => {
    expect(story(sense, [...times(4, over), ...times(100, signal)]).steps.slice(4)).toBe('.'.repeat(100));
  });

  it('of storage that is a little slow by itself gives back after half a minute, or twice its patience', () => {
    const slow = story('io', [...times(4, over), ...times(40, between)]);
    expect(slow.steps.indexOf('^')).toBe(4 + 30);
    const blinded = [...times(4, over), ...times(29, between), blind, ...times(29, between)];
    expect(story('io', blinded).steps.includes('^')).toBe(false);
    const relapsed = [...times(4, over), ...times(31, between), ...times(6, over)];
    const again = story('io', [...relapsed, ...times(70, between)]);
    expect(again.steps.lastIndexOf('^') - relapsed.length).toBe(60);
  });

  it('of storage counts how often in a row he waited at once when pilots were let run', () => {
    const bout = [...times(4, over), ...times(15, under), ...times(2, under)];
    const prompt = story('io', [...bout, ...times(4, over)]);
    expect(prompt.last?.relapses).toBe(1);
    const late = story('io', [...bout, ...times(4, over), ...times(38, under), over]);
    expect(late.last?.relapses).toBe(0);
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
    expect(stepDue('cpu', followSignal('cpu', undefined, between, at, true), at + 1e6, true)).toBeNull();
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
    const deaf = deafened(pressing, null, true, at);
    expect(isDeaf(deaf, at + 599_000)).toBe(true);
    expect(stepDue('io', deaf, at + 599_000, false)).toBeNull();
    expect(isDeaf(deaf, at + 600_000)).toBe(false);
    expect(stepDue('io', deaf, at + 600_000, false)).toBe('down');
  });

  it('that is of no use again and again is left alone for twice as long each time, two hours at most', () => {
    let pressing = story('io', times(4, over)).last;
    const minutes = Array.from({ length: 6 }, () => {
      if (pressing === undefined) throw new Error('nothing pressed');
      pressing = deafened(pressing, null, true, at);
      return ((pressing.deafUntilMs ?? at) - at) / 60_000;
    });
    expect(minutes).toEqual([10, 20, 40, 80, 120, 120]);
  });
});

describe('what was learned of a sense', () => {
  /** Looks at this signal each second from one time to another, with nothing taken from pilots. */
  function looks(pressing: Pressing | undefined, signal: Signal, fromMs: number, toMs: number) {
    let now = pressing;
    for (let nowMs = fromMs; nowMs <= toMs; nowMs += 1000)
      now = followSignal('io', now, signal, nowMs, false);
    return now;
  }
  const minute = 60_000;
  const hour = 60 * minute;
  const firstDeaf = (): Pressing => {
    const pressing = looks(undefined, over, at, at + 5000);
    if (pressing === undefined) throw new Error('nothing pressed');
    return deafened(pressing, null, true, at + 5000);
  };
  const untilMs = at + 5000 + 10 * minute;

  it.each([
    ['a calm that is long', under],
    ['a moment that cannot be seen', blind],
    ['a sense that is not told for a while', off],
  ])('outlasts %s: it stays deaf, and is so for twice as long the next time', (_, signal) => {
    let pressing = looks(firstDeaf(), signal, at + 6000, at + 6 * minute);
    if (pressing === undefined) throw new Error('forgotten');
    expect([isDeaf(pressing, untilMs - 1), isDeaf(pressing, untilMs)]).toEqual([true, false]);
    expect(isPressing(pressing, at + 6 * minute)).toBe(false);
    pressing = looks(pressing, over, at + 6 * minute, untilMs - 1000);
    expect(stepDue('io', pressing, untilMs - 1000, false)).toBeNull();
    expect(stepDue('io', pressing, untilMs, false)).toBe('down');
    const again = pressing === undefined ? undefined : deafened(pressing, null, true, untilMs);
    expect(again?.deafUntilMs).toBe(untilMs + 20 * minute);
    expect(again).toMatchObject({ deafTimes: 2 });
  });

  it('is forgotten six hours after the last time', () => {
    const kept = looks(firstDeaf(), under, at + 6000, untilMs + 6 * hour - 60_000);
    expect(kept).toMatchObject({ deafTimes: 1 });
    expect(followSignal('io', kept, under, untilMs + 6 * hour, false)).toBeUndefined();
    const late = looks(kept, over, untilMs + 6 * hour, untilMs + 6 * hour);
    if (late === undefined) throw new Error('nothing pressed');
    expect(deafened(late, null, true, untilMs + 6 * hour).deafTimes).toBe(1);
  });

  it('holds up nothing and changes nothing while it only rests', () => {
    const resting = looks(firstDeaf(), under, at + 6000, untilMs + minute);
    for (const signal of [under, between, blind, unseen, off])
      expect(followSignal('io', resting, signal, untilMs + minute, false)).toBe(resting);
    expect(isPressing(resting, untilMs + minute)).toBe(false);
    expect(stepDue('io', resting, untilMs + minute, false)).toBeNull();
  });

  it('is a doubled patience, too, where the calm was not seen', () => {
    const bout = [...times(5, over), ...times(16, under)];
    const { last } = story('io', [...bout, ...bout]);
    expect(last?.patienceMs).toBe(30_000);
    const atMs = at + 42_000;
    const lost = followSignal('io', last, blind, atMs, false);
    expect(followSignal('io', lost, over, atMs + 1000, false)?.patienceMs).toBe(30_000);
    expect(followSignal('io', lost, under, atMs + 300_000, false)).toBeUndefined();
  });
});

describe('a time of which nothing can be concluded', () => {
  it('does not count for how long the owner has been disturbed, and does not end it', () => {
    const cycle = [over, ...times(6, unseen)];
    const { steps } = story('io', [...cycle, ...cycle, ...cycle, over]);
    expect(steps).toBe(`${'.'.repeat(21)}v`);
    expect(story('io', [...cycle, ...cycle, ...cycle]).steps).toBe('.'.repeat(21));
    expect(story('io', [over, ...times(60, unseen)]).steps).toBe('.'.repeat(61));
  });

  it('does not count for a trial', () => {
    const pressing = { ...firstPressing(), uselessSinceMs: at + 1000 };
    const still = followSignal('io', pressing, unseen, at + 5000, true);
    expect(followSignal('io', still, unseen, at + 9000, true)).toBe(still);
    const after = followSignal('io', still, over, at + 65_000, true);
    expect(after).toMatchObject({ overSinceMs: at + 60_000, uselessSinceMs: at + 61_000 });
    expect(after).not.toHaveProperty('unseenSinceMs');
  });

  function firstPressing(): Pressing {
    const pressing = followSignal('io', undefined, over, at, false);
    if (pressing === undefined) throw new Error('nothing pressed');
    return pressing;
  }
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
