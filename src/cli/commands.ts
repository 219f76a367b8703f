import type { Places } from '../model/places.ts';
import { leave, lift } from './controls.ts';
import { findDaemon } from './findDaemon.ts';
import { leftBehind } from './leftBehind.ts';
import { whySilent } from './silence.ts';
import { startDaemon } from './startDaemon.ts';
import { askStatus } from './statusClient.ts';
import { statusText } from './statusText.ts';
import { painter } from './terminal.ts';

/** Each command resolves to its exit code. */
export async function start(places: Places): Promise<number> {
  const { pid, already } = await startDaemon(places);
  process.stdout.write(already ? `Already running with PID ${pid}\n` : `Running with PID ${pid}\n`);
  return 0;
}

export async function forceStart(places: Places): Promise<number> {
  resume(places);
  return start(places);
}

export function drain(places: Places): number {
  leave(places, 'drain');
  return 0;
}

export function drainStop(places: Places): number {
  // Alone it does nothing: where it cannot be left, nothing is changed.
  leave(places, 'stop');
  leave(places, 'drain');
  return 0;
}

/** Lifts what can be lifted, whatever is in the way of the other one; throws the first fault then. */
export function resume(places: Places): number {
  const [first] = (['stop', 'drain'] as const).flatMap((name) => {
    try {
      lift(places, name);
      return [];
    } catch (error) {
      return [error as Error];
    }
  });
  if (first !== undefined) throw first;
  return 0;
}

export async function status(places: Places, asJson: boolean): Promise<number> {
  const pid = await findDaemon(places);
  const answer = pid === null ? null : await askStatus(places);
  if (asJson) {
    process.stdout.write(`${JSON.stringify(answer ?? { running: pid !== null, pid })}\n`);
    return pid === null ? 1 : 0;
  }
  process.stderr.write(pid === null ? 'Not running\n' : `Running with PID ${pid}\n`);
  if (answer !== null) process.stdout.write(`${statusText(answer, Date.now(), painter(process.stdout))}\n`);
  else if (pid !== null) process.stderr.write(`It does not tell its status: ${whySilent(pid, places)}\n`);
  else for (const line of leftBehind(places, Date.now())) process.stdout.write(`${line}\n`);
  return pid === null ? 1 : 0;
}
