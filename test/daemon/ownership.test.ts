import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadIdentity } from '../../src/daemon/identity.ts';
import {
  type Identity,
  instanceLabel,
  instanceOf,
  labelsOf,
  ownershipOf,
  pilotHostname,
  pilotName,
  proofLabel,
} from '../../src/daemon/ownership.ts';
import { Secret } from '../../src/model/secret.ts';

const us: Identity = { instance: 'here', secret: new Secret('s') };
const them: Identity = { instance: 'there', secret: new Secret('s') };
const name = 'plancton-worker-abc123';

describe('whose a container is', () => {
  it.each([
    ['ours by its proof', name, labelsOf(us, name), 'ours'],
    ['another daemon’s', name, labelsOf(them, name), 'foreign'],
    ['a copy of our labels under another name', 'plancton-worker-zzzzzz', labelsOf(us, name), 'unproven'],
    ['without a proof', name, { [instanceLabel]: us.instance }, 'unproven'],
    [
      'with a proof of another length',
      name,
      { [instanceLabel]: us.instance, [proofLabel]: 'ab' },
      'unproven',
    ],
    ['of a lost secret', name, labelsOf({ ...us, secret: new Secret('t') }, name), 'unproven'],
    ['the original’s', name, {}, 'original'],
    ['the original’s with labels of its own', name, { site: 'cern' }, 'original'],
    ['named like the original’s, with another number of characters', 'plancton-worker-foo', {}, 'foreign'],
    ['named like the original’s, and longer', 'plancton-worker-abc1234', {}, 'foreign'],
    ['named like the original’s, with others than its characters', 'plancton-worker-ABC-12', {}, 'foreign'],
    ['named like the original’s, over two lines', 'plancton-worker-abc123\n', {}, 'foreign'],
    ['with a proof alone', name, { [proofLabel]: 'x' }, 'foreign'],
    ['the owner’s', 'database', {}, 'foreign'],
    ['the owner’s with our labels', 'database', labelsOf(us, 'database'), 'foreign'],
  ])('%s', (_what, itsName, labels, ownership) => {
    expect(ownershipOf(us, itsName, labels, false)).toBe(ownership);
  });

  it.each([
    ['with our labels', labelsOf(us, name), 'unproven'],
    ['with another daemon’s labels', labelsOf(them, name), 'foreign'],
    ['without labels', {}, 'foreign'],
  ])('what was a pilot, is called otherwise now, and is %s', (_what, labels, ownership) => {
    expect(ownershipOf(us, 'database', labels, true)).toBe(ownership);
  });

  it('differs by machine and by folder', () => {
    const all = [
      instanceOf('m1', '/run'),
      instanceOf('m2', '/run'),
      instanceOf('m1', '/run2'),
      instanceOf('m', '1\n/run'),
    ];
    expect(new Set(all).size).toBe(4);
  });
});

describe('names', () => {
  it('are the original’s: a prefix and six characters', () => {
    expect(pilotName(() => 0)).toBe('plancton-worker-000000');
    expect(pilotName(() => 0.999999)).toBe('plancton-worker-zzzzzz');
    expect(pilotName(Math.random)).toMatch(/^plancton-worker-[0-9a-z]{6}$/);
  });

  it('of hosts are cut to 40 characters of the node’s', () => {
    expect(pilotHostname('node', name)).toBe('plancton-node-abc123');
    expect(pilotHostname('n'.repeat(64), name)).toBe(`plancton-${'n'.repeat(40)}-abc123`);
  });
});

describe('an identity', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plancton-identity-'));
    mkdirSync(join(folder, 'run'));
    mkdirSync(join(folder, 'state'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const load = (run = 'run'): Identity => loadIdentity(join(folder, 'state'), join(folder, run));

  it('is made once, for us alone, and is the same by another way to the folder', () => {
    const first = load();
    const file = join(folder, 'state/secret');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').trim()).toBe(first.secret.reveal());
    symlinkSync(join(folder, 'run'), join(folder, 'link'));
    expect(load('link').instance).toBe(first.instance);
    expect(load().secret.reveal()).toBe(first.secret.reveal());
  });

  it('is made anew from a secret that is cut short', () => {
    const first = load();
    writeFileSync(join(folder, 'state/secret'), first.secret.reveal().slice(0, 20));
    const second = load();
    expect(second.secret.reveal()).toMatch(/^[0-9a-f]{64}$/);
    expect(second.secret.reveal()).not.toBe(first.secret.reveal());
  });

  it('names the file that cannot be written', () => {
    rmSync(join(folder, 'state'), { recursive: true });
    expect(() => load()).toThrow(/state\/secret/);
  });
});
