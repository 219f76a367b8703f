import { join } from 'node:path';
import type { CpuClass } from '../model/means.ts';
import { held, writeAndRead } from './kernelValue.ts';

/** A file of the CPU controller, and what it holds for a guest and for an equal. */
interface Knob {
  readonly file: string;
  readonly guest: string;
  /** The kernel's default, at which the group weighs as much as any other one. */
  readonly equal: string;
}

/** The idle class (Linux 5.15): the group runs when nobody else on the CPU wants to. */
const idle: Knob = { file: 'cpu.idle', guest: '1', equal: '0' };
/** The smallest weight of cgroup v1, and of v2. */
const weights: readonly Knob[] = [
  { file: 'cpu.shares', guest: '2', equal: '1024' },
  { file: 'cpu.weight', guest: '1', equal: '100' },
];

/** What was had of a class, and how to leave it for a moment and come back. */
export interface HadClass {
  readonly cpuClass: CpuClass;
  /** Which file holds it, and why it is less than what was asked for. */
  readonly detail: string;
  /** Make the group everybody's equal, and a guest again; null for a group that is an equal anyway. */
  readonly lift: { readonly up: () => void; readonly down: () => void } | null;
}

/**
 * Puts the group whose CPU controller files are in this folder into a class, or into the next best one that the kernel
 * has. What was written is read back; what is so already is not written. Never throws.
 */
export function setCpuClass(folder: string, asked: CpuClass): HadClass {
  const knobs = asked === 'idle' ? [idle, ...weights] : asked === 'low' ? weights : [];
  // The kernel takes no weight from a group in the idle class.
  if (asked !== 'idle') writeAndRead(join(folder, idle.file), idle.equal);
  for (const knob of knobs) {
    const file = join(folder, knob.file);
    if (!writeAndRead(file, knob.guest)) continue;
    const lift = { up: () => writeAndRead(file, knob.equal), down: () => writeAndRead(file, knob.guest) };
    if (knob === idle) return { cpuClass: 'idle', detail: file, lift };
    return { cpuClass: 'low', detail: asked === 'idle' ? `${file}; ${whyNotIdle(folder)}` : file, lift };
  }
  if (asked !== 'normal')
    return { cpuClass: 'normal', detail: `${folder} has no weight that can be set`, lift: null };
  for (const { file, equal } of weights) writeAndRead(join(folder, file), equal);
  const cpuClass = readCpuClass(folder);
  const detail = cpuClass === 'normal' ? 'as everybody else' : `${folder} keeps a smaller weight`;
  return { cpuClass, detail, lift: null };
}

/** The class that a group is in now. A folder without such files is in none. */
export function readCpuClass(folder: string): CpuClass {
  if (held(join(folder, idle.file)) === idle.guest) return 'idle';
  return weights.some(({ file, guest }) => held(join(folder, file)) === guest) ? 'low' : 'normal';
}

function whyNotIdle(folder: string): string {
  return held(join(folder, idle.file)) === null
    ? 'the kernel has no idle class for groups (Linux 5.15 has)'
    : 'the kernel refused the idle class';
}
