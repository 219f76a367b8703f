import { type Answer, ask, type Refused } from './ask.ts';
import { byId, el, setText } from './elements.ts';
import { createFleetCharts } from './fleetCharts.ts';
import { createTable } from './table.ts';
import type { FleetAnswer, FleetNode } from './told.ts';
import { clockText, numberText, orUnknown } from './words.ts';

const everyMs = 30_000;
const soonestMs = 1000;

/** The fleet, as the database that its nodes report to knows it. */
export interface FleetView {
  /** Begins to look, and goes on for as long as it is on the screen. */
  enter(): void;
  leave(): void;
}

/** Makes it, in its place on the page. */
export function createFleetView(): FleetView {
  const charts = createFleetCharts();
  byId('fleet-charts').append(...charts.figures);
  const table = nodesTable();
  byId('fleet-nodes').append(table.element);
  const tiles = createTiles();
  const name = byId('fleet-name') as HTMLInputElement;
  const state = byId('fleet-state') as HTMLSelectElement;
  let last: FleetAnswer | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [isHere, isAsking] = [false, false];

  const showNodes = (): void => {
    const wanted = name.value.trim().toLowerCase();
    table.show(
      (last?.nodes ?? []).filter(
        (node) =>
          node.node.toLowerCase().includes(wanted) && (state.value === '' || node.state === state.value),
      ),
    );
  };
  const show = (answer: Answer<FleetAnswer>): void => {
    byId('fleet-body').hidden = last === null;
    if (!answer.ok) {
      setText(byId('fleet-sentence'), refusalSentence(answer));
      setText(byId('fleet-source'), troubleText(answer));
      return;
    }
    const { nodes, source, askedMs } = answer.value;
    setText(byId('fleet-sentence'), fleetSentence(nodes));
    setText(byId('fleet-source'), `From ${source}, at ${clockText(askedMs, Date.now(), true)}`);
    tiles(nodes);
    charts.show(answer.value);
    showNodes();
  };
  const look = async (): Promise<void> => {
    clearTimeout(timer);
    if (isAsking || !isHere || document.hidden) return;
    isAsking = true;
    const answer = await ask<FleetAnswer>('api/fleet');
    isAsking = false;
    if (answer.ok) last = answer.value;
    show(answer);
    timer = setTimeout(() => void look(), waitMs(answer));
  };
  document.addEventListener('visibilitychange', () => void look());
  for (const field of [name, state]) field.addEventListener('input', showNodes);
  byId('fleet-filter').addEventListener('submit', (event) => event.preventDefault());
  return {
    enter() {
      isHere = true;
      void look();
    },
    leave() {
      isHere = false;
      clearTimeout(timer);
    },
  };
}

function waitMs(answer: Answer<FleetAnswer>): number {
  const wantedMs = answer.ok ? null : answer.retryAfterMs;
  return wantedMs === null ? everyMs : Math.min(everyMs, Math.max(soonestMs, wantedMs));
}

/** A database of many nodes takes a while; any other 503 is that of a proxy. */
function isBeingAsked({ status, retryAfterMs }: Refused): boolean {
  return status === 503 && retryAfterMs !== null;
}

function refusalSentence(refused: Refused): string {
  if (refused.status === 404) return 'This node knows of no fleet';
  return isBeingAsked(refused) ? 'The database is being asked' : 'The fleet cannot be told just now';
}

function troubleText(refused: Refused): string {
  const { status, text } = refused;
  if (isBeingAsked(refused)) return 'What it tells is shown as soon as it is there.';
  if (status === 0) return 'The daemon does not answer.';
  return text === '' ? `It answered ${status}.` : text;
}

function fleetSentence(nodes: readonly FleetNode[]): string {
  const count = (state: FleetNode['state']): number => nodes.filter((node) => node.state === state).length;
  const [draining, silent] = [count('draining'), count('silent')];
  const parts = [
    `${nodes.length - silent} of ${nodes.length} nodes report`,
    ...(draining === 0 ? [] : [`${draining} ${draining === 1 ? 'drains' : 'drain'}`]),
    ...(silent === 0 ? [] : [`${silent} ${silent === 1 ? 'is' : 'are'} silent`]),
  ];
  return nodes.length === 0 ? 'No node has reported yet' : parts.join(', ');
}

function createTiles(): (nodes: readonly FleetNode[]) => void {
  const make = (title: string): ((value: string, rest: string) => void) => {
    const [value, rest] = [el('b', {}, '–'), el('p')];
    byId('fleet-numbers').append(
      el('div', { class: 'tile' }, el('h3', {}, title), el('p', { class: 'big' }, value), rest),
    );
    return (text, more) => {
      setText(value, text);
      setText(rest, more);
    };
  };
  const [pilots, cpu, harvested, versions] = [
    make('Pilots'),
    make('CPUs for pilots'),
    make('CPU hours harvested today'),
    make('Versions'),
  ];
  return (nodes) => {
    const sum = (of: (node: FleetNode) => number | null): number =>
      nodes.reduce((all, node) => all + (of(node) ?? 0), 0);
    const heard = nodes.filter(({ state }) => state !== 'silent');
    const now = (of: (node: FleetNode) => number | null): number =>
      heard.reduce((all, node) => all + (of(node) ?? 0), 0);
    const kinds = new Map<string, number>();
    for (const { runningByKind } of heard)
      for (const [kind, count] of Object.entries(runningByKind))
        kinds.set(kind, (kinds.get(kind) ?? 0) + count);
    const byKind = [...kinds]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 4)
      .map(([kind, count]) => `${count} ${kind}`);
    pilots?.(String(now(({ running }) => running)), byKind.join(' · '));
    cpu?.(
      numberText(now(({ pilotsCpus }) => pilotsCpus)),
      `of ${numberText(now(({ cpus }) => cpus))} · owners ${numberText(now(({ ownerCpus }) => ownerCpus))}`,
    );
    harvested?.(
      numberText(sum(({ today }) => today.pilotsCpuHours)),
      `owners ${numberText(sum(({ today }) => today.ownerCpuHours))}`,
    );
    const told = new Map<string, number>();
    for (const { version } of nodes)
      told.set(version ?? 'unknown', (told.get(version ?? 'unknown') ?? 0) + 1);
    versions?.(
      String(told.size),
      [...told]
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, 3)
        .map(([version, count]) => `${version}: ${count}`)
        .join(' · '),
    );
  };
}

function nodesTable(): ReturnType<typeof createTable<FleetNode>> {
  const number = (title: string, of: (node: FleetNode) => number | null) => ({
    title,
    text: (node: FleetNode) => orUnknown(of(node), numberText),
    by: of,
    isNumber: true,
  });
  return createTable<FleetNode>({
    caption: 'Nodes of the fleet',
    key: ({ node }) => node,
    empty: 'No node is like this.',
    sorted: { title: 'Node', isDown: false },
    pageRows: 200,
    columns: [
      {
        title: 'Node',
        text: ({ node }) => node,
        by: ({ node }) => node,
        within: () => el('bdi', { class: 'name' }),
      },
      {
        title: 'State',
        text: ({ state }) => state,
        by: ({ state }) => state,
        mark: ({ state }) => state,
        within: () => el('span', { class: 'mark' }),
      },
      {
        title: 'Last heard',
        text: ({ lastSeenMs }) => clockText(lastSeenMs, Date.now(), true),
        by: ({ lastSeenMs }) => lastSeenMs,
        isNumber: true,
      },
      {
        title: 'Version',
        text: ({ version }) => version ?? 'unknown',
        by: ({ version }) => version,
        within: () => el('bdi', { class: 'name' }),
      },
      number('Pilots', ({ running }) => running),
      number('Limit', ({ limit }) => limit),
      number('CPUs', ({ cpus }) => cpus),
      number('Owner', ({ ownerCpus }) => ownerCpus),
      number('For pilots', ({ pilotsCpus }) => pilotsCpus),
      number('CPU hours today', ({ today }) => today.pilotsCpuHours),
      {
        title: 'By kind',
        text: ({ runningByKind }) =>
          Object.entries(runningByKind)
            .map(([kind, count]) => `${count} ${kind}`)
            .join(', '),
      },
    ],
  });
}
