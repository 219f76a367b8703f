import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { EngineError } from '../model/engine.ts';
import { codeOf, held } from './kernelValue.ts';

/** What a pilot's cgroup is called, wherever its tree is mounted. */
function ownPath(id: string): string {
  return `/plancton-[0-9a-f]{8}(?:\\.slice)?/(?:(?:docker|libpod)-)?${id}(?:\\.scope)?`;
}

/** Throws unless a folder is the cgroup of this pilot below a parent of ours. */
export function refuseForeign(folder: string, id: string): void {
  const isOwn =
    /^[0-9a-f]{64}$/.test(id) &&
    normalize(folder) === folder &&
    new RegExp(`^/.*${ownPath(id)}$`).test(folder);
  if (!isOwn) throw new EngineError('rejected', `refused to touch ${folder}: it is no cgroup of pilot ${id}`);
}

/**
 * Every process in a cgroup and in those below it; none where it has gone. One that ends is listed until its memory is
 * free (measured: it leaves its cgroup after that, kernel/exit.c).
 */
export function processesBelow(folder: string): number[] {
  try {
    const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...own, ...below.flatMap((entry) => processesBelow(join(folder, entry.name)))];
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(codeOf(error))) return [];
    throw new EngineError('failed', `cannot read ${folder}/cgroup.procs: ${codeOf(error)}`, { cause: error });
  }
}

/** The first and the last real-time signal as engines count them (glibc's, signal(7)): Node.js has no names for these. */
const realTime: Readonly<Record<string, number>> = { MIN: 34, MAX: 64 };

/** A signal as the kernel is told of it: real-time ones (`SIGRTMIN+3`) go by their number. */
function kernelSignal(name: string): NodeJS.Signals | number {
  const [, edge = '', offset = '0'] = /^SIGRT(MIN|MAX)([+-]\d+)?$/.exec(name) ?? [];
  const first = realTime[edge];
  return first === undefined ? (name as NodeJS.Signals) : first + Number(offset);
}

/**
 * Sends a signal to a process of this pilot. Its number may have been given to somebody else: it tells whose it is. `signal`
 * is its name. Throws as `denied` what the kernel refuses.
 */
export function signalProcess(pid: number, id: string, signal: string): void {
  if (!isOf(pid, id)) return;
  try {
    process.kill(pid, kernelSignal(signal));
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return;
    throw new EngineError(
      'denied',
      `cannot send ${signal} to process ${pid} of container ${id}: ${codeOf(error)}`,
    );
  }
}

/**
 * The first process of a container: number 1 in the outermost of its name spaces (`NSpid` of proc(5)). With its end, the
 * kernel ends all others. Null where there is none.
 */
export function firstProcess(pids: readonly number[], id: string): number | null {
  const ranked = pids.flatMap((pid) => {
    const line = /^NSpid:\s+(.*)$/m.exec(held(`/proc/${pid}/status`) ?? '')?.[1];
    const numbers = line?.split(/\s+/) ?? [];
    return numbers.length > 1 && numbers.at(-1) === '1' && isOf(pid, id)
      ? [{ pid, depth: numbers.length }]
      : [];
  });
  const [first] = ranked.toSorted((a, b) => a.depth - b.depth);
  return first?.pid ?? null;
}

function isOf(pid: number, id: string): boolean {
  const groups = held(`/proc/${pid}/cgroup`);
  return groups !== null && new RegExp(`:/?.*${ownPath(id)}(?:/|$)`, 'm').test(groups);
}
