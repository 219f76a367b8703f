import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, localImage, type RigEngine, startEngine } from '../daemon/rig.ts';
import { freePort } from '../support/freePort.ts';
import { startInflux } from '../support/influx.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { until } from '../support/until.ts';
import { type Databases, figureOf, lackOf, valuesOf } from './answers.ts';
import { type Board, type BoardPanel, boards, type BoardTarget, targetsOf } from './boards.ts';
import { all, type View } from './grafana.ts';
import { type SecondNode, secondHostname, startSecondNode } from './secondNode.ts';

const rules = resolve(import.meta.dirname, '../../monitoring/prometheus/alerts.yml');
const database = 'plancton';
const patienceMs = 120_000;
const shell = (script: string): string => JSON.stringify(['/bin/sh', '-c', script]);

/** Pilots that end in each way, and a kind that never starts. */
const kinds = {
  works: { command: '[/bin/sleep, "1"]', max: 2, fizzle: 0 },
  fails: { command: shell('sleep 1; exit 1'), max: 1, fizzle: 0 },
  idle: { command: shell('exit 75'), max: 1, outcomes: '{75: no-work}', backoff: '{first: 1h}' },
  loud: { command: shell(`yes ${'x'.repeat(1000)}`), max: 1, fizzle: 0, log_rate: '50kB' },
  broken: { command: '[/bin/sleep, "1"]', max: 1, network_mode: 'no-such-network' },
};
const common =
  'syslog: off\nmain_sleep: 1\nmax_docks: 5\ncpus_per_dock: 0.02\nmax_dock_mem: 20MB\nstop_grace: 1\n' +
  'grace_kill: 1h\nowner_slowdown: 100%\nreserve: {memory: 0, disk: 0}\n';

let engine: RigEngine;
let plancton: TestPlancton;
let second: SecondNode;
let databases: Databases;
let port: number;

beforeAll(async () => {
  const [started, influx] = await Promise.all([startEngine(), startInflux()]);
  engine = started;
  plancton = makePlancton(engine.socket);
  port = await freePort();
  const pilots = Object.entries(kinds).map(([name, keys]) => {
    const lines = Object.entries(keys).map(([key, value]) => `    ${key}: ${value}\n`);
    return `  - name: ${name}\n    image: ${localImage}\n${lines.join('')}`;
  });
  const told = `influxdb_url: http://127.0.0.1:${influx.port}#${database}\nlisten: 127.0.0.1:${port}\n`;
  plancton.configure(`${common}${told}pilots:\n${pilots.join('')}`);
  await begin(plancton);
  second = await startSecondNode(influx.port, database);
  const prometheus = await startPrometheus([port, second.port, await freePort()], rules);
  databases = { influx, database, prometheus };
});
afterAll(async () => {
  await plancton.remove();
  await databases.prometheus.stop();
  await second.stop();
  await databases.influx.remove();
  await engine.stop();
});

/** What Grafana would ask with, of the last hour. */
function viewOf(board: Board, node: string | readonly string[]): View {
  const nowMs = Date.now();
  const chosen = { node, kind: all, job: 'plancton', silence: '15m' };
  return { board, chosen, fromMs: nowMs - 60 * 60_000, toMs: nowMs + 1000, intervalMs: 2000 };
}

/** The real node, and the one that can tell all, as a database calls them. */
function nodesOf(board: Board): readonly [string, string] {
  return board.database === 'influxdb'
    ? [hostname().split('.')[0] ?? '', secondHostname]
    : [`127.0.0.1:${port}`, `127.0.0.1:${second.port}`];
}

/** Whether the kernel tells it is not up to Plancton: of the real node there may be a part of it, or nothing. */
const upToKernel = ['The owner waits for', 'Owners wait for'];

/** The nodes that may be chosen, for all of which there must be data. */
function choicesOf(board: Board, panel: BoardPanel): readonly (string | readonly string[])[] {
  const [real, other] = nodesOf(board);
  if (board.uid.startsWith('plancton-fleet')) return [all, [real, other]];
  return [upToKernel.includes(panel.title) ? other : real];
}

async function lackOfAny(board: Board, panel: BoardPanel, target: BoardTarget): Promise<string> {
  const choices = choicesOf(board, panel);
  const lacks = await Promise.all(choices.map((node) => lackOf(target, viewOf(board, node), databases)));
  return lacks.find((lack) => lack !== '') ?? '';
}

describe.each(boards)('$file', (board) => {
  it('has data for each query of each panel', async () => {
    let open = targetsOf(board).map((one) => ({ ...one, lack: 'not asked' }));
    expect(open.length).toBeGreaterThan(20);
    const isAll = async (): Promise<boolean> => {
      const asked = open.map(async (one) => ({
        ...one,
        lack: await lackOfAny(board, one.panel, one.target),
      }));
      open = (await Promise.all(asked)).filter(({ lack }) => lack !== '');
      return open.length === 0;
    };
    await until('data for all queries', isAll, patienceMs).catch((error: unknown) => {
      const missing = open.map(({ panel, text, lack }) => `${panel.title}: ${lack}: ${text}`);
      throw new Error(`${String(error)}\n${missing.join('\n')}\n${plancton.log().slice(-4000)}`);
    });
  }, 150_000);

  it('would have none for a name that is mistyped', async () => {
    const view = viewOf(board, nodesOf(board)[1]);
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
        ['CPUs in use', '"owner_cpus"', '"owners_cpus"', 'nothing in owner, idle'],
        ['Memory', '"node"', '"nodes"', 'no row'],
      ],
      prometheus: [
        ['CPUs in use', 'plancton_cpu_seconds_total', 'plancton_cpu_second_total', 'no series'],
        ['Memory', 'used_by="owner"', 'used_by="owners"', 'no series'],
      ],
    } as const;
    for (const [title, from, to, lack] of typos[board.database])
      expect(await lacks(title, from, to)).toBe(lack);
  });

  it('offers nodes and kinds to choose from', async () => {
    const [node] = nodesOf(board);
    const offered = async (name: string): Promise<string[]> => {
      const variable = board.templating.list.find((one) => one.name === name);
      if (variable === undefined) throw new Error(`no variable ${name}`);
      return valuesOf(variable, viewOf(board, node), databases);
    };
    const wanted: Record<string, readonly string[]> = {
      node: nodesOf(board),
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
  it('counts two nodes alive and one silent', async () => {
    for (const [title, count] of [
      ['Nodes alive', 2],
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
