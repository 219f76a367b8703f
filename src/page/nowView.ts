import { bytesText, percentText } from '../decide/numbers.ts';
import { byId, el, setText, setWidth } from './elements.ts';
import { endedCounts, harvestedHours } from './shape.ts';
import type { NodeFacts, RingSeries, WhyAnswer } from './told.ts';
import { numberText, orDash, orUnknown, outcomeWord, sentence } from './words.ts';

/** What the node does now, on one look. */
export interface NowView {
  show(facts: NodeFacts | null, why: WhyAnswer | null): void;
  /** What came of the time that is looked at. */
  showSpan(series: RingSeries, hours: number): void;
}

/** A number large enough for a wall, with what it is and what belongs to it. */
interface Tile {
  readonly element: HTMLElement;
  tell(value: string, unit: string, rest: string): void;
}

function tile(title: string, ...more: readonly HTMLElement[]): Tile {
  const [value, unit, rest] = [el('b', {}, '–'), el('span'), el('p')];
  const element = el(
    'div',
    { class: 'tile' },
    el('h3', {}, title),
    el('p', { class: 'big' }, value, ' ', unit),
    ...more,
    rest,
  );
  return {
    element,
    tell(number, ofWhat, text) {
      setText(value, number);
      setText(unit, ofWhat);
      setText(rest, text);
    },
  };
}

/** A bar of the owner’s part and the pilots’; the text beside it says the same. */
function shareBar(): { element: HTMLElement; tell(owner: number, pilots: number): void } {
  const [owner, pilots] = [el('span', { class: 'is-owner' }), el('span', { class: 'is-pilots' })];
  return {
    element: el('div', { class: 'share', 'aria-hidden': 'true' }, owner, pilots),
    tell(ownerShare, pilotsShare) {
      setWidth(owner, ownerShare);
      setWidth(pilots, pilotsShare);
    },
  };
}

/** Makes it, in its place on the page. */
export function createNowView(): NowView {
  const [cpuBar, memoryBar] = [shareBar(), shareBar()];
  const pilots = tile('Pilots');
  const cpu = tile('CPU for pilots', cpuBar.element);
  const memory = tile('Memory available', memoryBar.element);
  const waits = tile('Owner waits for CPU');
  const had = tile('CPU time harvested');
  const ended = tile('Pilots that ended');
  byId('numbers').append(...[pilots, cpu, memory, waits, had, ended].map(({ element }) => element));
  return {
    show(facts, why) {
      if (facts === null) {
        setText(byId('sentence'), 'The daemon has just begun: it has not looked at the node yet');
        setText(byId('reason'), '');
        return;
      }
      const { node, slots, kinds, pressure } = facts;
      setText(byId('sentence'), sentence(facts));
      setText(byId('reason'), reasonText(facts, why));
      const sum = (state: 'running' | 'paused' | 'starting' | 'prepared'): number =>
        kinds.reduce((all, one) => all + one.pilots[state], 0);
      const [paused, starting] = [sum('paused'), sum('starting')];
      const others = [
        `${paused} paused`,
        `${starting} starting`,
        ...(slots.unmanaged === 0 ? [] : [`${slots.unmanaged} not ours`]),
      ];
      pilots.tell(String(sum('running') + paused), `of ${slots.limit}`, others.join(' · '));
      const owner = orUnknown(node.ownerCpus, numberText);
      cpu.tell(
        orUnknown(node.pilotsCpus, numberText),
        `of ${node.cpus} CPUs`,
        `owner ${owner}${idleText(node)}`,
      );
      cpuBar.tell((node.ownerCpus ?? 0) / node.cpus, (node.pilotsCpus ?? 0) / node.cpus);
      const total = node.memoryTotalBytes;
      memory.tell(
        orDash(node.memoryAvailableBytes, gigabytes),
        total === null ? '' : `of ${gigabytes(total)} GB`,
        `owner ${orUnknown(node.ownerMemoryBytes, bytesText)} · pilots ${orUnknown(node.pilotsMemoryBytes, bytesText)}`,
      );
      memoryBar.tell(
        (node.ownerMemoryBytes ?? 0) / (total ?? 1),
        (node.pilotsMemoryBytes ?? 0) / (total ?? 1),
      );
      waits.tell(
        orDash(pressure.cpu, percentText),
        pressure.cpu === null ? 'not told' : 'of the time',
        `memory ${orUnknown(pressure.memory, percentText)} · storage ${orUnknown(pressure.io, percentText)}`,
      );
    },
    showSpan(series, hours) {
      const cpuHours = harvestedHours(series);
      const within = `in ${hours} h`;
      had.tell(orDash(cpuHours, numberText), 'CPU hours', within);
      const counts = endedCounts(series);
      const all = Object.values(counts).reduce((sum, one) => sum + one, 0);
      const parts = Object.entries(counts).flatMap(([outcome, count]) =>
        count === 0 ? [] : [`${count} ${outcomeWord(outcome)}`],
      );
      ended.tell(String(all), within, parts.join(' · '));
    },
  };
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}

function idleText({ cpus, ownerCpus, pilotsCpus }: NodeFacts['node']): string {
  if (ownerCpus === null || pilotsCpus === null) return '';
  return ` · idle ${numberText(Math.max(0, cpus - ownerCpus - pilotsCpus))}`;
}

/** Why there is not one more, in the words of `planctonctl why`; that all may run that run is no reason. */
function reasonText({ slots, dryRun }: NodeFacts, why: WhyAnswer | null): string {
  const [first] = why?.more ?? [];
  if (slots.refusal === null || slots.refusal === 'limit' || first === undefined)
    return dryRun ? 'Everything is decided and told, nothing is done.' : '';
  const said = first.startsWith(`${slots.refusal}: `) ? first.slice(slots.refusal.length + 2) : first;
  return `No further pilot: ${said}`;
}
