import type { PilotAnswer, PsAnswer } from '../daemon/psAnswer.ts';
import { bytesText, spanText } from '../decide/numbers.ts';
import type { Places } from '../model/places.ts';
import { columns } from './columns.ts';
import { findDaemon } from './findDaemon.ts';
import { type KnownBefore, knownBefore } from './leftBehind.ts';
import { whySilent } from './silence.ts';
import { ask } from './statusClient.ts';
import { type Paint, painter, plain } from './terminal.ts';
import { pilotStyle, remarkOf } from './topTables.ts';

/** Prints the pilots; 1 when no daemon answers. */
export async function ps(places: Places, asJson: boolean): Promise<number> {
  const answer = (await askOrSay(places, '/ps', asJson)) as PsAnswer | null;
  if (answer !== null && !asJson)
    process.stdout.write(`${psText(answer, painter(process.stdout)).join('\n')}\n`);
  if (answer === null && !asJson)
    for (const line of knownText(knownBefore(places), Date.now())) process.stdout.write(`${line}\n`);
  return answer === null ? 1 : 0;
}

/** The pilots as the daemon that does not answer last knew them; nothing where there never was one. */
export function knownText(
  { pilots, file, fault, isOfAnotherBoot }: KnownBefore,
  nowMs: number,
): readonly string[] {
  if (pilots === null) return fault === '' ? [] : [fault];
  if (isOfAnotherBoot) return [`No pilots: the node was started since ${file} was written`];
  if (pilots.length === 0) return [`No pilots, by what the daemon last knew (${file})`];
  const rows = pilots.map(({ name, kind, startedAtWallMs }) => [
    name,
    kind ?? '-',
    startedAtWallMs === null ? '-' : spanText(nowMs - startedAtWallMs),
  ]);
  return [
    `These ran by what the daemon last knew (${file}); some may have ended since:`,
    ...columns([['PILOT', 'KIND', 'STARTED BEFORE'], ...rows]),
  ];
}

/** Asks the daemon; without an answer it is said why there is none. With `asJson` whatever came is printed, null too. */
export async function askOrSay(places: Places, what: '/ps' | '/kinds', asJson: boolean): Promise<unknown> {
  const pid = await findDaemon(places);
  const answer = pid === null ? null : await ask(places, what);
  if (asJson) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else if (pid === null) process.stderr.write('Not running\n');
  else if (answer === null) process.stderr.write(`PID ${pid} does not answer: ${whySilent(pid, places)}\n`);
  return answer;
}

const head = ['PILOT', 'KIND', 'STATE', 'RUNNING FOR', 'CPUS', 'MEMORY', 'TIME LEFT', ''];

/** The pilots as a table, those that run longest first. */
export function psText({ pilots }: PsAnswer, paint: Paint = plain): readonly string[] {
  if (pilots.length === 0) return ['No pilots'];
  const sorted = pilots.toSorted(
    (a, b) => (b.ageSeconds ?? -1) - (a.ageSeconds ?? -1) || (a.name < b.name ? -1 : 1),
  );
  return columns([head, ...sorted.map(rowOf)], undefined, (cell, column) =>
    column === head.indexOf('STATE') ? paint(pilotStyle(cell), cell) : cell,
  );
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
