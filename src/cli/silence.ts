import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from '../model/places.ts';

/** Why a daemon that runs does not answer, as far as the kernel tells, and what to do. */
export function whySilent(pid: number, { runFolder }: Places): string {
  const state = stateOf(pid);
  if (state === 'T' || state === 't') return `it was stopped (SIGSTOP); kill -CONT ${pid} has it go on`;
  if (state === 'D') return 'it waits for a disk or a device';
  const socket = join(runFolder, 'plancton.sock');
  const fault = faultOf(socket);
  if (fault === 'EACCES')
    return `it is not yours to ask: ${socket} is for its own user and root, run as one of them`;
  if (fault === 'ENOENT')
    return `it is just starting, or ${socket} was removed (planctonctl stop and start bring it back)`;
  return 'it is busy or just starting, or of another version';
}

/** The letter that proc(5) has for the state of a process; empty where there is none. */
function stateOf(pid: number): string {
  try {
    return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

function faultOf(path: string): string | null {
  try {
    accessSync(path, constants.W_OK);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}
