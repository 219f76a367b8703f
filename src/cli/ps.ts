import type { PilotAnswer, PsAnswer } from '../daemon/psAnswer.ts';
import { bytesText, spanText } from '../decide/numbers.ts';
import type { Places } from '../model/places.ts';
import { columns } from './columns.ts';
import { findDaemon } from './findDaemon.ts';
import { ask } from './statusClient.ts';
import { remarkOf } from './topTables.ts';

/** Prints the pilots; 1 when no daemon answers. */
export async function ps(places: Places, asJson: boolean): Promise<number> {
  const answer = (await askOrSay(places, '/ps', asJson)) as PsAnswer | null;
  if (answer === null) return 1;
  if (!asJson) process.stdout.write(`${psText(answer).join('\n')}\n`);
  return 0;
}

/** Asks the daemon; without an answer it is said why there is none. With `asJson` whatever came is printed, null too. */
export async function askOrSay(places: Places, what: '/ps' | '/kinds', asJson: boolean): Promise<unknown> {
  const pid = await findDaemon(places);
  const answer = pid === null ? null : await ask(places, what);
  if (asJson) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else if (pid === null) process.stderr.write('Not running\n');
  else if (answer === null)
    process.stderr.write(
      `PID ${pid} does not answer: it is busy or just starting, of another version, or not yours to ask\n`,
    );
  return answer;
}

const head = ['PILOT', 'KIND', 'STATE', 'RUNNING FOR', 'CPUS', 'MEMORY', 'TIME LEFT', ''];

/** The pilots as a table, those that run longest first. */
export function psText({ pilots }: PsAnswer): readonly string[] {
  if (pilots.length === 0) return ['No pilots'];
  const rows = pilots
    .toSorted((a, b) => (b.ageSeconds ?? -1) - (a.ageSeconds ?? -1) || (a.name < b.name ? -1 : 1))
    .map(rowOf);
  return columns([head, ...rows]);
}

function rowOf(pilot: PilotAnswer): readonly string[] {
  const { name, kind, state, ageSeconds, cpus, memoryBytes, ttlLeftSeconds } = pilot;
  const or = <T>(value: T | null, text: (value: T) => string): string => (value === null ? '-' : text(value));
  const span = (seconds: number): string => spanText(seconds * 1000);
  return [
    name,
    kind ?? '-',
    state,
    or(ageSeconds, span),
    or(cpus, (value) => value.toFixed(2)),
    or(memoryBytes, bytesText),
    or(ttlLeftSeconds, span),
    remarkOf(pilot),
  ];
}
