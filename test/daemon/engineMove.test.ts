import { beforeEach, describe, expect, it } from 'vitest';
import { createEngineMove, type EngineMove, movePatienceMs } from '../../src/daemon/engineMove.ts';
import type { Tick } from '../../src/daemon/tick.ts';
import { untouched } from '../../src/decide/ladder.ts';
import { emptyMemory, type Sample } from '../../src/decide/types.ts';
import { engineWith, running, sampleAt, startInFlight } from '../decide/world.ts';
import { keepLog, type KeptLog } from '../support/quietLog.ts';

let nowMs: number;
let left: number;
let log: KeptLog;
let move: EngineMove;
beforeEach(() => {
  nowMs = 1000;
  left = 0;
  log = keepLog();
  move = createEngineMove({
    log,
    clock: { nowMs: () => nowMs, wallMs: () => nowMs },
    endpoint: () => 'unix:///first',
    leave: () => {
      left += 1;
    },
  });
});

const two = engineWith([running('a'), running('b'), running('other', 0, { managed: false })]);
function tickWith(changes: Partial<Sample>, held: readonly string[] = []): Tick {
  const sample = sampleAt(nowMs, { engine: two, leavesEngine: move.isUnderWay(), ...changes });
  const memory = { ...emptyMemory, held: held.map(untouched) };
  return { sample, decision: { actions: [], memory } } as unknown as Tick;
}

describe('an engine for which another one is configured', () => {
  it('is used on until then', () => {
    move.look(tickWith({}));
    expect([left, move.isUnderWay()]).toEqual([0, false]);
  });

  it('is left once all is given back, and what runs on there is told', () => {
    const before = tickWith({});
    move.begin();
    move.look(before);
    move.look(tickWith({ inFlight: [startInFlight('c')] }));
    move.look(tickWith({}, ['a']));
    expect([left, move.isUnderWay()]).toEqual([0, true]);
    move.look(tickWith({}));
    expect([left, move.isUnderWay()]).toEqual([1, false]);
    expect(log.lines).toEqual([expect.stringMatching(/^WARN 2 pilots of ours run on at unix:\/\/\/first:/)]);
    move.look(tickWith({}));
    expect(left).toBe(1);
  });

  it('is left at once where it does not answer, and names what keeps what was taken', () => {
    move.begin();
    move.look(tickWith({ engine: { ...two, state: 'waiting' } }, ['a', 'b']));
    expect(left).toBe(1);
    expect(log.lines[0]).toMatch(
      /unix:\/\/\/first was left before it had given back what was taken from a, b$/,
    );
  });

  it('is left after a while where what was taken cannot be given back', () => {
    move.begin();
    nowMs += movePatienceMs - 1;
    move.look(tickWith({}, ['a']));
    expect(left).toBe(0);
    nowMs += 1;
    move.look(tickWith({}, ['a']));
    expect(left).toBe(1);
  });
});
