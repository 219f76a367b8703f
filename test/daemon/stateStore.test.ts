import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageMemory } from '../../src/daemon/imageMemory.ts';
import { createStateStore, makeFolder } from '../../src/daemon/stateStore.ts';
import { putFile } from '../../src/daemon/wholeFile.ts';
import { untouched } from '../../src/decide/ladder.ts';
import { newKind } from '../../src/decide/kindMemory.ts';
import { emptyMemory, type Memory } from '../../src/decide/types.ts';
import type { KnownPilot } from '../../src/model/history.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';

const memory: Memory = {
  ...emptyMemory,
  slots: [{ pilot: 'plancton-worker-aaaaaa', failures: 2, notBeforeMs: 50 }],
  lastEvictionMs: 7,
  held: [{ ...untouched('plancton-worker-aaaaaa'), rungs: { user: 'paused' }, pausedSinceMs: 40 }],
  senses: {
    user: { overSinceMs: 40, calmSinceMs: null, lastStep: null, patienceMs: 5000, deafUntilMs: null },
  },
  wariness: { bouts: 2, lastMs: 30 },
  account: { sinceMs: 1, harvestedMs: 2, wastedMs: 3, ownerDelayMs: 4 },
  cpu: { sinceMs: 1, ownerCpuMs: 2, readMs: 3, pilotsCpuMs: 1, guestCpus: 1, judgedCpus: 1 },
};
const first = { reference: 'pilot:1', pulledAtMs: 9, refusal: '' };
const image: ImageMemory = {
  images: [first],
  brought: [{ id: 'sha256:a', reference: 'pilot:1' }],
  superseded: [{ id: 'sha256:0', reference: 'pilot:1', kept: 3, notBeforeMs: 80 }],
};

const noPilots: readonly KnownPilot[] = [];
const known: KnownPilot = {
  name: 'plancton-worker-aaaaaa',
  id: 'a',
  kind: 'cms',
  endpoint: 'unix:///engine.sock',
  imageId: 'sha256:1',
  startedAtWallMs: 5,
  end: { exitCode: 3, livedMs: 7, said: null },
  asked: { outcome: 'expired', why: { rule: 'ttl', text: 'it had its time' } },
  cpuMs: 8,
  peakMemoryBytes: 9,
  pausedMs: 10,
  pausedSinceMs: 11,
};

let folder: string;
let log: KeptLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-state-'));
  log = keepLog();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = (): string => join(folder, 'memory.json');

describe('the memory', () => {
  it('comes back as it was, without the running CPU account', () => {
    createStateStore(folder, 'boot', log).saveWhenChanged(memory, image, noPilots);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['memory.json']);
    expect(createStateStore(folder, 'boot', log).load()).toEqual({
      memory: { ...memory, cpu: null },
      images: image,
      pilots: [],
    });
    expect(log.lines).toEqual([]);
  });

  it('is written only when it changed', () => {
    const store = createStateStore(folder, 'boot', log);
    store.saveWhenChanged(memory, image, noPilots);
    rmSync(file());
    store.saveWhenChanged({ ...memory, cpu: null }, { ...image, images: [{ ...first }] }, noPilots);
    expect(existsSync(file())).toBe(false);
    const given: Memory = { ...memory, lastEvictionMs: 8, held: [] };
    const account = { ...memory.account, harvestedMs: 9 };
    store.saveWhenChanged(
      { ...memory, account, budget: { mean60: 1, mean5: 1, readAtMs: 1 } },
      image,
      noPilots,
    );
    expect(existsSync(file())).toBe(false);
    store.saveWhenChanged({ ...memory, lastEvictionMs: 8 }, image, noPilots);
    expect(existsSync(file())).toBe(true);
    rmSync(file());
    store.saveWhenChanged(given, image, noPilots);
    expect(existsSync(file())).toBe(true);
    rmSync(file());
    store.saveWhenChanged(given, image, noPilots);
    expect(existsSync(file())).toBe(false);
    store.saveWhenChanged(
      { ...memory, lastEvictionMs: 8 },
      {
        ...image,
        images: [{ reference: 'pilot:1', pulledAtMs: 10, refusal: '' }],
      },
      noPilots,
    );
    expect(existsSync(file())).toBe(true);
  });

  it('of another boot is believed only as to images that we brought', () => {
    createStateStore(folder, 'before', log).saveWhenChanged(memory, image, noPilots);
    expect(createStateStore(folder, 'now', log).load()).toEqual({
      memory: emptyMemory,
      images: {
        ...image,
        images: [{ ...first, pulledAtMs: null }],
        superseded: [{ id: 'sha256:0', reference: 'pilot:1', kept: 3, notBeforeMs: 0 }],
      },
      pilots: [],
    });
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"version":2}',
    '{"version":1,"bootId":"boot","memory":{"slots":[{}],"leaving":[]}}',
    '{"version":1,"bootId":"boot","memory":{"slots":[],"leaving":[],"held":[{"pilot":"a"}]}}',
    '{"version":1,"bootId":"boot","memory":{"slots":[],"leaving":[],"senses":[]}}',
    '{"version":1,"bootId":"boot","memory":{"slots":[],"leaving":[],"kinds":[]}}',
    '{"version":1,"bootId":"boot","memory":{"slots":[],"leaving":[],"renewals":[{"kind":"a"}]}}',
    '{"version":1,"bootId":"boot","memory":{"slots":[],"leaving":[],"ordersTaken":[7]}}',
  ])('that is %j costs its content and a warning, not the start', (text) => {
    writeFileSync(file(), text);
    expect(createStateStore(folder, 'boot', log).load()).toEqual({
      memory: emptyMemory,
      images: null,
      pilots: [],
    });
    expect(log.lines.join()).toMatch(/^WARN memory of the last run .* cannot be read .*: beginning anew$/);
  });

  it('without images that can be believed is believed otherwise', () => {
    createStateStore(folder, 'boot', log).saveWhenChanged(memory, image, noPilots);
    writeFileSync(file(), readFileSync(file(), 'utf8').replace('"brought"', '"bought"'));
    expect(createStateStore(folder, 'boot', log).load()).toMatchObject({
      images: null,
      memory: { lastEvictionMs: 7 },
    });
  });

  it('that cannot be saved is told once, and saved once it can be', () => {
    const store = createStateStore(join(folder, 'gone'), 'boot', log);
    store.saveWhenChanged(memory, image, noPilots);
    store.saveWhenChanged(memory, image, noPilots);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^ERROR cannot save the daemon's memory to .*memory\.json/);
    mkdirSync(join(folder, 'gone'));
    store.saveWhenChanged(memory, image, noPilots);
    expect(log.lines[1]).toMatch(/^INFO memory is saved again/);
  });
});

it('what is remembered of kinds comes back, and what is no such memory is left out', () => {
  const store = createStateStore(folder, 'boot', log);
  const kinds = { cms: { ...newKind, use: { cpuMs: 5, creditMs: -1, atMs: 7 }, lives: [4] } };
  const renewals = [{ kind: null, beforeMs: 5, now: true }];
  const ordersTaken = ['.taken-0123456789ab-renew'];
  const remembered = { ...memory, kinds: { ...kinds, bad: {} as never }, renewals, ordersTaken };
  store.saveWhenChanged(remembered, image, noPilots);
  expect(createStateStore(folder, 'boot', log).load().memory).toMatchObject({ renewals, ordersTaken });
  expect(createStateStore(folder, 'boot', log).load().memory.kinds).toEqual(kinds);
});

describe('pilots that have no record yet', () => {
  const plain: KnownPilot = {
    ...known,
    kind: null,
    startedAtWallMs: null,
    end: null,
    asked: null,
    cpuMs: null,
    peakMemoryBytes: null,
    pausedMs: 0,
    pausedSinceMs: null,
  };

  it('come back, and without a pause that goes on after another boot', () => {
    const store = createStateStore(folder, 'boot', log);
    store.saveWhenChanged(memory, image, noPilots);
    store.saveWhenChanged(memory, image, [known, plain]);
    expect(createStateStore(folder, 'boot', log).load().pilots).toEqual([known, plain]);
    store.savePilots([plain]);
    expect(createStateStore(folder, 'boot', log).load()).toMatchObject({ pilots: [plain], images: image });
    store.savePilots([known, plain]);
    const later = createStateStore(folder, 'other', log).load();
    expect(later.pilots).toEqual([{ ...known, pausedSinceMs: null }, plain]);
  });

  it('that are no such things are left out', () => {
    createStateStore(folder, 'boot', log).saveWhenChanged(memory, image, [known]);
    const text = JSON.parse(readFileSync(file(), 'utf8')) as { pilots: unknown[] };
    const odd = { name: 'b', id: 'b', end: 'soon', asked: 3, cpuMs: 'much' };
    writeFileSync(file(), JSON.stringify({ ...text, pilots: [null, 7, {}, { name: 'x' }, odd] }));
    const loaded = createStateStore(folder, 'boot', log).load().pilots;
    expect(loaded).toEqual([{ ...plain, name: 'b', id: 'b', endpoint: '', imageId: '' }]);
  });
});

describe('the memory of an earlier version', () => {
  it('is taken, with nothing where it knew nothing', () => {
    writeFileSync(
      file(),
      '{"version":1,"bootId":"boot","memory":{"slots":[],"leaving":[],"lastEvictionMs":5}}',
    );
    const loaded = createStateStore(folder, 'boot', log).load().memory;
    expect(loaded).toEqual({ ...emptyMemory, lastEvictionMs: 5 });
  });

  it('whose prepared containers are of no kind has none', () => {
    const spares = { pilots: [{ pilot: 'a', recipe: 'x' }], lastRefillMs: 3, notBeforeMs: 4 };
    const text = { version: 1, bootId: 'boot', memory: { slots: [], leaving: [], spares, lives: [5] } };
    writeFileSync(file(), JSON.stringify(text));
    const { memory: loaded } = createStateStore(folder, 'boot', log).load();
    expect(loaded.spares).toEqual({ pilots: [], lastRefillMs: 3, notBeforeMs: 4 });
  });

  it('that knew one image knows that one', () => {
    const { images, ...others } = image;
    const text = { version: 1, bootId: 'boot', memory, image: { ...images[0], ...others } };
    writeFileSync(file(), JSON.stringify(text));
    expect(createStateStore(folder, 'boot', log).load().images).toEqual(image);
  });
});

describe('files and folders', () => {
  it('a folder is made for us alone, and one that is there is left as it is', () => {
    const deep = join(folder, 'a/b');
    makeFolder(deep);
    expect(statSync(deep).mode & 0o777).toBe(0o700);
    const open = mkdtempSync(join(folder, 'open-'));
    const before = statSync(open).mode;
    makeFolder(open);
    expect(statSync(open).mode).toBe(before);
  });

  it('a file that cannot be put in place leaves the old one, and no draft', () => {
    mkdirSync(join(folder, 'taken/inside'), { recursive: true });
    expect(() => putFile(join(folder, 'taken'), 'text', 0o600)).toThrow(/taken/);
    expect(readdirSync(folder)).toEqual(['taken']);
    expect(() => putFile(join(folder, 'nowhere/file'), 'text', 0o600)).toThrow(/nowhere\/file/);
  });
});
