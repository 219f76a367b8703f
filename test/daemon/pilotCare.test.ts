import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/act/actor.ts';
import type { PilotFacts } from '../../src/act/pilotFolderFeatures.ts';
import { PilotCare } from '../../src/daemon/pilotCare.ts';
import type { Action, ActionResult } from '../../src/model/action.ts';
import { engineWith, hostAt, running, sampleAt } from '../decide/world.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

const name = 'plancton-worker-aaaaaa';
const facts: PilotFacts = {
  name,
  kind: 'cms',
  node: 'node7',
  cpus: 1,
  memoryBytes: 1e9,
  swapBytes: 0,
  ttlMs: 3_600_000,
  stopGraceMs: 10_000,
  nodeCpus: 4,
  hs06: null,
};
let folder: string;
let log: KeptLog;
let care: PilotCare;
let wallMs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-care-'));
  log = keepLog();
  wallMs = 1_900_000_000_000;
  care = new PilotCare({
    runFolder: folder,
    hostRunFolder: null,
    clock: { nowMs: () => 0, wallMs: () => wallMs },
    log,
    firstProcessOf: () => null,
  });
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (...parts: string[]): string => join(folder, 'pilots', name, ...parts);
const feature = (...parts: string[]): string | null =>
  existsSync(at(...parts)) ? readFileSync(at(...parts), 'utf8').trim() : null;
const result = (action: Action, changes: Partial<ActionResult> = {}): ActionResult => ({
  action,
  ok: true,
  fact: null,
  error: '',
  fault: null,
  tookMs: 1,
  ...changes,
});
const begun: Action[] = [];
const idle: Actor = {
  begin: (action) => void begun.push(action),
  inFlight: () => [],
  takeResults: () => [],
  settle: () => Promise.resolve(),
};

describe('a pilot’s folders', () => {
  it('tell it its start, again when it was prepared, and its end when it is asked to go', async () => {
    const place = await care.place(facts);
    expect(place.env).toMatchObject({ PLANCTON_KIND: 'cms', PLANCTON_NAME: name });
    expect(feature('jobfeatures', 'jobstart_secs')).toBe('1900000000');
    wallMs += 60_000;
    const actor = care.around(idle);
    begun.length = 0;
    const start = { do: 'start', kind: 'cms', name, prepared: 'id', why: '' } as const;
    actor.begin(start);
    expect(feature('jobfeatures', 'jobstart_secs')).toBe('1900000060');
    const stop = { do: 'stop', id: 'id', name, outcome: 'expired', graceMs: 5000 } as const;
    actor.begin({ ...stop, why: { rule: 'ttl', text: '' } });
    expect(feature('jobfeatures', 'shutdowntime_job')).toBe('1900000065');
    // An order that is repeated while the pilot takes its time.
    wallMs += 2000;
    actor.begin({ ...stop, why: { rule: 'ttl', text: '' } });
    expect(feature('jobfeatures', 'shutdowntime_job')).toBe('1900000065');
    expect(begun.map((action) => action.do)).toEqual(['start', 'stop', 'stop']);
    expect(log.lines).toEqual([]);
  });

  it('hold what it says of its end, go with it, and are missed by nobody', async () => {
    await care.place(facts);
    writeFileSync(at('state', 'shutdown_message'), '300 Nothing to do\n');
    expect(care.lastWordOf(name)).toEqual({ code: 300, text: 'Nothing to do' });
    const report = { name, outcome: 'no-work', killed: false, started: true, exitCode: 0 } as const;
    const end = { of: 'end', report: { ...report, outOfMemory: false, livedMs: 1, startError: '' } } as const;
    care.noteResult(result({ do: 'reap', id: 'id', name, outcome: 'no-work' }, { fact: end }));
    await until('its end', () => !existsSync(at()));
    expect(care.lastWordOf(name)).toBeNull();
    expect(log.lines).toEqual([]);
  });

  it('that are nobody’s go with the first listing, and after a start that failed', async () => {
    await care.place(facts);
    care.look(sampleAt(0, { engine: engineWith([], { listed: false }) }));
    care.look(sampleAt(0, { engine: engineWith([running(name)]) }));
    expect(existsSync(at())).toBe(true);
    const start = { do: 'start', kind: 'cms', name, why: '' } as const;
    care.look(sampleAt(1000, { engine: engineWith([]) }));
    care.noteResult(result(start, { ok: false, error: 'no such image', fault: 'not-found' }));
    // One that is on its way may be about to have one.
    care.look(sampleAt(2000, { engine: engineWith([]), inFlight: [{ action: start, sinceMs: 0 }] }));
    expect(existsSync(at())).toBe(true);
    care.look(sampleAt(3000, { engine: engineWith([]) }));
    await until('its end', () => !existsSync(at()));
  });

  it('tell when the schedule closes, while it does', async () => {
    await care.place(facts);
    const window = (open: boolean, changesInMs: number): void => {
      const host = hostAt(0, 0);
      care.look(sampleAt(0, { host: { ...host, signs: { ...host.signs, window: { open, changesInMs } } } }));
    };
    window(true, 600_000);
    expect(feature('machinefeatures', 'shutdowntime')).toBe('1900000600');
    window(false, 600_000);
    expect(feature('machinefeatures', 'shutdowntime')).toBe('1900000600');
    window(true, Number.POSITIVE_INFINITY);
    expect(feature('machinefeatures', 'shutdowntime')).toBeNull();
  });
});
