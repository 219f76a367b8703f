import { existsSync, lstatSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from './programs.ts';

/** Empty folders that an engine makes outside of its own, and the cgroups of pilots: those that were not there go. */
const engineFolders = ['/etc/docker', '/opt/containerd', '/run/containerd', '/run/docker'];
const cgroupName = /^(docker|plancton-[0-9a-f]{8})$/;

/** Notes which of the folders outside our own are there, and gives what removes those that came since. */
export function noteFolders(): () => void {
  const absent = engineFolders.filter((path) => !existsSync(path));
  const before = new Set(cgroupFolders());
  return () => {
    for (const path of [...absent, ...cgroupFolders().filter((one) => !before.has(one))])
      removeEmptyTree(path);
  };
}

/** Folders of engines and of pilots at the top of each cgroup tree. */
function cgroupFolders(): string[] {
  return mounts()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .flatMap(({ point }) =>
      readdirSync(point)
        .filter((name) => cgroupName.test(name))
        .map((name) => join(point, name)),
    );
}

/** Ends what still runs from under `folder`, unmounts all below it, and deletes it. */
export async function sweep(folder: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (let pids = processesNaming(folder); pids.length > 0; pids = processesNaming(folder)) {
    for (const pid of pids) killQuietly(pid);
    if (performance.now() > deadline)
      throw new Error(`processes of ${folder} do not end: ${pids.join(', ')}`);
    await pause(50);
  }
  const points = mounts()
    .map(({ point }) => point)
    .filter((point) => point.startsWith(`${folder}/`))
    .toSorted((a, b) => b.length - a.length);
  for (const point of points) await run('umount', ['-l', point]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Removes a folder of nothing but empty folders; cgroups look like that too, their files cannot be removed and need not be. */
function removeEmptyTree(path: string): void {
  try {
    if (!lstatSync(path).isDirectory()) return;
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) removeEmptyTree(join(path, entry.name));
    }
    rmdirSync(path);
  } catch {
    // Somebody uses it, or it has gone.
  }
}

function processesNaming(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => commandLine(pid).includes(`${folder}/`))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** What is mounted where (proc(5), `/proc/mounts`); spaces in paths come as `\040`. */
function mounts(): { point: string; type: string }[] {
  return readFileSync('/proc/mounts', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, point = '', type = '']) => ({
      point: point.replace(/\\(\d{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
      type,
    }));
}
