import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { toLine } from '../src/record/influxLine.ts';
import { paperFacts, paperReport, paperTurnover } from '../test/support/fleetNodes.ts';
import { ask } from '../test/support/http.ts';
import { type InfluxServer, startInflux } from '../test/support/influx.ts';
import { bundleProgram } from './bundledProgram.ts';
import type { FleetLoad } from './fleetProgram.ts';
import { readProcessUse } from './processUse.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { waitFor } from './waits.ts';

const runFile = promisify(execFile);
const nodes = 10_000;
const paceSeconds = 30;
const dayMs = 86_400_000;
/** So many nodes tell of a whole day, for what it takes on the disk. */
const dayNodes = 20;
const patienceMs = 600_000;

/**
 * Ten thousand nodes on paper report to one InfluxDB on this machine, at the default pace, for so many minutes; then they
 * are asked for. And a whole day of twenty nodes is written, for the room that it takes. All of it stays on this machine.
 */
export async function measureFleet(scene: Scene, minutes: number): Promise<readonly Row[]> {
  const program = bundleProgram(scene, 'bench/fleetProgram.ts');
  const influx = await startInflux();
  scene.defer(() => influx.remove());
  await influx.query('CREATE DATABASE plancton');
  scene.say(`fleet: ${nodes} nodes report for ${minutes} min`);
  const load = await loaded(scene, program, influx, minutes * 60);
  const asked = await askedFor(scene, influx);
  await influx.remove();
  scene.say(`fleet: a day of ${dayNodes} nodes`);
  const bytesADay = await bytesOfADay(scene);
  return rowsOf(load, asked, bytesADay);
}

interface Loaded extends FleetLoad {
  /** CPUs that the server used. */
  readonly cores: number;
  readonly residentBytes: number;
}

async function loaded(scene: Scene, program: string, influx: InfluxServer, seconds: number): Promise<Loaded> {
  const words = [influx.port, nodes, paceSeconds, seconds].map(String);
  const child: ChildProcess = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: scene.signal,
  });
  const ended = once(child, 'close');
  let [beforeMs, cpuMs, residentBytes] = [0, 0, 0];
  let load: FleetLoad | null = null;
  if (child.stdout === null) throw new Error('no pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    const use = line.startsWith('{') ? null : readProcessUse(influx.pid);
    if (use === null) load = JSON.parse(line) as FleetLoad;
    else if (line === 'steady') beforeMs = use.cpuMs;
    else [cpuMs, residentBytes] = [use.cpuMs - beforeMs, use.residentBytes];
  }
  await ended;
  if (load === null) throw new Error('the nodes on paper had no CPU: it takes a quiet machine');
  return { ...load, cores: cpuMs / 1000 / seconds, residentBytes };
}

/** How long `planctonctl fleet` takes, seconds, the database asked anew each time. */
async function askedFor(scene: Scene, influx: InfluxServer): Promise<readonly number[]> {
  const words = [
    'fleet',
    '--url',
    `http://127.0.0.1:${influx.port}`,
    '--database',
    'plancton',
    '--timeout',
    '10m',
  ];
  const took: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const beganMs = performance.now();
    const { stdout } = await runFile(scene.planctonctl, words, {
      env: scene.env,
      signal: scene.signal,
      maxBuffer: 1e8,
    });
    if (!stdout.includes(`${nodes} nodes`)) throw new Error('planctonctl fleet does not tell of all nodes');
    took.push((performance.now() - beganMs) / 1000);
  }
  return took;
}

/** Bytes that a day of a node takes, once the database has put it into its compact files. */
async function bytesOfADay(scene: Scene): Promise<number> {
  const influx = await startInflux({ coldSeconds: 5 });
  scene.defer(() => influx.remove());
  await influx.query('CREATE DATABASE plancton');
  const toMs = Math.floor(Date.now() / 60_000) * 60_000;
  for (let index = 0; index < dayNodes; index += 1) {
    const node = { index, hostname: `node${index}`, startedWallMs: toMs - 2 * dayMs };
    let before = paperFacts(node, toMs - dayMs);
    let lines: string[] = [];
    for (let atMs = toMs - dayMs + paceSeconds * 1000; atMs <= toMs; atMs += paceSeconds * 1000) {
      const now = paperFacts(node, atMs);
      const points = [...paperReport(before, now), ...paperTurnover(before, now)];
      before = now;
      lines.push(...points.map((point, place) => toLine(point, point.atWallMs * 1000 + place) ?? ''));
      if (lines.length < 5000 && atMs < toMs) continue;
      const path = '/write?db=plancton&precision=u';
      const { status, body } = await ask(influx.port, path, { method: 'POST', body: lines.join('\n') });
      if (status !== 204) throw new Error(`InfluxDB answers ${status}: ${body}`);
      lines = [];
      scene.signal.throwIfAborted();
    }
  }
  let bytes = -1;
  let sameSinceMs = performance.now();
  const isCompact = (): boolean => {
    const now = bytesIn(join(influx.folder, 'data/plancton'), /\.tsm$/);
    if (now !== bytes || bytesIn(join(influx.folder, 'wal'), /\.wal$/) > 0) sameSinceMs = performance.now();
    bytes = now;
    return performance.now() - sameSinceMs > 20_000;
  };
  await waitFor('the database to put all into its compact files', isCompact, patienceMs, scene.signal);
  await influx.remove();
  return bytes / dayNodes;
}

function bytesIn(folder: string, file: RegExp): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => file.test(name))
    .reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

function rowsOf(load: Loaded, asked: readonly number[], bytesADay: number): readonly Row[] {
  const perSecond = (count: number): string => (count / load.seconds).toFixed(0);
  const common = { unit: '', decimals: 4, unmeasured: null, original: '' };
  return [
    {
      ...common,
      what: `points of ${nodes} nodes, each ${paceSeconds} s, that one InfluxDB takes, of those offered`,
      bar: { atLeast: 1 },
      samples: [load.takenShare],
      beside: `${perSecond(load.points)} points/s in ${perSecond(load.requests)} requests/s, ${perSecond(load.bytes / 1000)} kB/s before compression; ${load.failures} requests failed; a request took ${load.medianMs.toFixed(0)} ms, a hundredth over ${load.slowestHundredthMs.toFixed(0)} ms; the nodes: ${(load.cpuMs / 1000 / load.seconds).toFixed(2)} CPUs`,
    },
    {
      ...common,
      what: 'the InfluxDB’s CPU meanwhile',
      bar: { atMost: 1 },
      unit: ' CPUs',
      decimals: 2,
      samples: [load.cores],
      beside: `${(load.residentBytes / 1e6).toFixed(0)} MB resident`,
    },
    {
      ...common,
      what: `\`planctonctl fleet\` of ${nodes} nodes`,
      bar: { atMost: 60 },
      unit: ' s',
      decimals: 1,
      samples: asked,
      beside: 'of the minutes that were written; what it takes grows with the hours of today',
    },
    {
      ...common,
      what: 'disk that a node takes a day',
      bar: { atMost: 1 },
      unit: ' MB',
      decimals: 2,
      samples: [bytesADay / 1e6],
      beside: `${dayNodes} nodes of 4 to 32 CPUs with two kinds of pilots that live for ten minutes`,
    },
  ];
}
