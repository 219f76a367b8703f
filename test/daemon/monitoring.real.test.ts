import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { cpus, hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seriesGuide } from '../../src/record/seriesGuide.ts';
import { type InfluxServer, startInflux } from '../support/influx.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, ended, type RigEngine, small, startEngine } from './rig.ts';

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
      await until('pilots go on', () => count(plancton.log(), /finished after/) >= before + 3);
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

describe('a database that is away while the daemon is killed', () => {
  it('gets every point of before and after, and so does no other have to wait', async () => {
    // One that takes the connection and never answers stands beside it.
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const hung = `influxdb: {url: "http://127.0.0.1:${(silent.address() as AddressInfo).port}", database: x}\n`;
    const noMore = async (): Promise<void> => {
      await plancton.ctl('drain');
      await plancton.statusWith('no pilot', ({ pilots }) => pilots.list.length === 0);
    };
    try {
      use(`docker_cmd: /bin/sleep 1\n${hung}`);
      await begin(plancton);
      await rowsOnce('SELECT * FROM container');
      expect(await plancton.status()).toMatchObject({ influxdb: [{ state: 'ok' }, {}] });
      await until('the silent one is asked', () => sockets.length > 0);
      await influx.stop();
      const before = count(plancton.log(), /finished after/);
      await until('pilots go on', () => count(plancton.log(), /finished after/) >= before + 2);
      await noMore();
      const first = count(plancton.log(), /plancton-worker-\w+ finished after/);
      process.kill(plancton.pid() ?? 0, 'SIGKILL');
      await ended(plancton.pid() ?? 0);
      await begin(plancton);
      await plancton.ctl('resume');
      await until('pilots go on', () => count(plancton.log(), /finished after/) >= 2);
      await noMore();
      const ends = first + count(plancton.log(), /plancton-worker-\w+ finished after/);
      await plancton.ctl('stop');
      await plancton.logged('kept for the next start');
      await begin(plancton);
      await influx.restart();
      await plancton.statusWith(
        'all is sent',
        ({ influxdb: [status] }) => status?.state === 'ok' && status.waitingPoints === 0,
      );
      expect((await plancton.status()).influxdb).toMatchObject([{ droppedPoints: 0 }, { droppedPoints: 0 }]);
      expect(await rows('SELECT * FROM container')).toHaveLength(ends);
      expect(await rows(`SELECT * FROM "end" WHERE outcome = 'finished'`)).toHaveLength(ends);
      const started = await rows(`SELECT count(took_seconds) FROM start WHERE result = 'started'`);
      expect(started).toMatchObject([{ count: ends }]);
      // Each report is a line in the log, too: of three lives of the daemon, none is missing.
      await plancton.ctl('stop');
      const logs = readdirSync(join(plancton.folder, 'log')).filter((name) =>
        name.startsWith('plancton.log'),
      );
      expect(logs).toHaveLength(3);
      const reports = logs
        .map((name) =>
          count(readFileSync(join(plancton.folder, 'log', name), 'utf8'), /\d+ of 1 pilots?; of/),
        )
        .reduce((sum, one) => sum + one, 0);
      expect(await rows('SELECT uptime FROM daemon')).toHaveLength(reports);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  }, 180_000);
});

describe('the series beside those of the original', () => {
  it('are those of the tables, with their tags and types, and without a name of a pilot', async () => {
    use('docker_cmd: /bin/sleep 1\ninfluxdb_url: []\n');
    const url = `http://admin:${password}@127.0.0.1:${influx.port}`;
    const target = `influxdb: {url: "${url}", database: ${database}, tags: {site: north}}\n`;
    configure(
      plancton,
      engine.url,
      `${small}${target}main_sleep: 1\nmax_docks: 1\ndocker_cmd: /bin/sleep 1\n`,
    );
    await begin(plancton);
    // Of an engine that is reached over the network nobody knows what its pilots use.
    const sent = seriesGuide.filter(({ name }) => name !== 'account');
    for (const { name } of sent) await rowsOnce(`SELECT * FROM "${name}"`);
    await rowsOnce('SELECT cpus FROM node', 2);
    await plancton.ctl('drain');
    for (const { name, tags, fields } of sent) {
      const told = (await rows(`SHOW TAG KEYS FROM "${name}"`)).map((row) => String(row['tagKey']));
      expect([name, ...told.toSorted()]).toEqual([name, ...Object.keys({ ...tags, site: '' }).toSorted()]);
      const types = (await rows(`SHOW FIELD KEYS FROM "${name}"`)).map((row) => [
        row['fieldKey'],
        row['fieldType'],
      ]);
      const known = Object.entries(fields).map(([field, { type }]) => [field, type]);
      expect(known).toEqual(expect.arrayContaining(types));
      const needed = known.filter(([field]) => fields[String(field)]?.optional !== true);
      expect(types).toEqual(expect.arrayContaining(needed));
    }
    const [node] = await rows('SELECT last(cpus), * FROM node');
    expect(node).toMatchObject({ cpus: cpus().length, pilot_limit: 1, site: 'north' });
    expect((await rows('SELECT * FROM engine')).map((row) => row['verb'])).toEqual(
      expect.arrayContaining(['list', 'create', 'start']),
    );
    const [refill] = await rowsOnce('SELECT * FROM refill');
    expect(Number(refill?.['mean_gap_seconds'])).toBeGreaterThan(0);
    const values = await Promise.all(
      sent.flatMap(({ name, tags }) =>
        Object.keys(tags).map((tag) => rows(`SHOW TAG VALUES FROM "${name}" WITH KEY = "${tag}"`)),
      ),
    );
    const pilots = [...plancton.log().matchAll(/plancton-worker-(\w{6})/g)].map(([, suffix]) => suffix ?? '');
    expect(pilots.length).toBeGreaterThan(0);
    for (const suffix of pilots) expect(JSON.stringify(values)).not.toContain(suffix);
    expect(JSON.stringify(values)).not.toMatch(/[0-9a-f]{12}|sha256/);
  }, 180_000);
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
