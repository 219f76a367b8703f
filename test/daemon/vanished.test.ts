import { describe, expect, it } from 'vitest';
import { vanished } from '../../src/daemon/vanished.ts';
import { ended, engineWith, running, sampleAt } from '../decide/world.ts';

const at = 100_000;
const before = sampleAt(at, { engine: engineWith([running('a', 40_000), ended('b', 0, 5000, at)]) });
const reap = { do: 'reap', id: 'id-b', name: 'b', outcome: null } as const;

describe('pilots that vanish', () => {
  it('are told, lost where their end was not seen', () => {
    expect(vanished(before, sampleAt(at + 1000))).toMatchObject([
      { name: 'a', outcome: 'lost', started: true, killed: false, exitCode: null, livedMs: 61_000 },
      { name: 'b', outcome: 'finished', exitCode: 0, livedMs: 5000 },
    ]);
  });

  it('are not those that we remove, nor those of an engine that has not listed', () => {
    const still = { engine: engineWith([running('a', 40_000)]) };
    const done = { action: reap, ok: true, fact: null, error: '', fault: null, tookMs: 1 };
    expect(vanished(before, sampleAt(at, { ...still, results: [done] }))).toEqual([]);
    expect(vanished(before, sampleAt(at, { ...still, inFlight: [{ action: reap, sinceMs: at }] }))).toEqual(
      [],
    );
    expect(vanished(before, sampleAt(at, { engine: engineWith([], { listed: false }) }))).toEqual([]);
    expect(vanished(null, sampleAt(at))).toEqual([]);
  });

  it('are neither prepared containers nor those that are not ours', () => {
    const others = [running('c', 0, { managed: false }), running('d', 0, { state: 'created' })];
    expect(vanished(sampleAt(at, { engine: engineWith(others) }), sampleAt(at))).toEqual([]);
  });
});
