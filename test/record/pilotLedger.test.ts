import { expect, it } from 'vitest';
import type { PilotUse } from '../../src/model/host.ts';
import type { Pilot, PilotState } from '../../src/model/pilot.ts';
import { known } from '../../src/model/reading.ts';
import { PilotLedger } from '../../src/record/pilotLedger.ts';

const pilot = (id: string, state: PilotState, stateSinceMs: number): Pilot => ({
  id,
  name: id,
  managed: id !== 'theirs',
  kind: null,
  state,
  imageId: '',
  startedAtMs: known(0),
  stateSinceMs,
  end: null,
});
const use = (entries: Readonly<Record<string, readonly [cpuMs: number, memoryBytes: number]>>) =>
  new Map<string, PilotUse>(
    Object.entries(entries).map(([id, [cpuMs, memoryBytes]]) => [id, { cpuMs, memoryBytes, readAtMs: 0 }]),
  );

it('keeps the last CPU time and the most memory that were seen', () => {
  const ledger = new PilotLedger();
  ledger.note(
    [pilot('a', 'running', 0), pilot('theirs', 'running', 0)],
    use({ a: [10, 500], theirs: [1, 1] }),
    1,
  );
  ledger.note([pilot('a', 'running', 0)], use({ a: [20, 300] }), 2);
  ledger.note([pilot('a', 'ended', 3)], use({}), 3);
  expect(ledger.of('a', 3)).toEqual({ cpuMs: 20, peakMemoryBytes: 500, pausedMs: 0 });
  expect(ledger.of('theirs', 3)).toEqual({ cpuMs: null, peakMemoryBytes: null, pausedMs: 0 });
});

it('adds up pauses, the one that goes on included', () => {
  const ledger = new PilotLedger();
  const at = (state: PilotState, sinceMs: number, nowMs: number) =>
    ledger.note([pilot('a', state, sinceMs)], use({}), nowMs);
  at('running', 0, 1000);
  at('paused', 1500, 2000);
  at('paused', 1500, 3000);
  expect(ledger.of('a', 3000).pausedMs).toBe(1500);
  at('running', 3500, 4000);
  at('paused', 5000, 5000);
  at('ended', 6000, 7000);
  expect(ledger.of('a', 9000)).toEqual({ cpuMs: null, peakMemoryBytes: null, pausedMs: 3000 });
});

it('remembers one that is gone for a minute, and no longer', () => {
  const ledger = new PilotLedger();
  ledger.note([pilot('a', 'running', 0)], use({ a: [10, 500] }), 0);
  ledger.note([], use({}), 60_000);
  expect(ledger.of('a', 60_000).cpuMs).toBe(10);
  ledger.note([], use({}), 60_001);
  expect(ledger.of('a', 60_001).cpuMs).toBeNull();
});
