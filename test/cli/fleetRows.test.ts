import { describe, expect, it } from 'vitest';
import type { FleetOptions } from '../../src/cli/fleetOptions.ts';
import { chosenNodes } from '../../src/cli/fleetRows.ts';
import { blankNode, fleetNode, fleetOf } from './fleetNode.ts';

const fleet = fleetOf([
  fleetNode({ node: 'a.b' }),
  fleetNode({ node: 'aXb', state: 'draining', running: 9, version: '1.2.4' }),
  blankNode('blank'),
  fleetNode({ node: 'c', pilotsCpus: 9, runningByKind: { cms: 0, __proto__: 1 } }),
]);
const names = (options: FleetOptions): string[] => chosenNodes(fleet, options).map(({ node }) => node);

describe('the nodes that are wanted', () => {
  it.each<[FleetOptions, string]>([
    [{}, 'a.b aXb blank c'],
    [{ state: 'silent' }, 'blank'],
    [{ node: 'a.b' }, 'a.b'],
    [{ node: 'a?b' }, 'a.b aXb'],
    [{ node: '*b*' }, 'a.b aXb blank'],
    [{ node: '****' }, 'a.b aXb blank c'],
    [{ node: 'B*' }, ''],
    [{ node: '' }, ''],
    [{ kind: 'atlas' }, 'a.b aXb'],
    [{ kind: 'cms', state: 'alive' }, 'a.b c'],
    [{ kind: 'toString' }, ''],
    [{ sort: 'running' }, 'aXb a.b c blank'],
    [{ sort: 'pilots' }, 'c a.b aXb blank'],
    [{ sort: 'version' }, 'a.b c aXb blank'],
    [{ sort: 'state' }, 'a.b c aXb blank'],
    [{ sort: 'seen', node: '?*?' }, 'a.b aXb blank'],
  ])('%j', (options, wanted) => {
    expect(names(options).join(' ')).toBe(wanted);
  });

  it.each<[FleetOptions, string]>([
    [{ state: 'dead' }, '--state: there is no "dead"; any of alive, draining, silent'],
    [{ sort: '__proto__' }, '--sort: there is no "__proto__"; any of node, state, seen'],
  ])('are none where it is not understood: %j', (options, why) => {
    expect(() => names(options)).toThrow(why);
  });
});
