import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { until } from '../support/until.ts';
import type { Inside, SeenFolder } from './engineHarness.ts';

/** `f_type` of tmpfs (statfs(2)). */
const tmpfsMagic = 0x01021994;

/** What a process has, and what it sees of files, through its own files in /proc (proc(5)). */
export async function insideOf(pid: number): Promise<Inside> {
  const own = `/proc/${pid}`;
  const firstProcess = await until('the program has begun', () => {
    const name = readFileSync(`${own}/comm`, 'utf8').trim();
    return name.startsWith('runc') ? null : name;
  });
  const pairs = readFileSync(`${own}/environ`, 'utf8').split('\0');
  const limit = /^Max open files +(\d+) +(\d+)/m.exec(readFileSync(`${own}/limits`, 'utf8'));
  return {
    env: Object.fromEntries(
      pairs.filter(Boolean).map((pair) => [pair.replace(/=.*/s, ''), pair.replace(/^[^=]*=/, '')]),
    ),
    firstProcess,
    openFiles: { soft: Number(limit?.[1]), hard: Number(limit?.[2]) },
    folder: (path) => folderAt(`${own}/root${path}`),
    read: (path) => readFileSync(`${own}/root${path}`, 'utf8'),
  };
}

function folderAt(path: string): SeenFolder {
  const { bsize, blocks, type } = statfsSync(path);
  return { bytes: bsize * blocks, inMemory: type === tmpfsMagic, writable: takesFile(path) };
}

/** Whether a file can be written there: root is refused by a file system that is mounted read-only alone. */
function takesFile(folder: string): boolean {
  const path = `${folder}/written-by-a-test`;
  try {
    writeFileSync(path, 'x');
    rmSync(path);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EROFS') return false;
    throw thrown;
  }
}
