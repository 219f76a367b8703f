import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeOwnersGroup, type OwnersGroup } from './ownersGroup.ts';

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
  const files = Array.from({ length: writers }, (_, index) => join(folder, `written${index}`));
  for (const file of files) {
    const write = `exec dd if=/dev/zero of='${file}' bs=${pieceBytes} oflag=direct`;
    spawn('sh', ['-c', `echo $$ >${group.members} && ${write}`], { stdio: 'ignore' });
  }
  return async () => {
    await group.end();
    for (const file of files) rmSync(file, { force: true });
  };
}

/** A new cgroup whose members write to this disk at a crawl. */
function slowGroup(disk: string): OwnersGroup {
  const group = makeOwnersGroup('blkio', 'writes');
  const [file, limit] =
    group.version === 1
      ? ['blkio.throttle.write_bps_device', `${disk} ${bytesPerSecond}`]
      : ['io.max', `${disk} wbps=${bytesPerSecond}`];
  writeFileSync(join(group.folder, file), limit);
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
