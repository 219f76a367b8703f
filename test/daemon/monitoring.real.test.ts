import { readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type InfluxServer, startInflux } from '../support/influx.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, type RigEngine, small, startEngine } from './rig.ts';

const password = 'admin-password';
const host = hostname().split('.')[0];

let engine: RigEngine;
let influx: InfluxServer;
let plancton: TestPlancton;
let database: string;
let serial = 0;

beforeAll(async () => {
  [engine, influx] = await Promise.all([startEngine(), startInflux({ auth: true })]);
});
afterAll(async () => {
  await influx.remove();
  await engine.stop();
});
beforeEach(() => {
  plancton = makePlancton(engine.socket);
  serial += 1;
  database = `plancton${serial}`;
});
afterEach(() => plancton.remove());

function use(yaml: string): void {
  const url = `http://admin:${password}@127.0.0.1:${influx.port}#${database}`;
  configure(plancton, engine.url, `${small}influxdb_url: ${url}\nmain_sleep: 1\nmax_docks: 1\n${yaml}`);
}

const rows = (influxql: string): Promise<Readonly<Record<string, unknown>>[]> =>
  // The database is made by the first write.
  influx.query(influxql, database).catch(() => []);
const rowsOnce = (influxql: string, least = 1, deadlineMs = 40_000): ReturnType<typeof rows> =>
  until(
    `${least} of: ${influxql}`,
    async () => {
      const found = await rows(influxql);
      return found.length >= least ? found : null;
    },
    deadlineMs,
  );

describe('the series of the original', () => {
  it('are sent with its names, tags, fields and types', async () => {
    use('docker_cmd: /bin/sleep 1\n');
    await begin(plancton);
    await rowsOnce('SELECT * FROM "measurement"', 2);
    await plancton.ctl('drain');
    const [ended] = await rowsOnce(`SELECT * FROM container WHERE started = 'True' AND killed = 'False'`);
    expect(ended).toMatchObject({ hostname: host, started: 'True', killed: 'False' });
    // The engine notes the start when the program runs already, and both times by a clock that may be adjusted.
    expect(ended?.['uptime']).toBeGreaterThan(0.9);
    expect(ended?.['uptime']).toBeLessThan(30);
    await rowsOnce(`SELECT * FROM daemon WHERE status = 'draining'`);

    const types = async (series: string): Promise<Record<string, unknown>> =>
      Object.fromEntries(
        (await rows(`SHOW FIELD KEYS FROM "${series}"`)).map((row) => [row['fieldKey'], row['fieldType']]),
      );
    const tags = async (series: string): Promise<string[]> =>
      (await rows(`SHOW TAG KEYS FROM "${series}"`)).map((row) => String(row['tagKey'])).sort();
    expect(await types('daemon')).toEqual({ uptime: 'float', containers: 'float', status: 'string' });
    expect(await types('measurement')).toEqual({ cpu_eff: 'float' });
    expect(await types('container')).toEqual({ uptime: 'float' });
    // Of an engine that is reached over the network nobody knows what its pilots use: a gap, and no zeros.
    expect(await types('account')).toEqual({});
    expect(await tags('daemon')).toEqual(['hostname']);
    expect(await tags('measurement')).toEqual(['hostname']);
    expect(await tags('container')).toEqual(['hostname', 'killed', 'started']);
    const shares = (await rows('SELECT cpu_eff FROM "measurement"')).map((row) => Number(row['cpu_eff']));
    expect(shares.every((share) => share >= 0 && share <= 100)).toBe(true);
    const [first] = await rows(`SELECT * FROM daemon WHERE status = 'active'`);
    expect(first).toMatchObject({ hostname: host, status: 'active' });
  });

  it('tell pilots that were killed, and those that never started', async () => {
    use('docker_cmd: /bin/sleep 1000\nmax_ttl: 1\n');
    await begin(plancton);
    const [killed] = await rowsOnce(`SELECT * FROM container WHERE killed = 'True'`);
    expect(killed).toMatchObject({ started: 'True', killed: 'True' });
    expect(killed?.['uptime']).toBeGreaterThanOrEqual(1);
    use('docker_cmd: /bin/sleep 1\nmax_ttl: 1\nnetwork_mode: no-such-network\n');
    const [never] = await rowsOnce(`SELECT * FROM container WHERE started = 'False'`);
    expect(never).toMatchObject({ started: 'False', killed: 'False', uptime: 0 });
  });

  it('tell of an engine that is away', async () => {
    use('docker_cmd: /bin/sleep 1000\n');
    await engine.halt();
    try {
      await begin(plancton);
      const [waiting] = await rowsOnce(`SELECT * FROM daemon WHERE status = 'waiting'`);
      expect(waiting).toMatchObject({ containers: 0 });
    } finally {
      await engine.resume();
    }
  });
});

describe('a database that is away', () => {
  it('holds nothing up, and gets every point in the end', async () => {
    use('docker_cmd: /bin/sleep 1\n');
    await begin(plancton);
    await rowsOnce('SELECT * FROM container');
    await influx.stop();
    let isBack = false;
    try {
      const before = count(plancton.log(), /finished after/);
      await until('pilots go on', () => count(plancton.log(), /finished after/) >= before + 3, 40_000);
      const status = await plancton.status();
      expect(status.influxdb[0]).toMatchObject({ state: 'failing', droppedPoints: 0 });
      expect(status.influxdb[0]?.waitingPoints).toBeGreaterThan(0);
      expect((await plancton.ctl('status')).stdout).toMatch(/InfluxDB .* failing .*points? waiting/);
      // A new configuration with the same database loses nothing of what waits for it either.
      use('docker_cmd: /bin/sleep 1\ngrace_kill: 100\n');
      await plancton.logged(/(is in force[^]*){2}/);
      await influx.restart();
      isBack = true;
      await plancton.ctl('drain');
      await until('no pilot', async () => (await plancton.status()).pilots.list.length === 0);
      const ends = count(plancton.log(), /plancton-worker-\w+ finished after/);
      await rowsOnce('SELECT * FROM container', ends, 60_000);
      expect(await rows('SELECT * FROM container')).toHaveLength(ends);
    } finally {
      if (!isBack) await influx.restart();
    }
  }, 120_000);
});

describe('the password', () => {
  it('is in no output and in no file but the configuration and its copy', async () => {
    use('docker_cmd: /bin/sleep 1\n');
    const told: string[] = [];
    const say = async (...args: string[]): Promise<void> => {
      const { stdout, stderr } = await plancton.ctl(...args);
      told.push(stdout, stderr);
    };
    await begin(plancton);
    await rowsOnce('SELECT * FROM daemon');
    await influx.stop();
    await until('a failing database', async () => (await plancton.status()).influxdb[0]?.state === 'failing');
    for (const words of [['status'], ['status', '--json'], ['config'], ['check'], ['drain'], ['start']])
      await say(...words);
    // Faults beside it, and in it.
    use('docker_cmd: /bin/sleep 1\ninfluxdb_url: 7\n');
    await plancton.logged('has faults');
    await say('check');
    configure(
      plancton,
      engine.url,
      `${small}influxdb_url: "http://admin:${password}@127.0.0.1:nonsense#x"\n`,
    );
    await until('another fault', async () =>
      (await plancton.status()).config.problems.join().includes('influxdb_url'),
    );
    for (const words of [['check'], ['config'], ['status'], ['stop'], ['start'], ['status', '--json']])
      await say(...words);
    await influx.restart();
    expect(told.join('\n')).toContain('influxdb_url');
    expect(told.join('\n')).not.toContain(password);
    const kept = join(plancton.runFolder, 'state/last-good.yaml');
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    const holding = readdirSync(plancton.folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(plancton.folder, name))
      .filter((file) => statSync(file).isFile() && readFileSync(file, 'latin1').includes(password));
    expect(holding.sort()).toEqual([plancton.configFile, kept].sort());
  });
});
