import type { GoneKind, KindsAnswer } from '../daemon/kindsAnswer.ts';
import type { KindStanding } from '../decide/kindStandings.ts';
import { percentText } from '../decide/numbers.ts';
import type { Places } from '../model/places.ts';
import { columns } from './columns.ts';
import { askOrSay } from './ps.ts';
import { type Paint, painter, plain } from './terminal.ts';
import { kindStyle } from './topTables.ts';

/** Prints how each kind fares; 1 when no daemon answers: then `written` gives what the configuration says of them. */
export async function kinds(
  places: Places,
  asJson: boolean,
  written: (places: Places) => Promise<readonly string[]>,
): Promise<number> {
  const answer = (await askOrSay(places, '/kinds', asJson)) as KindsAnswer | null;
  if (answer !== null && !asJson)
    process.stdout.write(`${kindsText(answer, painter(process.stdout)).join('\n')}\n`);
  if (answer === null && !asJson) for (const line of await written(places)) process.stdout.write(`${line}\n`);
  return answer === null ? 1 : 0;
}

const head = ['KIND', 'STATE', 'RUNNING', 'SHARE WANTED', 'GOT', ''];

/** The kinds as a table, in the order of the configuration. */
export function kindsText(answer: KindsAnswer, paint: Paint = plain): readonly string[] {
  const rows = answer.kinds.map((kind) => (kind.state === 'gone' ? goneRow(kind) : rowOf(kind)));
  return columns([head, ...rows], undefined, (cell, column) => {
    const style = column === head.indexOf('STATE') ? kindStyle(cell) : undefined;
    return style === undefined ? cell : paint(style, cell);
  });
}

function rowOf(kind: KindStanding): readonly string[] {
  const running = kind.max === null ? String(kind.running) : `${kind.running} of ${kind.max}`;
  const got = kind.gotShare === null ? '-' : percentText(kind.gotShare);
  const remark = [
    ...(kind.reason === '' ? [] : [kind.reason]),
    ...(kind.toRenew === 0 ? [] : [`${kind.toRenew} to be renewed`]),
  ];
  return [kind.name, kind.state, running, percentText(kind.wantedShare), got, remark.join('; ')];
}

function goneRow({ name, running }: GoneKind): readonly string[] {
  const remark = 'the configuration has no such kind: its pilots go as they end';
  return [name ?? '-', 'gone', String(running), '-', '-', remark];
}
