import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readCgroupMounts } from '../../src/sample/mounts.ts';
import { until } from './until.ts';

/** What the writers' disk lets through: a piece takes so long that nearly always one of them waits, however fast the disk is. */
const bytesPerSecond = 200_000;
const pieceBytes = 65_536;
const writers = 3;

/**
 * Starts an owner who writes to files in `folder`, past the cache, and waits for the disk at each piece, in a cgroup of
 * his own that lets little through (Documentation/admin-guide/cgroup-v1/blkio-controller.rst, cgroup-v2.rst `io.max`);
 * gives what ends him.
 */
export function startWriters(folder: string): () => Promise<void> {
  const group = slowGroup(diskOf(folder));
  const members = join(group, 'cgroup.procs');
  const files = Array.from({ length: writers }, (_, index) => join(folder, `written${index}`));
  for (const file of files) {
    const write = `exec dd if=/dev/zero of='${file}' bs=${pieceBytes} oflag=direct`;
    spawn('sh', ['-c', `echo $$ >${members} && ${write}`], { stdio: 'ignore' });
  }
  return async () => {
    if (!existsSync(group)) return;
    await until('the end of the writers', () => {
      const pids = readFileSync(members, 'utf8').split('\n').filter(Boolean).map(Number);
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      return pids.length === 0;
    });
    rmdirSync(group);
    for (const file of files) rmSync(file, { force: true });
  };
}

/** A new cgroup whose members write to this disk at a crawl. Below `system.slice` where there is one, as what is the owner's. */
function slowGroup(disk: string): string {
  const { unified, legacy } = readCgroupMounts('/');
  const name = `owner-who-writes-${process.pid}`;
  if (legacy['blkio'] !== undefined) {
    const group = join(legacy['blkio'], name);
    mkdirSync(group);
    writeFileSync(join(group, 'blkio.throttle.write_bps_device'), `${disk} ${bytesPerSecond}`);
    return group;
  }
  if (unified === null)
    throw new Error('this test needs the I/O controller of cgroups, and none are mounted');
  const slice = join(unified, 'system.slice');
  const above = existsSync(slice) ? [unified, slice] : [unified];
  for (const folder of above) writeFileSync(join(folder, 'cgroup.subtree_control'), '+io');
  const group = join(above.at(-1) ?? unified, name);
  mkdirSync(group);
  writeFileSync(join(group, 'io.max'), `${disk} wbps=${bytesPerSecond}`);
  return group;
}

/** The number (`major:minor`) of the whole disk that a folder is on: what is throttled is never a part of one. */
function diskOf(folder: string): string {
  const device = execFileSync('findmnt', ['-n', '-o', 'MAJ:MIN', '-T', folder], { encoding: 'utf8' }).trim();
  const path = `/sys/dev/block/${device}`;
  if (!existsSync(path)) throw new Error(`this test needs a disk, and ${folder} is on none: set TMPDIR`);
  const whole = existsSync(`${path}/partition`) ? dirname(realpathSync(path)) : path;
  return readFileSync(`${whole}/dev`, 'utf8').trim();
}
