import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteTrial, orphansNoted, ownMark, sweepTrials, trialLabels } from '../../src/daemon/trials.ts';
import { createTrialWatch } from '../../src/daemon/trialWatch.ts';
import { type ContainerSummary, EngineError, type ListFilter } from '../../src/model/engine.ts';
import { Secret } from '../../src/model/secret.ts';
import { keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

const identity = { instance: 'abcd', secret: new Secret('s') };
const [boot, space, pid, start] = ownMark().split(' ');
/** One whose number another process has got since. */
const gone = [boot, space, pid, Number(start) + 1].join(' ');
const earlier = ['another-boot', space, pid, start].join(' ');
const elsewhere = [boot, 'pid:[1]', pid, Number(start) + 1].join(' ');
const signal = new AbortController().signal;

let folder: string;
let containers: ContainerSummary[];
let asked: ListFilter[];
let refused: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-trials-'));
  [containers, asked, refused] = [[], [], ''];
});
afterEach(() => rmSync(folder, { recursive: true }));

const engine = {
  list: (filter: ListFilter) => {
    asked.push(filter);
    return Promise.resolve(containers);
  },
  remove: (id: string) => {
    if (id === refused) return Promise.reject(new EngineError('failed', `cannot remove ${id}: busy`));
    containers = containers.filter((one) => one.id !== id);
    return Promise.resolve();
  },
};
const names = (): string[] => containers.map(({ name }) => name);

/** A pilot that is tried, as the process of this mark made it: its container, its folder, and the note of it. */
function tried(name: string, mark: string, labels = trialLabels(identity, name, mark)): void {
  containers.push({ id: `id-${name}`, name, imageId: 'i', labels, state: 'running' });
  noteTrial(folder, name, mark);
  mkdirSync(join(folder, 'try', 'pilots', name), { recursive: true });
}
const hasFolder = (name: string): boolean => existsSync(join(folder, 'try', 'pilots', name));

describe('pilots that were tried', () => {
  it('are removed with their folders where the process that looked after them is gone', async () => {
    tried('mine', ownMark());
    tried('dead', gone);
    tried('old', earlier);
    tried('away', elsewhere);
    expect(orphansNoted(folder).toSorted()).toEqual(['dead', 'old']);
    const { removed, troubles } = await sweepTrials(engine, identity, folder, signal);
    expect(asked).toEqual([{ labels: ['io.plancton.try=abcd'] }]);
    expect([removed, troubles, names()]).toEqual([['dead', 'old'], [], ['mine', 'away']]);
    expect(['mine', 'dead', 'old', 'away'].map(hasFolder)).toEqual([true, false, false, true]);
    expect(orphansNoted(folder)).toEqual([]);
  });

  it('are left alone where their labels prove nothing: an image may have them', async () => {
    const proven = trialLabels(identity, 'other', gone);
    tried('renamed', gone, proven);
    tried('changed', gone, { ...trialLabels(identity, 'changed'), 'io.plancton.try.process': gone });
    tried('bare', gone, { 'io.plancton.try': 'abcd' });
    expect(await sweepTrials(engine, identity, folder, signal)).toEqual({ removed: [], troubles: [] });
    expect(names()).toHaveLength(3);
  });

  it('keep their folder and their note while their container cannot be removed', async () => {
    tried('dead', gone);
    refused = 'id-dead';
    const { removed, troubles } = await sweepTrials(engine, identity, folder, signal);
    expect([removed, troubles]).toEqual([[], ['cannot remove id-dead: busy']]);
    expect(hasFolder('dead')).toBe(true);
    expect(orphansNoted(folder)).toEqual(['dead']);
  });

  it('have their folders while their containers are being made, and no longer than their process', async () => {
    tried('mine', ownMark());
    tried('dead', gone);
    containers = [];
    await sweepTrials(engine, identity, folder, signal);
    expect(['mine', 'dead'].map(hasFolder)).toEqual([true, false]);
  });

  it('take their note back as they end', () => {
    const forget = noteTrial(folder, 'dead', gone);
    expect(orphansNoted(folder)).toEqual(['dead']);
    forget();
    expect(orphansNoted(folder)).toEqual([]);
  });
});

describe('the daemon', () => {
  it('looks for them when its engine answers, and when a process is gone, each ten seconds', async () => {
    const log = keepLog();
    const watch = createTrialWatch({ runFolder: folder, identity, engine: () => engine, log });
    tried('before', earlier);
    watch.look(0, false);
    expect(asked).toEqual([]);
    watch.connected();
    await until('the first is gone', () => names().length === 0);
    await watch.close();
    expect(log.lines).toEqual([
      'INFO removed before, a pilot that was tried: the process that looked after it is gone',
    ]);
    tried('mine', ownMark());
    watch.look(10_000, false);
    expect(asked).toHaveLength(1);
    tried('dead', gone);
    watch.look(15_000, false);
    expect(asked).toHaveLength(1);
    // All pilots are being removed: at once.
    watch.look(16_000, true);
    await watch.close();
    expect(names()).toEqual(['mine']);
    refused = 'id-next';
    tried('next', gone);
    watch.look(26_000, false);
    await watch.close();
    refused = '';
    watch.look(36_000, false);
    await watch.close();
    expect(names()).toEqual(['mine']);
    expect(log.lines.slice(2)).toEqual([
      'WARN a pilot that was tried and left behind is not removed: cannot remove id-next: busy',
      'INFO removed next, a pilot that was tried: the process that looked after it is gone',
    ]);
  });

  it('has no trouble with an engine that does not list', async () => {
    const log = keepLog();
    const away = { ...engine, list: () => Promise.reject(new EngineError('unreachable', 'away')) };
    const watch = createTrialWatch({ runFolder: folder, identity, engine: () => away, log });
    watch.connected();
    await watch.close();
    expect(log.lines).toEqual(['DEBUG pilots that were tried are not looked for: away']);
  });
});
