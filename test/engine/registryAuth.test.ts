import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/engine/nodeFiles.ts';
import { defaultRegistryKey } from '../../src/model/reference.ts';
import { createRegistryAuth } from '../../src/engine/registryAuth.ts';

const folder = mkdtempSync(join(tmpdir(), 'plancton-auth-'));
const signal = new AbortController().signal;
const env = { PATH: `${folder}:${process.env['PATH']}`, DOCKER_CONFIG: folder };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A helper, by Docker's protocol; what it was asked is left in a file. */
function writeHelper(name: string, script: string): void {
  const path = join(folder, `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\nread server\necho "$1 $server" > "${folder}/asked"\n${script}\n`);
  chmodSync(path, 0o755);
}

/** The header that a configuration gives for a registry, taken apart. */
async function headerOf(config: unknown, registry: string): Promise<unknown> {
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  const auth = createRegistryAuth({ env, homeFolder: '/nowhere', files: nodeFiles });
  const header = await auth.headerFor(registry, signal);
  return header === null
    ? null
    : (JSON.parse(Buffer.from(header.reveal(), 'base64url').toString()) as unknown);
}

const auth = Buffer.from('me:a:b?>').toString('base64');

describe('credentials', () => {
  it.each([
    ['host:5000', 'host:5000'],
    ['https://host:5000', 'host:5000'],
    ['http://host:5000/v2/', 'host:5000'],
    [defaultRegistryKey, defaultRegistryKey],
    ['docker.io', defaultRegistryKey],
  ])('kept for %s are used for %s', async (kept, registry) => {
    expect(await headerOf({ auths: { [kept]: { auth } } }, registry)).toEqual({
      username: 'me',
      password: 'a:b?>',
      serveraddress: registry,
    });
  });

  it('are sent in the alphabet and with the padding that engines decode', async () => {
    let letters = '';
    // Three in a row, so that each of the three ways to lie in base64 comes up.
    for (const name of ['a', 'aa', 'aaa']) {
      const kept = Buffer.from(`${name}:~~~~>>>>????`).toString('base64');
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { r: { auth: kept } } }));
      const around = { env, homeFolder: '/nowhere', files: nodeFiles };
      const header = await createRegistryAuth(around).headerFor('r', signal);
      const text = header?.reveal() ?? '';
      expect(text).toMatch(/^[\w-]+={0,2}$/);
      expect(text.length % 4).toBe(0);
      expect(String(header)).toBe('***');
      letters += text;
    }
    expect(letters).toContain('-');
    expect(letters).toContain('_');
  });

  it('may be an identity token', async () => {
    const config = { auths: { r: { auth: '', identitytoken: 'tok' } } };
    expect(await headerOf(config, 'r')).toEqual({ identitytoken: 'tok', serveraddress: 'r' });
  });

  it('are none for another registry, without a file, and for an empty entry', async () => {
    expect(await headerOf({ auths: { r: { auth } } }, 'other')).toBeNull();
    expect(await headerOf({ auths: { r: {} } }, 'r')).toBeNull();
    rmSync(join(folder, 'config.json'));
    const without = createRegistryAuth({ env, homeFolder: '/nowhere', files: nodeFiles });
    expect(await without.headerFor('r', signal)).toBeNull();
  });

  it('come from a helper of the registry, else from the store', async () => {
    writeHelper('mine', `echo '{"ServerURL":"r","Username":"h","Secret":"from mine"}'`);
    writeHelper('store', `echo '{"Username":"<token>","Secret":"from store"}'`);
    const config = { credHelpers: { 'r:1': 'mine' }, credsStore: 'store' };
    expect(await headerOf(config, 'r:1')).toMatchObject({ username: 'h', password: 'from mine' });
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('get r:1\n');
    expect(await headerOf(config, 'other')).toEqual({ identitytoken: 'from store', serveraddress: 'other' });
  });

  it('are those of the file when the helper has none', async () => {
    writeHelper('empty', 'echo "credentials not found in native keychain"; exit 1');
    const config = { credsStore: 'empty', auths: { r: { auth } } };
    expect(await headerOf(config, 'r')).toMatchObject({ username: 'me' });
    expect(await headerOf(config, 'other')).toBeNull();
  });

  it.each([
    ['fails', 'echo "hush hush"; echo hush >&2; exit 3', /docker-credential-fails failed for r \(exit 3\)/],
    ['babbles', 'echo hush', /docker-credential-babbles did not answer with JSON/],
    ['lacks', `echo '{"Secret":"hush"}'`, /answered without Username and Secret/],
  ])('of a helper that %s are an error without a secret', async (name, script, words) => {
    writeHelper(name, script);
    const attempt = headerOf({ credsStore: name }, 'r');
    await expect(attempt).rejects.toThrow(words);
    await expect(attempt).rejects.not.toThrow(/hush/);
  });

  it('of a helper that is not there, or is no name, are an error', async () => {
    await expect(headerOf({ credsStore: 'gone' }, 'r')).rejects.toThrow(
      'cannot run docker-credential-gone: there is no such program on the path',
    );
    await expect(headerOf({ credsStore: '../../bin/sh' }, 'r')).rejects.toThrow(
      /no name of a credential helper/,
    );
  });

  it('in a broken file are an error that quotes nothing', async () => {
    const attempt = headerOf('{"auths": {"r": {"auth": "hush" ', 'r');
    await expect(attempt).rejects.toThrow(/config.json is not JSON: mend or remove it/);
    await expect(attempt).rejects.not.toThrow(/hush/);
  });

  it('are given up with their signal', async () => {
    writeHelper('slow', 'exec sleep 60');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ credsStore: 'slow' }));
    const controller = new AbortController();
    const slow = createRegistryAuth({ env, homeFolder: '/', files: nodeFiles });
    const call = slow.headerFor('r', controller.signal);
    controller.abort();
    await expect(call).rejects.toThrow(/cannot run docker-credential-slow/);
  });
});
