import type { FleetAnswer, FleetNode } from '../model/fleet.ts';
import { UserFault } from './fault.ts';
import type { FleetOptions } from './fleetOptions.ts';

const states = ['alive', 'draining', 'silent'] as const;

/** What nodes may be sorted by: names from the first, numbers from the largest; what is unknown comes last. */
const orders: Readonly<Record<string, (node: FleetNode) => string | number | null>> = {
  node: ({ node }) => node,
  state: ({ state }) => state,
  seen: ({ lastSeenMs }) => lastSeenMs,
  version: ({ version }) => version,
  running: ({ running }) => running,
  limit: ({ limit }) => limit,
  cpus: ({ cpus }) => cpus,
  owner: ({ ownerCpus }) => ownerCpus,
  pilots: ({ pilotsCpus }) => pilotsCpus,
  today: ({ today }) => today.pilotsCpuHours,
  started: ({ today }) => today.started,
};

/** The nodes that are wanted, in the order that is wanted. Throws `UserFault` on what cannot be understood. */
export function chosenNodes({ nodes }: FleetAnswer, options: FleetOptions): readonly FleetNode[] {
  const { sort = 'node' } = options;
  const by = Object.hasOwn(orders, sort) ? orders[sort] : undefined;
  if (by === undefined)
    throw new UserFault(
      `--sort: there is no ${JSON.stringify(sort)}; any of ${Object.keys(orders).join(', ')}`,
    );
  // They come by name, which stays the order of those that are alike.
  return nodes.filter(filterOf(options)).toSorted((a, b) => compared(by(a), by(b)));
}

/** Whether these options leave nodes out. */
export function isFiltered({ state, node, kind }: FleetOptions): boolean {
  return state !== undefined || node !== undefined || kind !== undefined;
}

/** Checks what can be checked before anybody is asked. Throws `UserFault`. */
export function checkChoice(options: FleetOptions): void {
  chosenNodes({ askedMs: 0, source: '', nodes: [], course: [] }, options);
}

function filterOf({ state, node, kind }: FleetOptions): (one: FleetNode) => boolean {
  if (state !== undefined && !states.some((known) => known === state))
    throw new UserFault(`--state: there is no ${JSON.stringify(state)}; any of ${states.join(', ')}`);
  const name = node === undefined ? null : patternOf(node);
  return (one) =>
    (state === undefined || one.state === state) &&
    (name === null || name.test(one.node)) &&
    (kind === undefined || Object.hasOwn(one.runningByKind, kind));
}

/** `*` stands for any characters, `?` for one. */
function patternOf(glob: string): RegExp {
  const parts = glob.replaceAll(/\*+/g, '*').split(/([*?])/);
  const text = parts.map((part) =>
    part === '*' ? '.*' : part === '?' ? '.' : part.replaceAll(/[$()*+./?[\\\]^{|}-]/g, '\\$&'),
  );
  return new RegExp(`^${text.join('')}$`, 'su');
}

function compared(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return b - a;
  return a === b ? 0 : a < b ? -1 : 1;
}
