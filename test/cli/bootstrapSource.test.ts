import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../src/cli/bootstrap/source.ts';

describe('a SOURCE', () => {
  it.each([
    ['alice/conf', 'https://github.com/alice/conf.git', null],
    ['alice/conf.git', 'https://github.com/alice/conf.git', null],
    ['alice/conf:site/torino', 'https://github.com/alice/conf.git', 'site/torino'],
    ['alice/conf#main', 'https://github.com/alice/conf.git', 'main'],
    ['my_org/conf', 'https://github.com/my_org/conf.git', null],
    ['my_org/conf:main', 'https://github.com/my_org/conf.git', 'main'],
    ['https://git.example.org:8443/a/conf.git', 'https://git.example.org:8443/a/conf.git', null],
    ['https://git.example.org/a/conf.git#v1.2', 'https://git.example.org/a/conf.git', 'v1.2'],
    ['http://[::1]:8080/conf', 'http://[::1]:8080/conf', null],
    ['ssh://git@example.org:22/~/conf.git#dev', 'ssh://git@example.org:22/~/conf.git', 'dev'],
    ['git@example.org:conf.git#dev', 'git@example.org:conf.git', 'dev'],
    ['example.org:conf.git', 'example.org:conf.git', null],
    ['git://127.0.0.1/conf.git', 'git://127.0.0.1/conf.git', null],
    ['file:///srv/conf.git#main', 'file:///srv/conf.git', 'main'],
    ['/srv/conf.git#main', '/srv/conf.git', 'main'],
  ])('%s is %s, branch %s', (text, address, branch) => {
    expect(parseSource(text)).toEqual({ address, branch, shown: address, credentials: null });
  });

  it.each([
    ['', /empty/],
    ['--upload-pack=touch /tmp/x', /blank/],
    ['--upload-pack=x', /"-"/],
    ['-o/repo', /"-"/],
    ['ext::sh', /remote helper/],
    ['ext::sh%20-c%20id', /remote helper/],
    ['fd::17', /remote helper/],
    ['alice/conf\n', /control character/],
    ['alice/..', /not a GitHub repository/],
    ['alice/conf:-x', /cannot be the name/],
    ['alice/conf:a..b', /cannot be the name/],
    ['alice/conf:a~1', /cannot be the name/],
    ['alice/conf:x.lock', /cannot be the name/],
    ['/srv/conf.git#', /cannot be the name/],
    ['/srv/conf.git#--upload-pack=x', /cannot be the name/],
    ['./conf', /no address/],
    ['conf', /no address/],
    ['ftp://example.org/conf', /ftp: *\/\/ are not taken/],
    ['ssh://-oProxyCommand=id/x', /begins with "-"/],
    ['ssh://%2doProxyCommand=id/x', /begins with "-"/],
    ['ssh://-l@example.org/x', /begins with "-"/],
    ['git://-x/conf', /begins with "-"/],
    ['-oProxyCommand=id:conf', /"-"/],
    ['git@-oProxyCommand=id:conf', /begins with "-"/],
    ['git@example.org:-x', /begins with "-"/],
    ['file://elsewhere/srv/conf', /three slashes/],
    ['https://a%zz@example.org/conf', /hexadecimal/],
    ['https://a%0ab:c@example.org/conf', /control character/],
  ])('%j is refused', (text, why) => {
    expect(() => parseSource(text)).toThrow(why);
  });

  it('with credentials gives git an address without them, and prints nothing of them', () => {
    const source = parseSource('https://bob:p%40ss%2Fw@git.example.org:8443/a.git?key=topsecret#dev');
    expect(source).toMatchObject({ branch: 'dev', shown: 'https://git.example.org:8443/a.git?…' });
    expect(source.address).toBe('https://git.example.org:8443/a.git?key=topsecret');
    expect(source.credentials?.origin).toBe('https://git.example.org:8443');
    expect(source.credentials?.username.reveal()).toBe('bob');
    expect(source.credentials?.password.reveal()).toBe('p@ss/w');
    expect(inspect(source, { depth: 9 })).not.toMatch(/p@ss|p%40ss/);
  });

  it('takes a token that stands for the user alone', () => {
    const { address, credentials } = parseSource('https://token123@example.org/a.git');
    expect(address).toBe('https://example.org/a.git');
    expect(credentials?.username.reveal()).toBe('token123');
    expect(credentials?.password.reveal()).toBe('');
  });

  it.each([
    'https://bob:hun#ter2@example.org/a.git',
    'https://bob:1#hunter2@example.org/a.git',
    'ssh://bob:hunter2@example.org/a.git',
    'bob:hunter2@example.org:a.git',
    'https://bob:hunter2@exa mple.org/a.git',
    'https://bob:hunter2@example.org:999999/a.git',
    'https://bob:hunter2@example.org/a.git#-x',
    'ftp://bob:hunter2@example.org/a.git',
    'bob:hunter2@example.org/a.git#.x',
  ])('never repeats the password of an address that is refused', (text) => {
    expect(() => parseSource(text)).toThrow(/^(?!.*(hun|ter2))/);
  });
});
