import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultRegistryKey,
  familiar,
  formatReference,
  normalized,
  parseReference,
  pullable,
  registryKey,
} from '../../src/model/reference.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image reference', () => {
  it.each([
    ['busybox', null, 'busybox', null, null],
    ['busybox:1.36', null, 'busybox', '1.36', null],
    ['library/busybox', null, 'library/busybox', null, null],
    ['host:5000/image', 'host:5000', 'image', null, null],
    ['host:5000/a/b:tag', 'host:5000', 'a/b', 'tag', null],
    ['localhost/busybox', 'localhost', 'busybox', null, null],
    ['ghcr.io/org/app_x/y-z:V1.0', 'ghcr.io', 'org/app_x/y-z', 'V1.0', null],
    [`busybox@${digest}`, null, 'busybox', null, digest],
    [`host:5000/image:tag@${digest}`, 'host:5000', 'image', 'tag', digest],
    ['[::1]:5000/image', '[::1]:5000', 'image', null, null],
    ['host/image', null, 'host/image', null, null],
    ['host:65535/image', 'host:65535', 'image', null, null],
    [`${'a'.repeat(64)}:1`, null, 'a'.repeat(64), '1', null],
  ])('%s is taken apart', (text, registry, path, tag, itsDigest) => {
    expect(parseReference(text)).toEqual({ registry, path, tag, digest: itsDigest });
  });

  it.each([
    ['', 'name'],
    ['Busybox', 'name'],
    ['busybox:', 'tag'],
    ['busybox:a b', 'tag'],
    ['busybox@sha256:short', 'digest'],
    [`busybox@${digest}@${digest}`, 'digest'],
    ['-bad.host/image', 'registry'],
    ['host:port/image', 'registry'],
    ['../../etc', 'registry'],
    ['a//b', 'name'],
    ['-foo/bar', 'name'],
    ['foo-/bar', 'name'],
    ['a..b/foo', 'registry'],
    ['host:99999/foo', 'registry'],
    ['host:65536/foo', 'registry'],
    [`foo@sha256:${'a'.repeat(32)}`, 'digest'],
    [`foo@sha256:${'A'.repeat(64)}`, 'digest'],
    [`foo@sha512:${'a'.repeat(64)}`, 'digest'],
    ['0123456789abcdef'.repeat(4), 'name'],
  ])('%j is refused for its %s', (text, part) => {
    expect(() => parseReference(text)).toThrow(`image "${text}" has a bad ${part}`);
  });

  it.each([
    ['busybox', 'docker.io/library/busybox:latest', 'busybox'],
    ['docker.io/library/busybox:1', 'docker.io/library/busybox:1', 'busybox:1'],
    ['index.docker.io/org/app', 'docker.io/org/app:latest', 'org/app'],
    ['localhost/busybox:1', 'localhost/busybox:1', 'localhost/busybox:1'],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`, `busybox@${digest}`],
  ])('%s is %s in full and %s in short', (text, full, short) => {
    expect(normalized(parseReference(text))).toBe(full);
    expect(familiar(parseReference(text))).toBe(short);
  });

  it('is always pulled with a tag or a digest', () => {
    expect(pullable(parseReference('host:5000/a'))).toEqual({ repository: 'host:5000/a', tag: 'latest' });
    expect(pullable(parseReference('a:1'))).toEqual({ repository: 'a', tag: '1' });
    expect(pullable(parseReference(`a:1@${digest}`))).toEqual({ repository: 'a', tag: digest });
  });

  it('names the registry as Docker keeps credentials', () => {
    expect(registryKey(parseReference('busybox'))).toBe(defaultRegistryKey);
    expect(registryKey(parseReference('docker.io/a/b'))).toBe(defaultRegistryKey);
    expect(registryKey(parseReference('host:5000/a'))).toBe('host:5000');
  });

  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('/'));
  const reference = fc.record({
    registry: fc.option(fc.constantFrom('host:5000', 'localhost', 'reg.example.org', '[::1]:80')),
    path,
    tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/)),
    digest: fc.option(fc.constant(digest)),
  });

  it('comes back as it was, through text and back', () => {
    fc.assert(
      fc.property(reference, (wanted) => {
        fc.pre(wanted.registry !== null || wanted.path.split('/')[0] !== 'localhost');
        expect(parseReference(formatReference(wanted))).toEqual(wanted);
      }),
    );
  });

  it('means the same in full and in short', () => {
    fc.assert(
      fc.property(reference, (wanted) => {
        const parsed = parseReference(formatReference(wanted));
        const full = normalized(parsed);
        expect(normalized(parseReference(full))).toBe(full);
        expect(normalized(parseReference(familiar(parsed)))).toBe(full);
      }),
    );
  });
});
