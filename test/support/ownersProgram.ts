import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

/** A program beside which no pilot runs: `sleep` under a name that nothing else on the machine has. */
export const ownersProgram = 'plancton-game';

/** Starts it; its file is put into `folder`. */
export function play(folder: string): ChildProcess {
  const file = join(folder, ownersProgram);
  copyFileSync('/bin/sleep', file);
  return spawn(file, ['1000'], { stdio: 'ignore' });
}
