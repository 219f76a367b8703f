import { beforeEach, describe, expect, it } from 'vitest';
import { HeldEnds } from '../../src/record/heldEnds.ts';
import { keepLog, type KeptLog } from '../support/quietLog.ts';
import { pilotRecord } from './pilotRecord.ts';

let nowMs: number;
let isFull: boolean;
let written: string[];
let waiting: string[];
let log: KeptLog;
let held: HeldEnds;
beforeEach(() => {
  nowMs = 0;
  isFull = true;
  [written, waiting] = [[], []];
  log = keepLog();
  const journal = {
    write: ({ id }: { readonly id: string }) => {
      if (!isFull) written.push(id);
      return !isFull;
    },
    append: ({ id }: { readonly id: string }) => void waiting.push(id),
    knows: (id: string) => written.includes(id),
    flush: () => undefined,
    trouble: 'no space',
  };
  held = new HeldEnds({ journal, log, nowMs: () => nowMs, most: 3 });
});

const idOf = (serial: number): string => pilotRecord(serial).id;
/** What a removal asks, in its order: the container's stay, or null where it goes. */
function end(serial: number, mustGo = false): string | null {
  return held.mustWait(idOf(serial)) ?? held.record(pilotRecord(serial), mustGo);
}
const stays = expect.stringMatching(/^its record cannot be written to the journal: no space$/) as string;

describe('an end whose record cannot be written', () => {
  it('keeps its container, and all have theirs once there is room', () => {
    expect([end(1), end(2)]).toEqual([stays, stays]);
    expect([written, waiting, log.lines]).toEqual([[], [], []]);
    isFull = false;
    nowMs += 5000;
    expect([end(2), end(1), end(3)]).toEqual([null, null, null]);
    expect(written).toEqual([2, 1, 3].map(idOf));
  });

  it('is tried once in five seconds, by one of them; the engine is not even asked for the others', () => {
    end(1);
    for (const serial of [1, 2, 3]) expect(held.mustWait(idOf(serial))).toEqual(stays);
    nowMs += 5000;
    expect(held.mustWait(idOf(2))).toBeNull();
    expect(held.record(pilotRecord(2), false)).toEqual(stays);
    expect(held.mustWait(idOf(1))).toEqual(stays);
  });

  it('holds up no removal that is ordered: its record waits in memory', () => {
    expect(end(1)).toEqual(stays);
    expect(held.record(pilotRecord(1), true)).toBeNull();
    expect(waiting).toEqual([idOf(1)]);
  });

  it('is one of so many at most: further containers go, which is told once', () => {
    for (const serial of [1, 2, 3]) expect(end(serial)).toEqual(stays);
    for (const serial of [4, 5]) expect(end(serial)).toBeNull();
    expect(waiting).toEqual([4, 5].map(idOf));
    expect(log.lines).toEqual([expect.stringMatching(/^ERROR 3 containers of pilots .* stay at the engine/)]);
    // One of the three is removed by somebody: after a while another has its place.
    nowMs += 200_000;
    expect([end(2), end(3), end(6)]).toEqual([stays, stays, stays]);
  });

  it('lets one go in ten minutes: it may be what fills the disk', () => {
    expect(end(1)).toEqual(stays);
    for (nowMs = 60_000; nowMs < 600_000; nowMs += 60_000) expect([end(1), end(2)]).toEqual([stays, stays]);
    expect([end(1), end(2)]).toEqual([null, stays]);
    expect(waiting).toEqual([idOf(1)]);
    expect(log.lines).toEqual([
      expect.stringMatching(/^ERROR plancton-worker-000001 is removed without a record/),
    ]);
    nowMs += 60_000;
    expect(end(2)).toEqual(stays);
    nowMs += 540_000;
    expect(end(2)).toBeNull();
  });

  it('keeps none that has its record already', () => {
    isFull = false;
    expect(end(1)).toBeNull();
    isFull = true;
    expect(end(2)).toEqual(stays);
    expect(held.mustWait(idOf(1))).toBeNull();
  });
});
