import { describe, expect, it } from 'vitest';
import { emptyMemory, type Seen } from '../../src/decide/types.ts';
import { forMemory, inOrder, latestFirst, leastLossFirst, youngerFirst } from '../../src/decide/victims.ts';
import type { Pilot, PilotActivity } from '../../src/model/pilot.ts';
import { unknown } from '../../src/model/reading.ts';
import { engineWith, hostAt, policy, running, seenAt } from './world.ts';

const at = 10_000_000;
interface Life {
  readonly ageS: number | null;
  readonly cpuS?: number;
  readonly bytes?: number;
  readonly says?: PilotActivity;
}

function seenWith(lives: Record<string, Life>): { seen: Seen; pilots: Pilot[] } {
  const pilots = Object.entries(lives).map(([name, { ageS }]) =>
    ageS === null ? running(name, 0, { startedAtMs: unknown('not seen') }) : running(name, at - ageS * 1000),
  );
  const pilotUse = new Map(
    Object.entries(lives).flatMap(([name, { cpuS, bytes }]) =>
      cpuS === undefined && bytes === undefined
        ? []
        : [[`id-${name}`, { cpuMs: (cpuS ?? 0) * 1000, memoryBytes: bytes ?? 0, readAtMs: at }] as const],
    ),
  );
  const activities = new Map(
    Object.entries(lives).flatMap(([name, { says }]) =>
      says === undefined ? [] : [[`id-${name}`, says] as const],
    ),
  );
  const host = { ...hostAt(at), pilotUse };
  return { seen: seenAt(at, 0, { engine: engineWith(pilots), host, activities }), pilots };
}
const names = (pilots: readonly Pilot[]) => pilots.map((pilot) => pilot.name).join(' ');

describe('whose end loses least', () => {
  it.each<[string, Record<string, Life>, string]>([
    ['the youngest', { old: { ageS: 9000 }, young: { ageS: 10 }, middle: { ageS: 600 } }, 'young middle old'],
    ['one of unknown age last', { x: { ageS: null }, old: { ageS: 9000 } }, 'old x'],
    [
      'of about the same age the idle one',
      { busy: { ageS: 1000, cpuS: 900 }, idle: { ageS: 1020, cpuS: 3 } },
      'idle busy',
    ],
    [
      'of the same age and work the smaller one',
      { big: { ageS: 1000, cpuS: 9, bytes: 2e9 }, small: { ageS: 1020, cpuS: 9, bytes: 1e8 } },
      'small big',
    ],
    [
      'one that says that it does nothing, however old it is',
      { young: { ageS: 10 }, idle: { ageS: 9000, cpuS: 8000, says: { activity: 'idle', progress: null } } },
      'idle young',
    ],
    [
      'of busy ones that say so the one that has done less, and half where one says nothing of it',
      {
        most: { ageS: 10, says: { activity: 'busy', progress: 0.9 } },
        silent: { ageS: 20 },
        least: { ageS: 9000, says: { activity: 'busy', progress: 0.1 } },
        busy: { ageS: 600, says: { activity: 'busy', progress: null } },
      },
      'least silent busy most',
    ],
    ['of equals the one that began last', { b: { ageS: 1001 }, a: { ageS: 1002 } }, 'b a'],
    ['of those that began together by name', { b: { ageS: 5 }, a: { ageS: 5 } }, 'a b'],
  ])('%s', (_, lives, expected) => {
    const { seen, pilots } = seenWith(lives);
    expect(names(leastLossFirst(policy, seen, emptyMemory, pilots))).toBe(expected);
    expect(names(leastLossFirst(policy, seen, emptyMemory, pilots.toReversed()))).toBe(expected);
  });

  it('where memory is wanted is, of about the same age, the one that frees most', () => {
    const { seen, pilots } = seenWith({
      small: { ageS: 1020, cpuS: 9, bytes: 1e8 },
      big: { ageS: 1000, cpuS: 900, bytes: 2e9 },
      young: { ageS: 10, bytes: 1e7 },
    });
    expect(names(forMemory(policy, seen, emptyMemory, pilots))).toBe('young big small');
  });

  it('is asked of each ranking in turn', () => {
    const { seen, pilots } = seenWith({ a: { ageS: 1000 }, b: { ageS: 1001 } });
    const [a, b] = pilots;
    if (a === undefined || b === undefined) throw new Error('two pilots');
    expect(youngerFirst(seen)(a, b)).toBe(0);
    expect(inOrder(youngerFirst(seen), latestFirst)(a, b)).toBeLessThan(0);
    expect(inOrder()(a, b)).toBe(0);
  });
});
