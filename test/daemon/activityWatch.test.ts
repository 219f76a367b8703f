import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createActivityWatch } from '../../src/daemon/activityWatch.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { engineWith, running } from '../decide/world.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-activity-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const pilotNamed = (name: string, changes: Partial<Pilot> = {}): Pilot =>
  running(name, 0, { kind: 'grid', ...changes });
const watchAll = () => createActivityWatch((name) => ({ path: join(folder, name), bounded: true }));
function say(name: string, words: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'activity'), words);
}

describe('what pilots say that they do', () => {
  it('is heard again after a while, and of nobody who says nothing', () => {
    const watch = watchAll();
    const engine = engineWith(['a', 'b', 'c'].map((name) => pilotNamed(name)));
    say('a', 'idle\n');
    say('b', 'busy 40%\n');
    const heard = watch(engine, 0);
    expect([...heard]).toEqual([
      ['id-a', { activity: 'idle', progress: null }],
      ['id-b', { activity: 'busy', progress: 0.4 }],
    ]);
    say('a', 'busy\n');
    expect(watch(engine, 9999)).toEqual(heard);
    expect(watch(engine, 10_000).get('id-a')).toEqual({ activity: 'busy', progress: null });
  });

  it('is read in turn where there are many, and forgotten with them', () => {
    const watch = watchAll();
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
    for (const name of names) say(name, 'idle\n');
    const engine = engineWith(names.map((name) => pilotNamed(name)));
    expect([0, 1000, 2000].map((nowMs) => watch(engine, nowMs).size)).toEqual([8, 16, 20]);
    expect(watch(engineWith([]), 3000).size).toBe(0);
    expect(watch(engine, 4000).size).toBe(8);
  });

  it('is not asked of those that have no folder of ours, or run no more', () => {
    for (const name of ['foreign', 'original', 'ended']) say(name, 'idle\n');
    const engine = engineWith([
      pilotNamed('foreign', { managed: false }),
      pilotNamed('original', { kind: null }),
      pilotNamed('ended', { state: 'ended' }),
    ]);
    expect(watchAll()(engine, 0).size).toBe(0);
  });
});
