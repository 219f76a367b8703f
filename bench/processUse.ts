import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process takes of the machine. */
export interface ProcessUse {
  /** User and system time since it began, milliseconds; the kernel tells it in ticks of 10 ms. */
  readonly cpuMs: number;
  /** Resident: every page of it that is in memory, shared ones included. */
  readonly residentBytes: number;
  /** The part of the resident that no file backs: what it would not share with another Node. */
  readonly anonymousBytes: number;
  /** The proportional set: each shared page divided by the number of its users. */
  readonly proportionalBytes: number;
}

/** CPU ticks of `/proc/PID/stat`, fields 14 and 15 (proc(5)); the command in parentheses may hold anything. */
export function cpuTicksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new RangeError(`no CPU time in: ${stat}`);
  return ticks;
}

/** A line such as `VmRSS:   1234 kB` of a file of `/proc` (proc(5)), in bytes. */
export function sizeOf(text: string, key: string): number {
  const kibibytes = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (kibibytes === undefined) throw new RangeError(`no line ${key} in kB`);
  return Number(kibibytes) * 1024;
}

let ticksPerSecond: number | null = null;

/** Reads what a process takes now. Throws when it has ended. */
export function readProcessUse(pid: number): ProcessUse {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuMs: (cpuTicksOf(readFileSync(`/proc/${pid}/stat`, 'utf8')) * 1000) / ticksPerSecond,
    residentBytes: sizeOf(status, 'VmRSS'),
    anonymousBytes: sizeOf(status, 'RssAnon'),
    proportionalBytes: sizeOf(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss'),
  };
}
