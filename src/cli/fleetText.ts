import { counted } from '../decide/numbers.ts';
import type { FleetAnswer, FleetDay, FleetNode, FleetStep } from '../model/fleet.ts';
import { escapeUnprintable } from '../record/oneLine.ts';
import { columns } from './columns.ts';
import { localTime } from './historyOptions.ts';
import { sparkline } from './sparkline.ts';

const heads = ['NODE', 'STATE', 'VERSION', 'PILOTS', 'KINDS', 'CPUS', 'OWNER', 'USED', 'TODAY h', 'STARTED'];
const toTheRight: ReadonlySet<number> = new Set([3, 5, 6, 7, 8, 9]);
/** Nodes name themselves: a name may be anything. */
const longestName = 60;
const sparkWidth = 48;

/** Nodes as a table, one in a line, and all of them in the last one. `limit` of them are shown at most. */
export function nodeLines(nodes: readonly FleetNode[], limit: number): readonly string[] {
  const shown = nodes.slice(0, limit);
  const hidden = nodes.length - shown.length;
  const more = hidden === 0 ? [] : [[`… ${hidden} more`]];
  return columns([[...heads, 'ENDED'], ...shown.map(rowOf), ...more, totalRow(nodes)], toTheRight);
}

function rowOf(node: FleetNode): readonly string[] {
  return [
    nameText(node.node),
    stateText(node),
    node.version === null ? '-' : nameText(node.version),
    `${countText(node.running)}/${countText(node.limit)}`,
    countsText(node.runningByKind),
    countText(node.cpus),
    cpusText(node.ownerCpus),
    cpusText(node.pilotsCpus),
    hoursText(node.today.pilotsCpuHours),
    countText(node.today.started),
    countsText(node.today.endedByOutcome),
  ];
}

function stateText({ state, lastSeenMs, engineAnswers }: FleetNode): string {
  if (state === 'silent') return `silent since ${localTime(lastSeenMs).slice(0, -3)}`;
  return engineAnswers === false ? `${state}, no engine` : state;
}

/** Silent nodes count as silent, and with what they did today; what they last said of themselves holds no more. */
function totalRow(nodes: readonly FleetNode[]): readonly string[] {
  const heard = nodes.filter(({ state }) => state !== 'silent');
  const states = countsText(tallyOf(nodes.map(({ state }) => [state, 1])));
  const versions = new Set(heard.flatMap(({ version }) => version ?? []));
  const [version = '-'] = versions;
  return [
    counted(nodes.length, 'node'),
    states,
    versions.size > 1 ? `${versions.size} versions` : nameText(version),
    `${countText(sumOf(heard, ({ running }) => running))}/${countText(sumOf(heard, ({ limit }) => limit))}`,
    countsText(tallyOf(heard.flatMap(({ runningByKind }) => Object.entries(runningByKind)))),
    countText(sumOf(heard, ({ cpus }) => cpus)),
    cpusText(sumOf(heard, ({ ownerCpus }) => ownerCpus)),
    cpusText(sumOf(heard, ({ pilotsCpus }) => pilotsCpus)),
    hoursText(sumOf(nodes, ({ today }) => today.pilotsCpuHours)),
    countText(sumOf(nodes, ({ today }) => today.started)),
    countsText(tallyOf(nodes.flatMap(({ today }) => Object.entries(today.endedByOutcome)))),
  ];
}

/** Null where it is known of none. */
function sumOf(nodes: readonly FleetNode[], of: (node: FleetNode) => number | null): number | null {
  let sum: number | null = null;
  for (const node of nodes) {
    const value = of(node);
    if (value !== null) sum = (sum ?? 0) + value;
  }
  return sum;
}

function tallyOf(pairs: readonly (readonly [string, number])[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const [name, count] of pairs) sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums);
}

/** The days that were asked for, one in a line. */
export function dayLines({ days = [] }: FleetAnswer): readonly string[] {
  if (days.length === 0) return [];
  const head = ['DAY', "PILOTS' CPU h", "OWNERS' CPU h", 'STARTED', 'ENDED'];
  const rows = days.map((day) => [
    localTime(day.fromMs).slice(0, 10),
    hoursText(day.pilotsCpuHours),
    hoursText(day.ownerCpuHours),
    countText(day.started),
    countsText(day.endedByOutcome),
  ]);
  return [...columns([head, ...rows], new Set([1, 2, 3])), ''];
}

/** The last 24 hours of the whole fleet, as small graphs from 0 to their largest, and that. */
export function courseLines({ course }: FleetAnswer, isUnicode: boolean): readonly string[] {
  const rows: readonly (readonly [string, (step: FleetStep) => number | null])[] = [
    ['nodes', ({ nodes }) => nodes],
    ['pilots', ({ running }) => running],
    ["pilots' CPUs", ({ pilotsCpus }) => pilotsCpus],
    ["owners' CPUs", ({ ownerCpus }) => ownerCpus],
  ];
  const lines = rows.flatMap(([name, of]) => {
    const values = course.map(of);
    const most = Math.max(...values.map((value) => value ?? 0));
    if (values.every((value) => value === null)) return [];
    return [[name, sparkline(values, sparkWidth, isUnicode), `at most ${most.toFixed(1).replace('.0', '')}`]];
  });
  return lines.length === 0 ? [] : [...columns([['LAST 24 h', '', ''], ...lines]), ''];
}

function nameText(name: string): string {
  const plain = Array.from(escapeUnprintable(name));
  if (plain.length === 0) return '-';
  return plain.length <= longestName ? plain.join('') : `${plain.slice(0, longestName - 1).join('')}…`;
}

/** `atlas 2, cms 1`: the largest first, without those of which there is none. */
function countsText(counts: FleetDay['endedByOutcome']): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  const parts = some
    .toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .map(([name, count]) => `${nameText(name)} ${Math.round(count)}`);
  return parts.length === 0 ? '-' : parts.join(', ');
}

function countText(count: number | null): string {
  return count === null ? '-' : String(Math.round(count));
}

function cpusText(cpus: number | null): string {
  return cpus === null ? '-' : cpus.toFixed(2);
}

function hoursText(hours: number | null): string {
  return hours === null ? '-' : hours.toFixed(1);
}
