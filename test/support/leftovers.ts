import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { run } from './programs.ts';
import { until } from './until.ts';

/** Ends what still runs from under `folder` (shims, monitors: their command line names it), unmounts all below it, and deletes it. */
export async function sweepFolder(folder: string): Promise<void> {
  if (!/^\/.+\/plancton-[^/]+$/.test(folder)) {
    throw new Error(`not a folder of a test's own: ${folder}`);
  }
  for (const pid of processesNaming(folder)) {
    process.kill(pid, 'SIGKILL');
  }
  await until(`no process names ${folder}`, () => processesNaming(folder).length === 0);
  for (const point of mountsBelow(folder)) {
    await run('umount', ['-l', point]);
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
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

/** Mount points below a folder, the deepest first. */
function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length);
}
