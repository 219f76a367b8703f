import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, configure, localImage, type RigEngine, startEngine } from '../daemon/rig.ts';
import { freePort } from '../support/freePort.ts';
import { startInflux } from '../support/influx.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { until } from '../support/until.ts';
import { type Databases, figureOf, lackOf, valuesOf } from './answers.ts';
import { type Board, type BoardPanel, boards, type BoardTarget, targetsOf } from './boards.ts';
import { all, type View } from './grafana.ts';
import { startTellingNode, tellingHostname, type TellingNode } from './tellingNode.ts';

const rules = resolve(import.meta.dirname, '../../monitoring/prometheus/alerts.yml');
const database = 'plancton';
const shell = (script: string): string => JSON.stringify(['/bin/sh', '-c', script]);

/** Pilots that end in different ways, and a kind that never starts. */
const kinds = {
  works: { command: '[/bin/sleep, "1"]', max: 2, fizzle: 0 },
  fails: { command: shell('sleep 1; exit 1'), max: 1, fizzle: 0 },
  idle: { command: shell('exit 75'), max: 1, outcomes: '{75: no-work}', backoff: '{first: 1h}' },
  broken: { command: '[/bin/sleep, "1"]', max: 1, network_mode: 'no-such-network' },
};
const common = `syslog: off\nmain_sleep: 1\nmax_docks: 5\ncpus_per_dock: 0.1\nmax_dock_mem: 20MB\n`;
/** What a program sees as the name of its machine. */
const sightHostname = 'node6';

let engine: RigEngine;
/** A daemon with pilots, on an engine that is elsewhere to it: the load of this machine keeps none of them from starting. */
let busy: TestPlancton;
/** One with the engine of its own machine, which sees what the machine does, and has no pilots. */
let sight: TestPlancton;
/** No daemon: one that tells what a daemon tells at best. */
let telling: TellingNode;
let databases: Databases;
const ports = { busy: 0, sight: 0 };

beforeAll(async () => {
  const [started, influx] = await Promise.all([startEngine(), startInflux()]);
  engine = started;
  ports.busy = await freePort();
  ports.sight = await freePort();
  const told = (port: number): string =>
    `influxdb_url: http://127.0.0.1:${influx.port}#${database}\nlisten: 127.0.0.1:${port}\n`;
  const pilots = Object.entries(kinds).map(([name, keys]) => {
    const lines = Object.entries(keys).map(([key, value]) => `    ${key}: ${value}\n`);
    return `  - name: ${name}\n    image: ${localImage}\n${lines.join('')}`;
  });
  busy = makePlancton(engine.socket);
  configure(busy, engine.url, `${common}${told(ports.busy)}pilots:\n${pilots.join('')}`);
  const named = ['unshare', '--uts', 'sh', '-c', `hostname ${sightHostname} && exec "$@"`, 'sh'];
  sight = makePlancton(engine.socket, named);
  sight.configure(`syslog: off\nmain_sleep: 1\nmax_docks: 0\n${told(ports.sight)}`);
  await Promise.all([begin(busy), begin(sight)]);
  telling = await startTellingNode(influx.port, database);
  const prometheus = await startPrometheus([ports.busy, ports.sight, telling.port, await freePort()], rules);
  databases = { influx, database, prometheus };
});
afterAll(async () => {
  await Promise.all([busy.remove(), sight.remove()]);
  await databases.prometheus.stop();
  await telling.stop();
  await databases.influx.remove();
  await engine.stop();
});

/** What Grafana would ask with, of the last hour. */
function viewOf(board: Board, node: string | readonly string[]): View {
  const nowMs = Date.now();
  const chosen = { node, kind: all, job: 'plancton', silence: '15m' };
  return { board, chosen, fromMs: nowMs - 60 * 60_000, toMs: nowMs + 1000, intervalMs: 2000 };
}

/** The nodes as a database calls them. */
function nodesOf({ database: which }: Board): Readonly<Record<'busy' | 'sight' | 'telling', string>> {
  const at = (port: number): string => `127.0.0.1:${port}`;
  return which === 'influxdb'
    ? { busy: hostname().split('.')[0] ?? '', sight: sightHostname, telling: tellingHostname }
    : { busy: at(ports.busy), sight: at(ports.sight), telling: at(telling.port) };
}

/** What a daemon sees that is on the machine of its engine. */
const bySight = ['CPUs in use', 'Memory', 'Left free'];
/** What is up to the machine: to its kernel, or to whether it leaves room for pilots that can be seen. */
const upToMachine = [
  'The owner waits for',
  'CPU given to pilots',
  'Of that wasted',
  'Evictions a minute by reason',
  'Most memory of a pilot, by kind',
];

/** The nodes that may be chosen, for all of which there must be data. */
function choicesOf(board: Board, panel: BoardPanel): readonly (string | readonly string[])[] {
  const { busy: one, sight: other, telling: third } = nodesOf(board);
  if (board.uid.startsWith('plancton-fleet')) return [all, [one, other, third]];
  if (upToMachine.includes(panel.title)) return [third];
  return [bySight.includes(panel.title) ? other : one];
}

async function lackOfAny(board: Board, panel: BoardPanel, target: BoardTarget): Promise<string> {
  const choices = choicesOf(board, panel);
  const lacks = await Promise.all(choices.map((node) => lackOf(target, viewOf(board, node), databases)));
  return lacks.find((lack) => lack !== '') ?? '';
}

describe.each(boards)('$file', (board) => {
  it('has data for each query of each panel', async () => {
    const targets = targetsOf(board);
    expect(targets.length).toBeGreaterThan(20);
    for (const { panel, target, text } of targets) {
      let lack = '';
      const isThere = async (): Promise<boolean> => {
        lack = await lackOfAny(board, panel, target);
        return lack === '';
      };
      await until(`data for ${panel.title}`, isThere).catch((error: unknown) => {
        throw new Error(`${String(error)}: ${lack}: ${text}\n${busy.log().slice(-4000)}`);
      });
    }
  }, 240_000);

  it('would have none for a name that is mistyped', async () => {
    const view = viewOf(board, nodesOf(board).telling);
    const lacks = async (title: string, from: string, to: string): Promise<string> => {
      const found = targetsOf(board).find(({ panel, text }) => panel.title === title && text.includes(from));
      if (found === undefined) throw new Error(`no query of ${title} has ${from}`);
      const { query, expr, ...rest } = found.target;
      const mistyped = (text: string): string => text.replaceAll(from, to);
      const target =
        expr === undefined ? { ...rest, query: mistyped(query ?? '') } : { ...rest, expr: mistyped(expr) };
      return lackOf(target, view, databases);
    };
    const typos = {
      influxdb: [
        ['CPUs in use', '"owner_cpus"', '"owners_cpus"', /^nothing in owner|^no row/],
        ['Memory', '"node"', '"nodes"', /^no row/],
      ],
      prometheus: [
        ['CPUs in use', 'plancton_cpu_seconds_total', 'plancton_cpu_second_total', /^no series/],
        ['Memory', 'used_by="owner"', 'used_by="owners"', /^no series/],
      ],
    } as const;
    for (const [title, from, to, lack] of typos[board.database]) {
      expect(await lacks(title, from, from)).toBe('');
      expect(await lacks(title, from, to)).toMatch(lack);
    }
  });

  it('offers nodes and kinds to choose from', async () => {
    const nodes = nodesOf(board);
    const offered = async (name: string): Promise<string[]> => {
      const variable = board.templating.list.find((one) => one.name === name);
      if (variable === undefined) throw new Error(`no variable ${name}`);
      return valuesOf(variable, viewOf(board, nodes.busy), databases);
    };
    const wanted: Record<string, readonly string[]> = {
      node: Object.values(nodes),
      kind: Object.keys(kinds),
      ...(board.database === 'prometheus' ? { job: ['plancton'] } : {}),
    };
    for (const [name, values] of Object.entries(wanted)) {
      const isOffered = async (): Promise<string[] | null> => {
        const found = await offered(name);
        return values.every((one) => found.includes(one)) ? found : null;
      };
      expect(await until(`${name}: ${values.join(', ')}`, isOffered)).toEqual(
        expect.arrayContaining([...values]),
      );
    }
  });
});

describe.each(boards.filter(({ uid }) => uid.startsWith('plancton-fleet')))('$file', (board) => {
  it('counts three nodes alive and one silent', async () => {
    for (const [title, count] of [
      ['Nodes alive', 3],
      ['Nodes silent', 1],
    ] as const) {
      const found = targetsOf(board).find(({ panel }) => panel.title === title);
      if (found === undefined) throw new Error(`no panel ${title}`);
      const figure = () => figureOf(found.target, viewOf(board, all), databases);
      await until(`${title}: ${count}`, async () => (await figure()) === count);
      expect(await figure()).toBe(count);
    }
  });
});
