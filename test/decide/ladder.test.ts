import { describe, expect, it } from 'vitest';
import {
  cpuShareOf,
  type Held,
  isHolding,
  isToPause,
  released,
  stepDown,
  stepUp,
} from '../../src/decide/ladder.ts';
import type { Rung, Sense } from '../../src/decide/senses.ts';

const all: readonly Rung[] = ['half', 'quarter', 'paused'];
const eight = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Where each pilot is: a letter of its rung, `-` for none. */
function picture(held: readonly Held[], sense: Sense, pilots: readonly string[] = eight): string {
  return pilots.map((pilot) => held.find((one) => one.pilot === pilot)?.rungs[sense]?.[0] ?? '-').join('');
}

function down(steps: number, sense: Sense, rungs = all, pilots = eight): readonly Held[] {
  let held: readonly Held[] = [];
  for (let step = 0; step < steps; step++) held = stepDown(held, sense, rungs, pilots);
  return held;
}

describe('steps down', () => {
  it('take a quarter of the pilots, shrink all before any is shrunk further, and pause last', () => {
    expect(picture(down(1, 'cpu'), 'cpu')).toBe('hh------');
    expect(picture(down(4, 'cpu'), 'cpu')).toBe('hhhhhhhh');
    expect(picture(down(5, 'cpu'), 'cpu')).toBe('qqhhhhhh');
    expect(picture(down(9, 'cpu'), 'cpu')).toBe('ppqqqqqq');
    expect(picture(down(12, 'cpu'), 'cpu')).toBe('pppppppp');
  });

  it('end where the ladder ends', () => {
    const last = down(12, 'cpu');
    expect(stepDown(last, 'cpu', all, eight)).toBe(last);
    expect(stepDown([], 'io', ['paused'], [])).toEqual([]);
    expect(stepDown([], 'user', [], eight)).toEqual([]);
  });

  it('of a person take all at once', () => {
    expect(picture(down(1, 'user', ['paused']), 'user')).toBe('pppppppp');
  });

  it('of one sense leave those of another as they are', () => {
    const held = stepDown(down(1, 'cpu'), 'user', ['paused'], eight);
    expect(picture(held, 'cpu')).toBe('hh------');
    expect(picture(stepUp(held, 'user', ['paused'], eight), 'cpu')).toBe('hh------');
    expect(held.every(isToPause)).toBe(true);
  });
});

describe('steps up', () => {
  it('go the same way back, first those whose pause loses most', () => {
    let held = down(10, 'cpu');
    expect(picture(held, 'cpu')).toBe('ppppqqqq');
    held = stepUp(held, 'cpu', all, eight);
    expect(picture(held, 'cpu')).toBe('ppqqqqqq');
    for (let step = 0; step < 20; step++) held = stepUp(held, 'cpu', all, eight);
    expect(picture(held, 'cpu')).toBe('--------');
    expect(stepUp(held, 'cpu', all, eight)).toBe(held);
  });

  it('let a pilot go that is on a rung which the node has no more', () => {
    const held = down(1, 'cpu', ['paused'], ['a']);
    expect(picture(stepUp(held, 'cpu', ['half'], ['a']), 'cpu', ['a'])).toBe('-');
  });
});

describe('what a pilot is left with', () => {
  it('is what the hardest of the senses says', () => {
    const held = stepDown(down(2, 'temperature', all, ['a']), 'cpu', all, ['a']);
    expect(held.map(cpuShareOf)).toEqual([0.25]);
    expect(released(held, 'temperature').map(cpuShareOf)).toEqual([0.5]);
    expect(released(released(held, 'temperature'), 'cpu').map(cpuShareOf)).toEqual([1]);
    expect(isHolding(held, 'cpu')).toBe(true);
    expect(isHolding(released(held, 'cpu'), 'cpu')).toBe(false);
  });
});
