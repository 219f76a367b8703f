import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseMountinfo, propagationAt, readPropagation } from '../../src/engine/mountinfo.ts';

const text = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:26 / /data rw - ext4 /dev/sdb1 rw
31 30 0:27 / /data/deep rw master:5 - ext4 /dev/sdc1 rw
32 22 0:28 / /with\\040space rw shared:9 master:1 - tmpfs tmpfs rw
33 22 0:29 / /twice rw shared:10 - tmpfs tmpfs rw
34 33 0:30 / /twice rw - tmpfs tmpfs rw
a torn li`;

describe('how mounts spread', () => {
  it.each([
    ['/home/x', 'shared'],
    ['/', 'shared'],
    ['/data', 'private'],
    ['/data/x', 'private'],
    ['/database', 'shared'],
    ['/data/deep/er', 'slave'],
    ['/with space/x', 'shared'],
    ['/twice/x', 'private'],
  ])('%s is %s', (path, propagation) => {
    expect(propagationAt(parseMountinfo(text), path)).toBe(propagation);
  });

  it('is unknown where no mount holds a path', () => {
    expect(propagationAt([], '/x')).toBe('unknown');
  });

  it('is that of where a link leads to, also for what is not there yet', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plancton-mounts-')));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const at = (name: string): string => join(folder, name);
    for (const name of ['private', 'shared']) mkdirSync(at(name));
    symlinkSync('private', at('to-private'));
    symlinkSync(at('shared'), at('private/to-shared'));
    const shared = '22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n';
    writeFileSync(at('mountinfo'), `${shared}30 22 0:26 / ${at('private')} rw - tmpfs tmpfs rw\n`);
    const propagationOf = readPropagation(at('mountinfo'));
    expect(propagationOf(at('to-private'))).toBe('private');
    expect(propagationOf(at('to-private/none/yet'))).toBe('private');
    expect(propagationOf(at('private/to-shared'))).toBe('shared');
    expect(propagationOf(at('none/yet'))).toBe('shared');
  });

  it('can be read on this node', () => {
    expect(readPropagation()('/proc/self')).not.toBe('unknown');
  });
});
