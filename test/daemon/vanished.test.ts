import { describe, expect, it } from 'vitest';
import { recordOfVanished, vanished } from '../../src/daemon/vanished.ts';
import { noKeep } from '../../src/model/keep.ts';
import { ended, engineWith, policy, running, sampleAt } from '../decide/world.ts';

const at = 100_000;
const before = sampleAt(at, { engine: engineWith([running('a', 40_000), ended('b', 0, 5000, at)]) });
const reap = { do: 'reap', id: 'id-b', name: 'b', outcome: 'finished' } as const;

describe('pilots that vanish', () => {
  it('are told, lost where their end was not seen', () => {
    expect(vanished(before, sampleAt(at + 1000), policy)).toMatchObject([
      {
        pilot: { name: 'a' },
        report: { name: 'a', outcome: 'lost', started: true, killed: false, exitCode: null, livedMs: 61_000 },
      },
      { report: { name: 'b', outcome: 'finished', exitCode: 0, livedMs: 5000 } },
    ]);
  });

  it('are recorded, with their end as it was noticed', () => {
    const [lost] = vanished(before, sampleAt(at + 1000), policy);
    if (lost === undefined) throw new Error('nothing has vanished');
    const surroundings = noKeep('node7').surroundingsOf('', '');
    expect(recordOfVanished(lost, surroundings, 500_000)).toMatchObject({
      name: 'a',
      id: lost.pilot.id,
      node: 'node7',
      imageId: lost.pilot.imageId,
      startedAtWallMs: 500_000 - 61_000,
      endedAtWallMs: 500_000,
      outcome: 'lost',
    });
  });

  it('are not those that we remove, nor those of an engine that has not listed', () => {
    const still = { engine: engineWith([running('a', 40_000)]) };
    const done = { action: reap, ok: true, fact: null, error: '', fault: null, tookMs: 1 };
    expect(vanished(before, sampleAt(at, { ...still, results: [done] }), policy)).toEqual([]);
    expect(
      vanished(before, sampleAt(at, { ...still, inFlight: [{ action: reap, sinceMs: at }] }), policy),
    ).toEqual([]);
    expect(vanished(before, sampleAt(at, { engine: engineWith([], { listed: false }) }), policy)).toEqual([]);
    expect(vanished(null, sampleAt(at), policy)).toEqual([]);
  });

  it('are neither prepared containers nor those that are not ours', () => {
    const others = [running('c', 0, { managed: false }), running('d', 0, { state: 'created' })];
    expect(vanished(sampleAt(at, { engine: engineWith(others) }), sampleAt(at), policy)).toEqual([]);
  });
});
