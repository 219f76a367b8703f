import { basename } from 'node:path';
import { bytesText, hoursText, percentText, spanText } from '../decide/numbers.ts';
import { isoTime } from '../model/isoTime.ts';
import type { Harvest } from '../replay/harvest.ts';
import { columns } from './columns.ts';
import { localTime } from './historyOptions.ts';
import type { ReplayTold } from './replay.ts';

/** A replay for a program: hours, bytes, shares of 0 to 1. */
export function jsonOf({
  file,
  sinceMs,
  untilMs,
  recorded,
  inForce,
  proposed,
  lives,
  notes,
}: ReplayTold): string {
  const [since, until] = [isoTime(sinceMs), isoTime(untilMs)];
  return JSON.stringify({ file, since, until, recorded, inForce, proposed, lives, notes });
}

/** A replay for a person: what was, what either configuration would have had, and what is to be known of it. */
export function tableOf(told: ReplayTold): readonly string[] {
  const { recorded, inForce, proposed } = told;
  const title = `${localTime(told.sinceMs)} to ${localTime(told.untilMs)}, ${spanText(recorded.hours * 3_600_000)} of it recorded`;
  const rows = linesFor([recorded, inForce, proposed]).map(({ name, cells, change }) => [
    name,
    ...cells,
    change,
  ]);
  return [
    title,
    '',
    ...columns([['', 'RECORDED', 'IN FORCE', basename(told.file), 'CHANGE'], ...rows]),
    '',
    ...told.notes.map((note) => `- ${note}`),
  ];
}

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  readonly change: string;
}

type All = readonly [recorded: Harvest, inForce: Harvest, proposed: Harvest];

function linesFor(all: All): readonly Row[] {
  const number = (name: string, of: (one: Harvest) => number, text: (value: number) => string): Row => {
    const [recorded, before, after] = all.map(of) as [number, number, number];
    return { name, cells: [recorded, before, after].map(text), change: changeText(before, after) };
  };
  const whole = (value: number): string => String(value);
  const counts = (title: string, of: (one: Harvest) => Readonly<Record<string, number>>): readonly Row[] =>
    namesIn(all, of).map((name) => number(`${title}${name}`, (one) => of(one)[name] ?? 0, whole));
  const kinds = namesIn(all, (one) => one.kinds);
  return [
    number('CPU hours harvested', (one) => one.harvestedCpuHours, hoursText),
    share('  of those the owner left', all, (one) =>
      one.leftCpuHours === 0 ? null : one.harvestedCpuHours / one.leftCpuHours,
    ),
    number('CPU hours wasted', (one) => one.wastedCpuHours, hoursText),
    ...(kinds.length < 2
      ? []
      : kinds.map((kind) =>
          number(`  CPU hours of ${kind || 'no kind'}`, (one) => one.kinds[kind]?.cpuHours ?? 0, hoursText),
        )),
    number(
      'pilots that ran, mean',
      (one) => one.running,
      (value) => value.toFixed(2),
    ),
    number('pilots started', (one) => one.started, whole),
    ...counts('  ', (one) => one.ends),
    ...counts('  evicted for ', (one) => one.evictedBy),
    ...(all.some(({ outOfMemory }) => outOfMemory > 0)
      ? [number('  killed, out of memory', (one) => one.outOfMemory, whole)]
      : []),
    ...namesIn(all, (one) => one.refusedBy).map((rule) =>
      share(
        `one more refused by ${rule}`,
        all,
        (one) => (one.refusedBy as Record<string, number>)[rule] ?? 0,
      ),
    ),
    share('owner waited for pilots', all, (one) => one.ownerDelayShare),
    number('memory short at worst', (one) => one.worstShortBytes, bytesText),
  ];
}

/** A share of what there is; the change of one is told in points of a hundred. */
function share(name: string, all: All, of: (one: Harvest) => number | null): Row {
  const [recorded, before, after] = all.map(of) as [number | null, number | null, number | null];
  const text = (value: number | null): string => (value === null ? '-' : percentText(value));
  const points = before === null || after === null ? 0 : Math.round((after - before) * 1000) / 10;
  const change = points === 0 ? '' : `${points > 0 ? '+' : ''}${points} points`;
  return { name, cells: [recorded, before, after].map(text), change };
}

function changeText(before: number, after: number): string {
  if (before === after) return '';
  if (before === 0) return 'new';
  const change = after / before - 1;
  return Math.abs(change) < 5e-4 ? '' : `${change > 0 ? '+' : '-'}${percentText(Math.abs(change))}`;
}

/** The names that any of them has, the one of the most first. */
function namesIn(all: All, of: (one: Harvest) => Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set(all.flatMap((one) => Object.keys(of(one))))];
}
