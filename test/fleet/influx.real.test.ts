import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFleet } from '../../src/fleet/readFleet.ts';
import type { FleetAnswer } from '../../src/model/fleet.ts';
import type { Point } from '../../src/model/point.ts';
import { toLine } from '../../src/record/influxLine.ts';
import { InfluxSink } from '../../src/record/influxSink.ts';
import { Secret } from '../../src/model/secret.ts';
import { createWeb } from '../../src/serve/web.ts';
import { paperFacts, paperReport, paperTurnover } from '../support/fleetNodes.ts';
import { ask } from '../support/http.ts';
import { type InfluxServer, startInflux } from '../support/influx.ts';
import { keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';
import { realClock, rememberingLog, targetAt } from '../record/influxParts.ts';
import { influxAt, questionAt } from './source.ts';

const built = resolve(import.meta.dirname, '../..');
const never = new AbortController().signal;
const minuteMs = 60_000;
const database = 'plancton';
const password = 'admin-password';
const hostile = '\u001b[2Jn ü,=" \u202e\\x';

let influx: InfluxServer;
let folder: string;
const nowMs = Date.now();
beforeAll(async () => {
  influx = await startInflux({ auth: true });
  folder = mkdtempSync(join(tmpdir(), 'plancton-fleet-'));
});
afterAll(async () => {
  await influx.remove();
  rmSync(folder, { recursive: true });
});

const source = (name = database) =>
  influxAt(influx.port, { database: name, username: 'admin', password: new Secret(password) });

/** Has a sink of ours write these, and waits until they are there. */
async function send(points: readonly Point[], name: string): Promise<void> {
  const { log } = rememberingLog();
  const target = targetAt(influx.port, {
    database: name,
    username: 'admin',
    password: new Secret(password),
  });
  const sink = new InfluxSink({ target, log, clock: realClock, lingerMs: 1 });
  for (let from = 0; from < points.length; from += 5000) sink.write(points.slice(from, from + 5000));
  await until('all points to be written', () => sink.state().waitingPoints === 0);
  expect(sink.state()).toMatchObject({ sentPoints: points.length, droppedPoints: 0 });
  await sink.close(0);
}

/** What a node tells from one time to another, with its pace; it has begun an hour before. */
function told(index: number, hostname: string, fromMs: number, toMs: number): Point[] {
  const node = { index, hostname, startedWallMs: fromMs - 60 * minuteMs };
  const paceMs = 5 * minuteMs;
  const points: Point[] = [];
  let before = paperFacts(node, fromMs, { paceMs });
  for (let atMs = fromMs + paceMs; atMs <= toMs; atMs += paceMs) {
    const now = paperFacts(node, atMs, { paceMs, ...(index === 1 ? { status: 'draining' as const } : {}) });
    points.push(...paperReport(before, now), ...paperTurnover(before, now));
    before = now;
  }
  return points;
}

function planctonctl(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const words = [`--confdir=${folder}`, `--rundir=${folder}/run`, 'fleet', ...args];
  const env = { ...process.env, LC_ALL: 'C.UTF-8', NODE_OPTIONS: '--max-old-space-size=96' };
  return new Promise((done) => {
    execFile(join(built, 'bin/planctonctl'), words, { env, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe('a fleet of which an InfluxDB was told', () => {
  it('is told by it, and by the command, and to the page', async () => {
    const hourMs = 60 * minuteMs;
    await send(
      [
        ...told(0, 'n0.example.org', nowMs - 3 * hourMs, nowMs),
        ...told(1, 'n1', nowMs - 3 * hourMs, nowMs),
        ...told(2, 'n2', nowMs - 30 * hourMs, nowMs - 26 * hourMs),
        ...told(3, hostile, nowMs - hourMs, nowMs),
        ...told(4, 'forgotten', nowMs - 9 * 24 * hourMs, nowMs - 8 * 24 * hourMs),
      ],
      database,
    );
    const question = questionAt(nowMs, {
      todayMs: nowMs - 2 * hourMs,
      days: [{ fromMs: nowMs - 2 * hourMs, toMs: nowMs + 1 }],
    });
    const fleet = await readFleet(source(), question, never);
    const states = fleet.nodes.map(({ node, state, lastSeenMs }) => [
      node,
      state,
      Math.round((nowMs - lastSeenMs) / minuteMs),
    ]);
    expect(states).toEqual([
      [hostile.split('.')[0], 'alive', 0],
      ['n0', 'alive', 0],
      ['n1', 'draining', 0],
      ['n2', 'silent', 26 * 60],
    ]);
    const [, node] = fleet.nodes;
    const facts = paperFacts({ index: 0, hostname: 'n0', startedWallMs: nowMs - 4 * hourMs }, nowMs);
    expect(node).toMatchObject({
      version: facts.version,
      paceMs: 5 * minuteMs,
      engineAnswers: true,
      cpus: 4,
      limit: 2,
      runningByKind: Object.fromEntries(facts.kinds.map(({ kind, pilots }) => [kind, pilots.running])),
    });
    // In two hours of four CPUs.
    const { pilotsCpuHours, ownerCpuHours, started, endedByOutcome } = node?.today ?? {};
    expect((pilotsCpuHours ?? 0) + (ownerCpuHours ?? 0)).toBeGreaterThan(7.3);
    expect((pilotsCpuHours ?? 0) + (ownerCpuHours ?? 0)).toBeLessThan(8.4);
    // Two slots, a pilot each ten minutes; the points of the first instant are of the time before.
    expect(started).toBeGreaterThanOrEqual(24);
    expect(started).toBeLessThanOrEqual(26);
    expect(endedByOutcome).toEqual({ finished: started });
    expect(fleet.days?.[0]?.started).toBe(
      fleet.nodes.reduce((sum, { today }) => sum + (today.started ?? 0), 0),
    );
    const [before, last] = fleet.course.slice(-3);
    expect(before).toMatchObject({ nodes: 3, cpus: 4 + 8 + 32 });
    expect(last?.pilotsCpus).toBeGreaterThan(10);
    expect(last?.running).toBeGreaterThan(10);

    const page = createWeb({
      hostname: 'n0',
      facts: () => null,
      answers: {},
      stateFolder: join(folder, 'state'),
      logFolder: join(folder, 'log'),
      logReaders: () => 'local',
      log: keepLog(),
      clock: { wallMs: () => Date.now() },
      fleet: { source: () => source(), program: join(built, 'dist/fleetReader.cjs'), version: versionOf() },
    });
    const server = await page.listen({ host: '127.0.0.1', port: 0 }, []);
    try {
      const { status, body } = await until('an answer', async () => {
        const answer = await ask(server.address.port, '/api/fleet');
        return answer.status === 503 ? null : answer;
      });
      expect(status).toBe(200);
      const shown = JSON.parse(body) as FleetAnswer;
      expect(shown.nodes.map((one) => one.node)).toEqual(fleet.nodes.map((one) => one.node));
      expect(shown.source).toBe(`InfluxDB http://127.0.0.1:${influx.port}#plancton`);
      expect(body).not.toContain(password);
    } finally {
      server.close();
      page.close();
    }

    const url = `http://admin:${password}@127.0.0.1:${influx.port}`;
    writeFileSync(join(folder, 'config.yaml'), `influxdb: {url: "${url}", database: ${database}}\n`);
    const table = await planctonctl('--since', '2d', '--sort', 'running');
    expect(table).toMatchObject({ code: 0, stderr: '' });
    const lines = table.stdout.split('\n').slice(0, -1);
    expect(lines[0]).toMatch(/^InfluxDB http:\/\/127\.0\.0\.1:\d+#plancton, 20/);
    expect(lines.findIndex((line) => line.startsWith('DAY '))).toBeGreaterThan(0);
    const names = lines.slice(lines.findIndex((line) => line.startsWith('NODE ')) + 1);
    expect(names[0]).toMatch(/^\\u001b\[2Jn ü,=" \\u202e\\x +alive +1\.2\.3 +\d+\/30 /);
    expect(names.at(-1)).toMatch(/^4 nodes +alive 2, draining 1, silent 1 /);
    expect(table.stdout).not.toContain('\u001b');
    expect(table.stdout).not.toContain('\u202e');
    const silent = await planctonctl('--state', 'silent', '--json');
    expect((JSON.parse(silent.stdout) as FleetAnswer).nodes.map((one) => one.node)).toEqual(['n2']);
    expect(await planctonctl('--node', 'x*')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'None of 4 nodes fits\n',
    });
  });

  it('is one line where it cannot be had', async () => {
    const at = `127.0.0.1:${influx.port}`;
    const configured = async (yaml: string): Promise<unknown> => {
      writeFileSync(join(folder, 'config.yaml'), yaml);
      const { code, stdout, stderr } = await planctonctl();
      return [code, stdout, stderr];
    };
    const name = `planctonctl: InfluxDB http://${at}`;
    expect(await configured(`influxdb_url: http://admin:hunter2@${at}#plancton`)).toEqual([
      1,
      '',
      `${name}#plancton: the user is wrong, or may not read there (401)\n`,
    ]);
    expect(await configured(`influxdb_url: http://${at}#plancton`)).toEqual([
      1,
      '',
      expect.stringContaining('a user and password, or a token, are missing'),
    ]);
    const admin = `http://admin:${password}@${at}`;
    expect(await configured(`influxdb_url: ${admin}#nowhere`)).toEqual([
      1,
      '',
      `${name}#nowhere: database not found: nowhere\n`,
    ]);
    await influx.query('CREATE DATABASE "empty"');
    expect(await configured(`influxdb_url: ${admin}#empty`)).toEqual([
      0,
      '',
      `InfluxDB http://${at}#empty: no node has reported in the last 168.0 h\n`,
    ]);
  });

  it('may be of ten thousand nodes', async () => {
    await influx.query('CREATE DATABASE "large"');
    const atMs = Date.now() - 10_000;
    const wanted = new Set(['node', 'daemon', 'pilots']);
    mkdirSync(join(folder, 'state'), { recursive: true });
    for (let from = 0; from < 10_000; from += 2500) {
      const points = Array.from({ length: 2500 }, (_, index) => {
        const node = { index: from + index, hostname: `wn${from + index}`, startedWallMs: atMs - minuteMs };
        return paperReport(null, paperFacts(node, atMs, { paceMs: 60 * minuteMs })).filter(
          ({ measurement }) => wanted.has(measurement),
        );
      });
      const lines = points.flat().map((point) => toLine(point, point.atWallMs * 1000) ?? '');
      const written = await ask(influx.port, `/write?db=large&precision=u&u=admin&p=${password}`, {
        method: 'POST',
        body: lines.join('\n'),
      });
      expect(written.status).toBe(204);
    }
    const admin = `http://admin:${password}@127.0.0.1:${influx.port}`;
    writeFileSync(join(folder, 'config.yaml'), `fleet: {url: "${admin}", database: large}\n`);
    const { stdout, stderr } = await planctonctl('--sort', 'pilots', '--limit', '3', '--node', 'wn*');
    expect(stderr).toBe('');
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines.slice(-6, -1).map((line) => line.split(' ')[0])).toEqual([
      'NODE',
      expect.stringMatching(/^wn\d+$/),
      expect.stringMatching(/^wn\d+$/),
      expect.stringMatching(/^wn\d+$/),
      '…',
    ]);
    expect(lines.at(-1)).toMatch(
      /^10000 nodes +alive 10000 +1\.2\.3 +\d+\/130000 +atlas \d+, cms \d+ +150000 /,
    );
  }, 240_000);
});

/** The built programs know their version; these sources do not. */
function versionOf(): string {
  return (JSON.parse(readFileSync(join(built, 'package.json'), 'utf8')) as { version: string }).version;
}
