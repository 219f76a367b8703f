import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLimitRaiser } from '../../src/daemon/loweredLimits.ts';
import { running } from '../decide/world.ts';
import { idOf } from '../sample/tree.ts';
import { keepLog } from '../support/quietLog.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plancton-limits-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const groupOf = (number: number, parent = 'plancton-0011aabb'): string => join(root, parent, idOf(number));
const limitOf = (folder: string): string => readFileSync(join(folder, 'memory.high'), 'utf8');
function limit(folder: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'memory.high'), text);
}

describe('a limit that a daemon of before has lowered', () => {
  it('is raised with the first listing, and told; later ones are our own, for a moment', () => {
    const log = keepLog();
    const raise = createLimitRaiser({
      log,
      treesOf: (id) => ({ unified: join(root, 'plancton-0011aabb', id), legacy: [] }),
    });
    limit(groupOf(1), '4096\n');
    limit(groupOf(2), 'max\n');
    limit(groupOf(3), '4096\n');
    const pilots = [1, 2, 3].map((number) =>
      running(`p${number}`, 0, { id: idOf(number), managed: number !== 3 }),
    );
    raise([...pilots, running('p4', 0, { id: idOf(4) })]);
    expect([1, 2, 3].map((number) => limitOf(groupOf(number)))).toEqual(['max', 'max\n', '4096\n']);
    expect(log.lines).toEqual([expect.stringMatching(/p1 may hold all of its memory again: .* 4096 bytes/)]);
    limit(groupOf(1), '4096\n');
    raise(pilots);
    expect(limitOf(groupOf(1))).toBe('4096\n');
  });

  it('is left where it is out of reach, in a version 1 tree, or where it is no pilot of ours', () => {
    const raise = (unified: string | null): (() => void) => {
      const raiseOnce = createLimitRaiser({ log: keepLog(), treesOf: () => ({ unified, legacy: [] }) });
      return () => raiseOnce([running('p1', 0, { id: idOf(1) })]);
    };
    expect(raise(null)).not.toThrow();
    createLimitRaiser({ log: keepLog(), treesOf: () => null })([running('p1', 0, { id: idOf(1) })]);
    limit(groupOf(1, 'docker'), '4096\n');
    expect(raise(groupOf(1, 'docker'))).toThrow('refused to touch');
    expect(limitOf(groupOf(1, 'docker'))).toBe('4096\n');
  });
});
