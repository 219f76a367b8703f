import { describe, expect, it } from 'vitest';
import { believedPilots, pilotShape } from '../../src/daemon/knownPilots.ts';
import type { PilotUse } from '../../src/model/host.ts';
import type { Pilot, PilotState } from '../../src/model/pilot.ts';
import { known, unknown } from '../../src/model/reading.ts';
import { type AskedToEnd, PilotLedger } from '../../src/record/pilotLedger.ts';

const pilot = (id: string, state: PilotState, stateSinceMs: number, more: Partial<Pilot> = {}): Pilot => ({
  id,
  name: id,
  managed: id !== 'theirs',
  kind: null,
  state,
  imageId: 'sha256:1',
  startedAtMs: known(0),
  stateSinceMs,
  end: null,
  ...more,
});
type Use = Readonly<Record<string, readonly [cpuMs: number, memoryBytes: number]>>;
/** Notes what a tick saw; the wall clock is a million ahead. */
function note(
  ledger: PilotLedger,
  nowMs: number,
  pilots: readonly Pilot[],
  use: Use = {},
  asked: readonly AskedToEnd[] = [],
  endpoint = 'unix:///engine.sock',
): void {
  const uses = Object.entries(use).map(([id, [cpuMs, memoryBytes]]): [string, PilotUse] => [
    id,
    { cpuMs, memoryBytes, readAtMs: 0 },
  ]);
  ledger.note({ pilots, use: new Map(uses), asked, endpoint, nowMs, wallMs: nowMs + 1e6 });
}
const ids = (some: readonly { readonly id: string }[]): string[] => some.map(({ id }) => id);

it('keeps the last CPU time and the most memory that were seen', () => {
  const ledger = new PilotLedger();
  const theirs = pilot('theirs', 'running', 0);
  note(ledger, 1, [pilot('a', 'running', 0), theirs], { a: [10, 500], theirs: [1, 1] });
  note(ledger, 2, [pilot('a', 'running', 0)], { a: [20, 300] });
  note(ledger, 3, [pilot('a', 'ended', 3)]);
  expect(ledger.of('a', 3)).toEqual({
    cpuMs: 20,
    peakMemoryBytes: 500,
    pausedMs: 0,
    imageId: 'sha256:1',
    startedAtWallMs: 1e6,
  });
  expect(ledger.of('theirs', 3)).toMatchObject({ cpuMs: null, peakMemoryBytes: null, pausedMs: 0 });
});

describe('pauses', () => {
  it('are added up, the one that goes on included', () => {
    const ledger = new PilotLedger();
    const at = (state: PilotState, sinceMs: number, nowMs: number) =>
      note(ledger, nowMs, [pilot('a', state, sinceMs)]);
    at('running', 0, 1000);
    at('paused', 1500, 2000);
    at('paused', 1500, 3000);
    expect(ledger.of('a', 3000).pausedMs).toBe(1500);
    at('running', 3500, 4000);
    at('paused', 5000, 5000);
    at('ended', 6000, 7000);
    expect(ledger.of('a', 9000).pausedMs).toBe(3000);
  });

  it('of before the daemon began count, and one goes on over that', () => {
    const before = new PilotLedger();
    note(before, 1000, [pilot('a', 'paused', 500)]);
    note(before, 2000, [pilot('a', 'running', 1500)]);
    note(before, 3000, [pilot('a', 'paused', 2500)]);
    const after = new PilotLedger(before.remembered());
    // The new daemon sees it paused only since its own beginning.
    note(after, 6000, [pilot('a', 'paused', 6000)]);
    note(after, 8000, [pilot('a', 'running', 7500)]);
    expect(after.of('a', 9000).pausedMs).toBe(1000 + 5000);
  });
});

describe('pilots without a record', () => {
  it('are remembered from their start until they have one, and missed when they are gone', () => {
    const ledger = new PilotLedger();
    note(ledger, 1, [pilot('made', 'created', 0, { startedAtMs: unknown('not started') })]);
    expect(ledger.remembered()).toEqual([]);
    note(ledger, 2, [pilot('a', 'running', 0), pilot('b', 'running', 0), pilot('theirs', 'running', 0)]);
    expect(ids(ledger.remembered())).toEqual(['a', 'b']);
    expect(ledger.missing()).toEqual([]);
    note(ledger, 3, [pilot('a', 'running', 0)]);
    expect(ids(ledger.missing())).toEqual(['b']);
    ledger.noteRecorded('b');
    expect(ids(ledger.remembered())).toEqual(['a']);
    expect(ledger.missing()).toEqual([]);
    // One that is not ours to manage any more is there all the same.
    note(ledger, 4, [pilot('a', 'running', 0, { managed: false })]);
    expect(ledger.missing()).toEqual([]);
    // Hours later.
    note(ledger, 9e6, []);
    expect(ids(ledger.missing())).toEqual(['a']);
  });

  it('are the same array while nothing of them changes that has to be written', () => {
    const ledger = new PilotLedger();
    const end = { exitCode: 0, livedMs: 5, said: null };
    const asked = [{ pilot: 'a', outcome: 'expired' }] as const;
    note(ledger, 1, [pilot('a', 'running', 0)]);
    const first = ledger.remembered();
    note(ledger, 2, [pilot('a', 'running', 0)], { a: [1, 1] });
    expect(ledger.remembered()).toBe(first);
    const changes = [
      () => note(ledger, 3, [pilot('a', 'paused', 3)]),
      () => note(ledger, 4, [pilot('a', 'running', 4)], {}, asked),
      () => note(ledger, 5, [pilot('a', 'ended', 5, { end })], {}, asked),
    ];
    for (const change of changes) {
      const before = ledger.remembered();
      change();
      expect(ledger.remembered()).not.toBe(before);
    }
    expect(ledger.remembered()).toMatchObject([{ id: 'a', end, asked: { outcome: 'expired', why: null } }]);
  });

  it('are known by the next daemon, which has not met them before their end', () => {
    const before = new PilotLedger();
    note(before, 1, [pilot('a', 'running', 0), pilot('b', 'running', 0), pilot('c', 'running', 0)]);
    const after = new PilotLedger(before.remembered());
    note(after, 5, [pilot('a', 'running', 0), pilot('b', 'ended', 5)]);
    expect(ids(after.missing())).toEqual(['c']);
    expect([after.wasMet('a'), after.wasMet('b'), after.wasMet('c')]).toEqual([true, false, false]);
  });
});

it('an end with the engine is known by the next daemon, and any other is for it to judge', () => {
  const end = { exitCode: 143, livedMs: 5, said: null };
  const first = new PilotLedger();
  note(first, 1, [pilot('a', 'running', 0), pilot('b', 'running', 0)]);
  note(first, 9, [
    pilot('a', 'ended', 5, { end: { ...end, engineRestart: true } }),
    pilot('b', 'ended', 5, { end }),
  ]);
  const next = new PilotLedger(
    believedPilots(JSON.parse(JSON.stringify(first.remembered().map(pilotShape))), true),
  );
  expect(next.endedWithEngine('a')).toEqual({ ...end, engineRestart: true });
  expect(next.endedWithEngine('b')).toBeNull();
  expect(next.endedWithEngine('c')).toBeNull();
});

it('what was seen of one that has its record is kept for a minute, and no longer', () => {
  const ledger = new PilotLedger();
  note(ledger, 0, [pilot('a', 'running', 0)], { a: [10, 500] });
  ledger.noteRecorded('a');
  note(ledger, 60_000, []);
  expect(ledger.of('a', 60_000).cpuMs).toBe(10);
  note(ledger, 60_001, []);
  expect(ledger.of('a', 60_001).cpuMs).toBeNull();
});

it('misses nobody whom another engine has, also as the next daemon, until that engine is back', () => {
  const first = new PilotLedger();
  note(first, 1, [pilot('a', 'running', 0), pilot('b', 'running', 0)]);
  const [there, elsewhere] = ['unix:///engine.sock', 'unix:///other.sock'];
  for (const ledger of [first, new PilotLedger(first.remembered())]) {
    note(ledger, 2, [], {}, [], elsewhere);
    expect(ledger.missing()).toEqual([]);
    note(ledger, 3, [pilot('a', 'running', 0)], {}, [], there);
    expect(ids(ledger.missing())).toEqual(['b']);
  }
});
