import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pilotPrefix } from '../daemon/ownership.ts';
import type { PsAnswer } from '../daemon/psAnswer.ts';
import { type ContainerSummary, EngineError } from '../model/engine.ts';
import type { Places } from '../model/places.ts';
import { UserFault } from './fault.ts';
import { findDaemon } from './findDaemon.ts';
import { openOutput, type Output } from './logOutput.ts';
import { pilotMeant } from './pilotNames.ts';
import { ask } from './statusClient.ts';
import { engineOf, engineSettings } from './theEngine.ts';

/** What a shell expects of a command that ended by Ctrl-C. */
const interrupted = 130;
const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** One pilot whose log there is. */
interface Found {
  readonly name: string;
  /** Its container, while the engine has it. */
  readonly id: string | null;
}

/**
 * Prints what a pilot wrote: one that the engine has, through the engine, and with `follow` until its end; one that has
 * ended, as it was kept. Throws `UserFault` where there is none of this name, or several.
 */
export async function logs(places: Places, written: string, follow: boolean): Promise<number> {
  const left = new AbortController();
  let code = 0;
  const leave = (): void => {
    code = interrupted;
    left.abort();
  };
  for (const signal of signals) process.on(signal, leave);
  const output = openOutput(() => left.abort());
  try {
    const found = await find(places, written, left.signal);
    if (found.id === null || !(await printed(places, found.id, follow, output, left.signal)))
      await output.file(keptLog(places, found.name), noLog(found.name, places), left.signal);
  } catch (error) {
    if (!left.signal.aborted) throw error instanceof EngineError ? new UserFault(error.message) : error;
  } finally {
    for (const signal of signals) process.removeListener(signal, leave);
  }
  return code;
}

async function find(places: Places, written: string, signal: AbortSignal): Promise<Found> {
  const there = await runningPilots(places, signal);
  const names = [...new Set([...there.pilots.map(({ name }) => name), ...keptNames(places)])];
  const name = pilotMeant(written, names);
  if (name !== null) return { name, id: there.pilots.find((one) => one.name === name)?.id ?? null };
  const why = there.why === '' ? '' : ` (${there.why})`;
  throw new UserFault(
    `there is no pilot ${written}, neither in the engine${why} nor in ${keptFolder(places)}`,
  );
}

/** The pilots that the engine has, by the daemon's word, or by the engine's own where no daemon answers. */
async function runningPilots(
  places: Places,
  signal: AbortSignal,
): Promise<{ readonly pilots: readonly Pick<ContainerSummary, 'id' | 'name'>[]; readonly why: string }> {
  const answer = (await findDaemon(places)) === null ? null : ((await ask(places, '/ps')) as PsAnswer | null);
  if (answer !== null) return { pilots: answer.pilots, why: '' };
  try {
    const { engine } = await engineOf(engineSettings(places), signal);
    return { pilots: await engine.list({ namePrefix: pilotPrefix }, signal), why: '' };
  } catch (error) {
    return { pilots: [], why: error instanceof Error ? error.message : String(error) };
  }
}

/** False where the engine does not have it any more: it has ended meanwhile. */
async function printed(
  places: Places,
  id: string,
  follow: boolean,
  output: Output,
  signal: AbortSignal,
): Promise<boolean> {
  const { engine } = await engineOf(engineSettings(places), signal);
  try {
    await engine.logs(id, { follow, tailBytes: null }, (stream, bytes) => output.take(stream, bytes), signal);
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.fault === 'not-found') return false;
    throw error;
  }
}

const keptFolder = ({ logFolder }: Places): string => join(logFolder, 'pilots');
const keptLog = (places: Places, name: string): string => join(keptFolder(places), `${name}.log`);

function keptNames(places: Places): readonly string[] {
  try {
    return readdirSync(keptFolder(places)).flatMap((file) =>
      file.endsWith('.log') ? [file.slice(0, -'.log'.length)] : [],
    );
  } catch {
    return [];
  }
}

function noLog(name: string, places: Places): string {
  return `pilot ${name} has ended, and ${keptLog(places, name)} is not there: its log was not kept, or not for so long`;
}
