import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PilotFacts } from '../../src/act/pilotFolderFeatures.ts';
import { cpusTold, kindTold, labelsOf } from '../../src/daemon/ownership.ts';
import { createSpecs, imagesWanted, type SpecFor } from '../../src/daemon/pilotSpecs.ts';
import { EngineError } from '../../src/model/engine.ts';
import type { Kind } from '../../src/model/kind.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Settings } from '../../src/model/settings.ts';
import { kindOf } from '../support/kinds.ts';

const identity = { instance: 'here', secret: new Secret('s') };
const name = 'plancton-worker-abc123';
let folder: string;
let kinds: readonly Kind[];
let placed: PilotFacts[];
let specFor: SpecFor;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-specs-'));
  kinds = [kindOf({ name: 'cms' })];
  placed = [];
  specFor = createSpecs({
    identity,
    hostname: 'node7',
    settings: () => ({ kinds, hs06: 12 }) as unknown as Settings,
    engineInfo: () => null,
    nodeCpus: () => 4,
    ttlMs: ({ ttlMs }) => ttlMs / 2,
    place: (facts) => {
      placed.push(facts);
      return Promise.resolve({ env: { PLANCTON_KIND: facts.kind }, binds: [] });
    },
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('how a pilot is made', () => {
  it('is by the recipe of its kind as it is now', async () => {
    kinds = [kindOf({ name: 'atlas' }), kindOf({ name: 'cms', cpus: 0.25, labels: { site: 'x' } })];
    const spec = await specFor(name, 'cms');
    expect(spec).toMatchObject({
      name,
      hostname: 'plancton-node7-abc123',
      kind: { name: 'cms', cpus: 0.25 },
    });
    expect(spec.labels).toMatchObject({ ...labelsOf(identity, name), site: 'x' });
    expect([kindTold(spec.labels), cpusTold(spec.labels)]).toEqual(['cms', 0.25]);
    expect(placed).toMatchObject([
      { name, kind: 'cms', node: 'node7', cpus: 0.25, ttlMs: 30_000, nodeCpus: 4, hs06: 12 },
    ]);
  });

  it('is with no label of the site in the place of ours', async () => {
    const forged = labelsOf({ ...identity, instance: 'there' }, name);
    kinds = [kindOf({ name: 'cms', labels: { ...forged, 'io.plancton.kind': 'atlas' } })];
    const { labels } = await specFor(name, 'cms');
    expect(labels).toMatchObject({ ...labelsOf(identity, name), 'io.plancton.kind': 'cms' });
  });

  it('is with its own variables before what their file says now, and what we tell before both', async () => {
    const envFile = join(folder, 'env');
    const env = { A: 'own', B: 'own', PLANCTON_KIND: 'own' };
    kinds = [kindOf({ name: 'cms', env, envFile })];
    writeFileSync(envFile, 'B=file\nC=file\nPLANCTON_KIND=file\n');
    expect((await specFor(name, 'cms')).env).toEqual({
      A: 'own',
      B: 'own',
      C: 'file',
      PLANCTON_KIND: 'cms',
    });
    writeFileSync(envFile, 'B=file\nC=changed\n');
    expect((await specFor(name, 'cms')).env).toEqual({
      A: 'own',
      B: 'own',
      C: 'changed',
      PLANCTON_KIND: 'cms',
    });
  });

  it('fails in one line where its file cannot be read or its kind is gone, and leaves no folder', async () => {
    kinds = [kindOf({ name: 'cms', envFile: join(folder, 'nowhere') })];
    for (const [kind, why] of [
      ['cms', /env_file .*nowhere cannot be used: ENOENT$/],
      ['atlas', /^cannot start a pilot: the configuration has no kind atlas any more/],
    ] as const) {
      const error: unknown = await specFor(name, kind).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(EngineError);
      expect((error as EngineError).message).toMatch(why);
      expect((error as EngineError).fault).toBe('rejected');
    }
    expect(placed).toEqual([]);
  });
});

it('images that several kinds are made of are wanted once', () => {
  const of = (image: string): Kind => kindOf({ image });
  expect(imagesWanted({ kinds: [of('a:1'), of('b:1'), of('a:1')] })).toEqual(['a:1', 'b:1']);
});
