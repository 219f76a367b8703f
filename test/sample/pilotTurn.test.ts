import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../src/model/reading.ts';
import { PilotTurn } from '../../src/sample/pilotTurn.ts';

const names = (count: number, prefix = 'p'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Whom a turn reads at each sample. */
function watched(): (
  ids: readonly string[],
  seconds: number,
  all?: boolean,
  ending?: readonly string[],
) => string[] {
  const turn = new PilotTurn();
  return (ids, seconds, all = false, ending = []) => {
    const read: string[] = [];
    const readUse = (id: string) => {
      read.push(id);
      return known({ cpuMs: 1, memoryBytes: 2 });
    };
    turn.read(ids, seconds * 1000, all, readUse, new Set(ending));
    return read;
  };
}

describe('pilots', () => {
  it('are read eight at a time, each in its turn, at the same cost for 256 as for 9', () => {
    const look = watched();
    for (const count of [9, 256]) {
      const reads = Array.from({ length: Math.ceil(count / 4) }, (_, index) => look(names(count), index));
      expect(reads.every((each) => each.length === 8)).toBe(true);
      expect(new Set(reads.flat()).size).toBe(count);
    }
  });

  it('that are few are all read at each sample', () => {
    const look = watched();
    expect(look(names(3), 0)).toEqual(['p0', 'p1', 'p2']);
    expect(new Set(look(names(3), 1)).size).toBe(3);
  });

  it('that are no longer young are read each ten seconds', () => {
    const look = watched();
    for (let second = 0; second < 60; second++) look(names(2), second);
    expect([60, 61, 68, 69, 70, 79, 80].map((second) => look(names(2), second).length)).toEqual([
      0, 0, 0, 2, 0, 2, 0,
    ]);
  });

  it('that are young have up to half of each turn, and the others the rest', () => {
    const look = watched();
    for (let second = 0; second < 100; second++) look(names(128), second);
    const ids = [...names(128), ...names(2, 'young')];
    const reads = Array.from({ length: 8 }, (_, index) => look(ids, 100 + index));
    expect(reads.every((each) => each.includes('young0') && each.includes('young1'))).toBe(true);
    expect(new Set(reads.flat()).size).toBe(2 + 8 * 6);
    const many = look([...ids, ...names(50, 'more')], 110);
    expect(many.filter((id) => !id.startsWith('p'))).toHaveLength(4);
    const old = Array.from({ length: 17 }, (_, index) => look(ids, 200 + index)).flat();
    expect(old.filter((id) => id === 'young0')).toHaveLength(1);
  });

  it('that were asked to end are read at each sample, and leave others their turn', () => {
    const look = watched();
    for (let second = 0; second < 100; second++) look(names(64), second);
    const reads = Array.from({ length: 20 }, (_, index) =>
      look(names(64), 100 + index, false, ['p9', 'p40']),
    );
    expect(reads.every((each) => each.includes('p9') && each.includes('p40'))).toBe(true);
    expect(new Set(reads.flat()).size).toBe(64);
    const all = [...names(64), ...names(20, 'young')];
    const many = look(all, 130, false, names(30));
    expect(many).toHaveLength(8);
    expect(many.filter((id) => id.startsWith('young'))).toHaveLength(2);
  });

  it('are all read when all are asked for', () => {
    const look = watched();
    expect(look(names(256), 0, true)).toHaveLength(256);
  });

  it('are known by their last reading, and forgotten when they go or cannot be read', () => {
    const turn = new PilotTurn();
    const read = (ids: string[], nowMs: number, isThere = true) =>
      turn.read(ids, nowMs, false, () =>
        isThere ? known({ cpuMs: nowMs, memoryBytes: 1 }) : unknown('it is gone'),
      );
    const first = read(['a', 'b'], 1000);
    expect(first.get('a')).toEqual({ cpuMs: 1000, memoryBytes: 1, readAtMs: 1000 });
    expect([...read(['b'], 2000).keys()]).toEqual(['b']);
    expect(read(['b'], 3000, false).size).toBe(0);
    expect(first.get('a')?.readAtMs).toBe(1000);
    expect(first.size).toBe(2);
  });
});
