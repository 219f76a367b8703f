import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setIoWeight } from '../../src/act/ioWeight.ts';

let root: string;
const at = (path: string) => join(root, path);
const held = (path: string) => readFileSync(at(path), 'utf8');
const tree = (files: Record<string, string>) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  }
};
const disk = (name: string, scheduler: string, number = '8:0') => ({
  [`block/${name}/queue/scheduler`]: `${scheduler}\n`,
  [`block/${name}/dev`]: `${number}\n`,
});
const set = () => setIoWeight({ folder: at('top/group'), top: at('top'), disks: at('block') });
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'plancton-io-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('the I/O weight of a group', () => {
  it.each([
    ['blkio.bfq.weight', '100', '1', 'none mq-deadline [bfq]'],
    ['io.bfq.weight', 'default 100', 'default 1', '[bfq] none'],
    ['blkio.weight', '500', '10', 'noop deadline [cfq]'],
  ])(
    'is the smallest, and claimed where the scheduler of every disk heeds it: %s',
    (file, before, after, scheduler) => {
      tree({ [`top/group/${file}`]: `${before}\n`, ...disk('sda', scheduler), ...disk('loop0', '[none]') });
      expect(set()).toEqual({ had: true, detail: at(`top/group/${file}`) });
      expect(held(`top/group/${file}`)).toBe(after);
    },
  );

  it.each(['[none] mq-deadline', 'none [mq-deadline] bfq', 'none'])('is not claimed for %s', (scheduler) => {
    tree({ 'top/group/blkio.bfq.weight': '100', ...disk('sda', '[bfq]'), ...disk('vda', scheduler) });
    const { had, detail } = set();
    expect(had).toBe(false);
    expect(held('top/group/blkio.bfq.weight')).toBe('1');
    expect(detail).toMatch(/is set, but vda is scheduled by "(none|mq-deadline)", which heeds no weights$/);
  });

  it('is claimed where the cost model of the disk is on, and not where it is off', () => {
    tree({ 'top/group/io.weight': 'default 100\n8:16 200\n', ...disk('nvme0n1', '[none]', '259:0') });
    expect(set().had).toBe(false);
    tree({ 'top/io.cost.qos': '8:0 enable=1 ctrl=auto\n259:0 enable=1 ctrl=auto\n' });
    expect(set().had).toBe(true);
    tree({ 'top/io.cost.qos': '259:0 enable=0 ctrl=auto\n' });
    expect(set().had).toBe(false);
  });

  it('is left as it is when it is the smallest already', () => {
    tree({ 'top/group/io.bfq.weight': 'default 1\n8:0 50\n', ...disk('sda', '[bfq]') });
    expect(set().had).toBe(true);
    expect(held('top/group/io.bfq.weight')).toBe('default 1\n8:0 50\n');
  });

  it('is told not to be there: no file, no controller, no disk', () => {
    expect(set().detail).toContain('has no I/O weight that can be set');
    const nowhere = setIoWeight({ folder: null, top: '', disks: at('block') });
    expect(nowhere).toEqual({ had: false, detail: 'the kernel has no I/O controller here' });
    tree({ 'top/group/io.bfq.weight': 'default 100' });
    expect(set()).toMatchObject({
      had: false,
      detail: expect.stringContaining('no disk is known') as string,
    });
  });
});
