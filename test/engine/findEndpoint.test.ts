import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { printEndpoint } from '../../src/engine/endpoint.ts';
import { findEndpoint } from '../../src/engine/findEndpoint.ts';
import type { NodeFiles } from '../../src/engine/nodeFiles.ts';
import type { EngineSettings } from '../../src/model/settings.ts';

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly sockets?: Readonly<Record<string, 'open' | 'denied'>>;
  readonly uid?: number;
  readonly settings?: Partial<EngineSettings>;
}

function find({ env = {}, files = {}, sockets = {}, uid = 0, settings = {} }: World) {
  const nodeFiles: NodeFiles = {
    read: (path) => files[path] ?? null,
    socket: (path) => sockets[path] ?? 'missing',
  };
  return findEndpoint(
    { url: null, context: null, tls: null, ...settings },
    { env, uid, homeFolder: '/home/me', files: nodeFiles },
  );
}

const printed = (world: World): string => printEndpoint(find(world));

/** A context's files as Docker's client keeps them, in `folder`. */
function contextFiles(name: string, docker: object, folder = '/home/me/.docker', pems: string[] = []) {
  const id = createHash('sha256').update(name).digest('hex');
  return {
    [`${folder}/contexts/meta/${id}/meta.json`]: JSON.stringify({ Name: name, Endpoints: { docker } }),
    ...Object.fromEntries(
      pems.map((pem) => [`${folder}/contexts/tls/${id}/docker/${pem}.pem`, `the ${pem}`]),
    ),
  };
}

describe('the engine is found', () => {
  const everything: World = {
    env: { DOCKER_HOST: 'tcp://env:1', DOCKER_CONTEXT: 'named' },
    files: {
      '/home/me/.docker/config.json': JSON.stringify({ currentContext: 'current' }),
      ...contextFiles('named', { Host: 'unix:///named' }),
      ...contextFiles('current', { Host: 'unix:///current' }),
      ...contextFiles('told', { Host: 'unix:///told' }),
    },
    sockets: { '/run/podman/podman.sock': 'open' },
  };

  it('by the first that says where it is', () => {
    const settings = { url: 'unix:///url', context: 'told' };
    expect(printed({ ...everything, settings })).toBe('unix:///url');
    expect(printed({ ...everything, settings: { context: 'told' } })).toBe('unix:///told');
    expect(printed(everything)).toBe('http://env:1');
    expect(printed({ ...everything, env: { DOCKER_CONTEXT: 'named' } })).toBe('unix:///named');
    expect(printed({ ...everything, env: {} })).toBe('unix:///current');
    expect(printed({ ...everything, env: {}, files: {} })).toBe('unix:///run/podman/podman.sock');
    expect(printed({})).toBe('unix:///var/run/docker.sock');
  });

  it('in the folder that DOCKER_CONFIG names', () => {
    const files = {
      '/etc/d/config.json': JSON.stringify({ currentContext: 'there' }),
      ...contextFiles('there', { Host: 'unix:///there' }, '/etc/d'),
    };
    expect(printed({ env: { DOCKER_CONFIG: '/etc/d' }, files })).toBe('unix:///there');
  });

  it('in the usual places when the current context is the default one', () => {
    const files = { '/home/me/.docker/config.json': JSON.stringify({ currentContext: 'default' }) };
    expect(printed({ files, sockets: { '/var/run/docker.sock': 'open' } })).toBe(
      'unix:///var/run/docker.sock',
    );
  });

  it.each<[string, World, string]>([
    [
      'root: not in a user folder',
      { sockets: { '/run/user/0/docker.sock': 'open' } },
      '/var/run/docker.sock',
    ],
    [
      'a user: what may be opened wins',
      { uid: 7, sockets: { '/var/run/docker.sock': 'denied', '/run/user/7/podman/podman.sock': 'open' } },
      '/run/user/7/podman/podman.sock',
    ],
    [
      'a user: what is there but closed, so that it is said',
      { uid: 7, sockets: { '/run/podman/podman.sock': 'denied' } },
      '/run/podman/podman.sock',
    ],
    [
      'a user: XDG_RUNTIME_DIR',
      { uid: 7, env: { XDG_RUNTIME_DIR: '/x' }, sockets: { '/x/docker.sock': 'open' } },
      '/x/docker.sock',
    ],
    ['nothing anywhere', { uid: 7 }, '/var/run/docker.sock'],
  ])('at its socket (%s)', (_what, world, path) => {
    expect(printed(world)).toBe(`unix://${path}`);
  });
});

describe('an address', () => {
  it.each([
    ['tcp://node', 'http://node:2375'],
    ['tcp://node:99', 'http://node:99'],
    ['http://node:80', 'http://node:80'],
    ['https://node', 'https://node:2376'],
    ['https://node:443/', 'https://node:443'],
    ['tcp://[::1]:5', 'http://[::1]:5'],
    ['unix:///a b', 'unix:///a b'],
  ])('%s is %s', (url, wanted) => {
    expect(printed({ settings: { url } })).toBe(wanted);
  });

  it.each([
    ['ssh://me@node', /ssh:\/\/ is not spoken here/],
    ['npipe:////./pipe/docker', /expected unix/],
    ['/var/run/docker.sock', /expected unix/],
    ['unix://relative', /not an absolute path/],
    ['tcp://', /expected unix/],
    ['tcp://node:port', /expected unix/],
    ['tcp://node/prefix', /a path \(\/prefix\)/],
    [`unix:///${'x'.repeat(107)}`, /its path has 108 bytes, and a unix socket's may have 107/],
    [`unix:///${'é'.repeat(54)}`, /109 bytes/],
  ])('%s is refused', (url, words) => {
    expect(() => find({ env: { DOCKER_HOST: url } })).toThrow(words);
    expect(() => find({ env: { DOCKER_HOST: url } })).toThrow(/from DOCKER_HOST cannot be used/);
  });

  it('never shows a password that stands in it', () => {
    expect(() => find({ settings: { url: 'tcp://me:hush@node' } })).toThrow(/no user and password/);
    expect(() => find({ settings: { url: 'tcp://me:hush@node' } })).not.toThrow(/hush/);
  });

  it('may be as long as the kernel takes', () => {
    expect(printed({ settings: { url: `unix:///${'x'.repeat(106)}` } })).toHaveLength(7 + 107);
  });
});

describe('TLS', () => {
  const pems = ['ca', 'cert', 'key'];
  const certificates = (folder: string) =>
    Object.fromEntries(pems.map((pem) => [`${folder}/${pem}.pem`, `the ${pem}`]));

  it('comes from the environment, and hides its key', () => {
    const env = { DOCKER_HOST: 'tcp://n', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    const found = find({ env, files: certificates('/certs') });
    expect(found).toMatchObject({ port: 2376, tls: { ca: 'the ca', cert: 'the cert', verify: true } });
    expect(JSON.stringify(found)).not.toContain('the key');
    expect(printEndpoint(found)).toBe('https://n:2376');
  });

  it("is looked for in Docker's own folder, and not at all unless asked for", () => {
    const files = certificates('/home/me/.docker');
    const found = find({ env: { DOCKER_HOST: 'tcp://n', DOCKER_TLS: '1' }, files });
    expect(found).toMatchObject({ tls: { ca: 'the ca', verify: false } });
    expect(find({ env: { DOCKER_HOST: 'tcp://n', DOCKER_TLS_VERIFY: '' }, files })).toMatchObject({
      tls: null,
    });
  });

  it('comes from the configuration', () => {
    const tls = { ca: '/c/ca.pem', cert: null, key: null, verify: false };
    const found = find({ settings: { url: 'tcp://n', tls }, files: certificates('/c') });
    expect(found).toMatchObject({ tls: { ca: 'the ca', cert: null, verify: false } });
  });

  it('comes from a context', () => {
    const Host = 'tcp://n:2376';
    const withPems = contextFiles('c', { Host }, undefined, pems);
    const find1 = find({ settings: { context: 'c' }, files: withPems });
    expect(find1).toMatchObject({ tls: { ca: 'the ca', verify: true }, foundBy: 'context "c"' });
    const skipping = contextFiles('c', { Host, SkipTLSVerify: true });
    expect(find({ settings: { context: 'c' }, files: skipping })).toMatchObject({ tls: { verify: false } });
    const plain = contextFiles('c', { Host });
    expect(find({ settings: { context: 'c' }, files: plain })).toMatchObject({ tls: null });
  });

  it('is refused when a file that is named is not there', () => {
    const tls = { ca: '/c/none.pem', cert: null, key: null, verify: true };
    expect(() => find({ settings: { url: 'tcp://n', tls } })).toThrow(/there is no file \/c\/none.pem/);
    const env = { DOCKER_HOST: 'tcp://n', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    expect(() => find({ env })).toThrow(/there is no file \/certs\/ca.pem/);
  });
});

describe('a context', () => {
  it('that is not there is named, with who named it', () => {
    expect(() => find({ env: { DOCKER_CONTEXT: 'gone' } })).toThrow(
      'context "gone", told by DOCKER_CONTEXT, cannot be used: there is none in /home/me/.docker/contexts',
    );
  });

  it('that is broken is refused without a word of what is in it', () => {
    const files = { '/home/me/.docker/config.json': '{"auths": {"r": {"auth": "aHVzaA==" ' };
    expect(() => find({ files })).toThrow('/home/me/.docker/config.json is not JSON: mend or remove it');
  });
});
