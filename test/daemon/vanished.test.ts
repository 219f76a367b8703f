import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Vanished, VanishedPilots } from '../../src/daemon/vanished.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import type { PilotRecord } from '../../src/model/history.ts';
import { queryHistory } from '../../src/record/history.ts';
import { journalLine } from '../../src/record/journalLine.ts';
import { createPilotKeeper, type PilotKeeper } from '../../src/record/pilotKeeper.ts';
import { type AskedToEnd, PilotLedger } from '../../src/record/pilotLedger.ts';
import { ended, engineWith, policy, running, sampleAt } from '../decide/world.ts';
import { pilotRecord } from '../record/pilotRecord.ts';
import { keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

const at = 100_000;
const wallOf = (nowMs: number): number => 1_900_000_000_000 + nowMs;

let folder: string;
let nowMs: number;
let told: Vanished[];
let keepers: PilotKeeper[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-vanished-'));
  nowMs = at;
  told = [];
  keepers = [];
});
afterEach(() => {
  for (const keeper of keepers) keeper.close();
  rmSync(folder, { recursive: true, maxRetries: 5 });
});

/** A daemon as far as it follows pilots, with what one before it has left. */
function daemon(before: PilotLedger | null = null) {
  const ledger = new PilotLedger(before?.remembered());
  const keep = createPilotKeeper({
    logFolder: folder,
    log: keepLog(),
    node: 'node7',
    retention: () => ({ perPilotBytes: 1000, allBytes: 1e6, ageMs: 1e9 }),
    ledger,
    nowMs: () => nowMs,
    digestOf: () => null,
    onRecord: () => undefined,
  });
  keepers.push(keep);
  const clock = { nowMs: () => nowMs, wallMs: () => wallOf(nowMs) };
  const pilots = new VanishedPilots(keep, clock, (one) => told.push(one));
  /** One tick at which the engine has these, and what else a sample tells. */
  const tick = (
    there: readonly Pilot[],
    more: Parameters<typeof sampleAt>[1] = {},
    asked: readonly AskedToEnd[] = [],
  ): void => {
    const sample = sampleAt(nowMs, { engine: engineWith([...there]), ...more });
    const seen = { pilots: sample.engine.pilots, use: sample.host.pilotUse, asked };
    ledger.note({ ...seen, endpoint: 'unix:///engine.sock', nowMs, wallMs: wallOf(nowMs) });
    pilots.look({ sample, policy });
  };
  return { ledger, keep, tick };
}

function records(): PilotRecord[] {
  const all: PilotRecord[] = [];
  const everything = { sinceMs: null, untilMs: null, kind: null, outcome: null, name: null };
  queryHistory(folder, { ...everything, limit: Infinity, order: 'oldest' }, (match) => {
    const record = match.record();
    if (record !== null) all.push(record);
  });
  return all;
}
const removed = { rule: 'removed', text: 'somebody else removed it' };
const reap = { do: 'reap', id: 'id-b', name: 'b', outcome: 'finished' } as const;

describe('pilots that vanish while a daemon looks', () => {
  it('are recorded as their end was told, and lost where it was not, each once', () => {
    const { tick } = daemon();
    tick([running('a', 40_000), running('b', 0)]);
    tick([running('a', 40_000), ended('b', 3, 5000, at)]);
    nowMs += 1000;
    tick([]);
    tick([]);
    expect(told).toMatchObject([
      { how: removed, report: { name: 'a', outcome: 'lost', killed: false, livedMs: 61_000 } },
      { report: { name: 'b', outcome: 'failed', exitCode: 3, livedMs: 5000 } },
    ]);
    expect(records()).toMatchObject([
      {
        name: 'a',
        node: 'node7',
        imageId: 'sha256:1',
        startedAtWallMs: wallOf(40_000),
        endedAtWallMs: wallOf(nowMs),
        outcome: 'lost',
        reason: removed,
      },
      { name: 'b', outcome: 'failed', exitCode: 3, reason: null },
    ]);
    const [, b] = records();
    expect((b?.endedAtWallMs ?? 0) - (b?.startedAtWallMs ?? 0)).toBe(5000);
  });

  it('after they were asked to end went for that', () => {
    const { tick } = daemon();
    const why = { rule: 'memory', text: 'the owner needs it' } as const;
    tick([running('a', 0)], {}, [{ pilot: 'a', outcome: 'evicted', why }]);
    tick([]);
    expect(records()).toMatchObject([{ outcome: 'evicted', reason: why }]);
  });

  it('are not those that we remove, nor those of an engine that has not listed', () => {
    const { tick } = daemon();
    const b = ended('b', 0, 5000, at);
    tick([running('b', 0)]);
    tick([b], { inFlight: [{ action: reap, sinceMs: at }] });
    tick([], { inFlight: [{ action: reap, sinceMs: at }] });
    const done = { action: reap, ok: true, fact: null, error: '', fault: null, tookMs: 1 };
    tick([], { results: [done] });
    tick([], { engine: engineWith([], { listed: false }) });
    expect([told, records()]).toEqual([[], []]);
    // It was somebody else after all: our removal found nothing, and left no record.
    tick([]);
    expect(records()).toMatchObject([{ name: 'b', outcome: 'finished' }]);
  });

  it('are neither those that have a record, nor prepared containers, nor those that are not ours', () => {
    const { tick, keep } = daemon();
    tick([
      ended('b', 0, 5000, at),
      running('c', 0, { managed: false }),
      running('d', 0, { state: 'created', startedAtMs: { known: false, reason: '' } }),
    ]);
    keep.record(pilotRecord(1, { id: 'id-b', name: 'b' }), false);
    tick([]);
    expect([told, records().length]).toEqual([[], 1]);
  });
});

describe('pilots that vanish while no daemon looks', () => {
  it('are recorded by the next one, each once, whenever that one is killed', async () => {
    const before = daemon();
    before.tick([running('a', 40_000), running('b', 50_000), running('c', 60_000)]);
    const next = daemon(before.ledger);
    next.tick([running('c', 60_000)], { engine: engineWith([], { listed: false }) });
    expect(told).toEqual([]);
    next.tick([running('c', 60_000)]);
    next.tick([running('c', 60_000)]);
    await until('both are recorded', () => told.length === 2);
    expect(records()).toMatchObject([
      { name: 'a', outcome: 'lost', startedAtWallMs: wallOf(40_000), reason: { rule: 'removed' } },
      { name: 'b', outcome: 'lost' },
    ]);
    expect(records()[0]?.reason?.text).toContain('while no daemon of ours ran');
    expect(next.ledger.remembered()).toMatchObject([{ name: 'c' }]);
    // Killed after the journal's lines and before its own memory was written.
    const third = daemon(before.ledger);
    third.tick([running('c', 60_000)]);
    await until('it knows that they are recorded', () => third.ledger.remembered().length === 1);
    expect([told.length, records().length]).toEqual([2, 2]);
  });

  it('are looked for in the whole journal', async () => {
    const lines = [pilotRecord(1, { id: 'id-a' })];
    for (let serial = 2; serial < 1500; serial += 1) lines.push(pilotRecord(serial));
    writeFileSync(join(folder, 'history.jsonl'), lines.map(journalLine).join(''));
    const before = daemon();
    before.tick([running('a', 40_000), running('b', 40_000)]);
    const next = daemon(before.ledger);
    next.tick([]);
    await until('the other one is told', () => told.length === 1);
    await until('both are done with', () => next.ledger.remembered().length === 0);
    expect(told).toMatchObject([{ report: { name: 'b' } }]);
    expect(records()).toHaveLength(1500);
  });

  it('have the end that the daemon before saw', async () => {
    const before = daemon();
    before.tick([ended('b', 3, 5000, at)]);
    daemon(before.ledger).tick([]);
    await until('it is told', () => told.length === 1);
    expect(records()).toMatchObject([{ outcome: 'failed', exitCode: 3, reason: null }]);
  });
});
