import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Point } from '../../src/model/point.ts';
import { known } from '../../src/model/reading.ts';
import { Secret } from '../../src/model/secret.ts';
import type { InfluxTarget } from '../../src/model/settings.ts';
import { type Post, postToInflux } from '../../src/record/influxRequest.ts';
import { InfluxSink } from '../../src/record/influxSink.ts';
import { createSinks } from '../../src/record/influxSinks.ts';
import { containerPoint, daemonPoint, nodePoint } from '../../src/record/series.ts';
import { type InfluxServer, startInflux } from '../support/influx.ts';
import { until } from '../support/until.ts';
import { numbered, realClock, rememberingLog, targetAt } from './influxParts.ts';

function sinkFor(target: InfluxTarget) {
  const { log, told } = rememberingLog();
  // A thousandth of each pause: the order of things is the same, and nobody waits a minute.
  const random = () => 0;
  return { sink: new InfluxSink({ target, log, clock: realClock, random, lingerMs: 1 }), told };
}

async function writeAll(target: InfluxTarget, points: readonly Point[]): Promise<InfluxSink> {
  const { sink } = sinkFor(target);
  sink.write(points);
  await sink.close(10_000);
  return sink;
}

describe('a real InfluxDB', () => {
  let influx: InfluxServer;
  beforeAll(async () => {
    influx = await startInflux();
  });
  afterAll(() => influx.remove());

  it('gets the three series with their tags and types, in a database made for them', async () => {
    const at = { hostname: 'wn1.example.org', atWallMs: 1_700_000_000_000 };
    const node = nodePoint({ ...at, cpuPercent: known(5) });
    const sink = await writeAll(targetAt(influx.port, { database: 'a "quoted" name' }), [
      daemonPoint({ ...at, uptimeMs: 90_500, containers: 2, status: 'draining' }),
      ...(node ? [node] : []),
      containerPoint({ ...at, started: true, killed: false, livedMs: 5_250 }),
      containerPoint({ ...at, started: true, killed: false, livedMs: 7_000 }),
      containerPoint({ ...at, started: false, killed: true, livedMs: 7_000 }),
    ]);
    expect(sink.state()).toMatchObject({ state: 'ok', sentPoints: 5, waitingPoints: 0, droppedPoints: 0 });

    const rows = (measurement: string) =>
      influx
        .query(`SELECT * FROM "${measurement}"`, 'a "quoted" name')
        .then((all) => all.map((row) => ({ ...row, time: undefined })));
    expect(await rows('daemon')).toEqual([
      { hostname: 'wn1', uptime: 90.5, containers: 2, status: 'draining' },
    ]);
    expect(await rows('measurement')).toEqual([{ hostname: 'wn1', cpu_eff: 5 }]);
    expect(await rows('container')).toEqual(
      expect.arrayContaining([
        { hostname: 'wn1', started: 'True', killed: 'False', uptime: 5.25 },
        { hostname: 'wn1', started: 'True', killed: 'False', uptime: 7 },
        { hostname: 'wn1', started: 'False', killed: 'True', uptime: 0 },
      ]),
    );
    const types = await influx.query('SHOW FIELD KEYS', 'a "quoted" name');
    expect(Object.fromEntries(types.map((row) => [row['fieldKey'], row['fieldType']]))).toEqual({
      uptime: 'float',
      containers: 'float',
      status: 'string',
      cpu_eff: 'float',
    });
    const tags = await influx.query('SHOW TAG KEYS FROM container', 'a "quoted" name');
    expect(tags.map((row) => row['tagKey'])).toEqual(['hostname', 'killed', 'started']);
  });

  it('reads back every name and value that the protocol must escape', async () => {
    const odd = 'a b,c=d"e\\,\\=\\ f\\g µ☃';
    await writeAll(targetAt(influx.port, { database: 'odd' }), [
      { measurement: 'odd ,m', tags: { 'k ,=y': odd }, fields: { 'f ,=k': `${odd}\\` }, atWallMs: 1 },
      { measurement: 'end', tags: { bs: 'x\\', z: 'last\\' }, fields: { 'f\\': 1 }, atWallMs: 1 },
    ]);
    const time = '1970-01-01T00:00:00.001Z';
    expect(await influx.query('SELECT * FROM "odd ,m"', 'odd')).toEqual([
      { time, 'k ,=y': odd, 'f ,=k': `${odd}\\` },
    ]);
    expect(await influx.query('SELECT * FROM "end"', 'odd')).toEqual([{ time, bs: 'x', z: 'last', f: 1 }]);
  });

  it('stores what it can of a batch with a point whose type is wrong, and never tries that again', async () => {
    const target = targetAt(influx.port, { database: 'types' });
    await writeAll(target, [numbered(1)]);
    const { sink, told } = sinkFor(target);
    sink.write([numbered(2), { ...numbered(3), fields: { value: 'text' } }, numbered(4)]);
    await sink.close(10_000);
    expect(sink.state()).toMatchObject({ state: 'ok', sentPoints: 2, droppedPoints: 1, waitingPoints: 0 });
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toMatch(/refuses points for good: .*field type conflict/);
    const rows = await influx.query('SELECT value FROM m', 'types');
    expect(rows.map((row) => row['value'])).toEqual([1, 2, 4]);
  });

  it('takes what is compressed, and stores what it can of it', async () => {
    const target = targetAt(influx.port, { database: 'packed', tags: { site: 'north sea' } });
    const encodings: unknown[] = [];
    const post: Post = (to, request, signal) => {
      encodings.push(request.gzip);
      return postToInflux(to, request, signal);
    };
    const { log } = rememberingLog();
    const sink = new InfluxSink({ target, log, clock: realClock, post, lingerMs: 1 });
    sink.write(Array.from({ length: 1000 }, (_, value) => numbered(value)));
    await until('all points are sent', () => sink.state().sentPoints === 1000);
    sink.write([...Array(100).keys()].map((value) => numbered(2000 + value)));
    sink.write([{ ...numbered(3000), fields: { value: 'text' } }]);
    await until('all points are dealt with', () => sink.state().waitingPoints === 0);
    await sink.close(10_000);
    expect(sink.state()).toMatchObject({ sentPoints: 1100, droppedPoints: 1 });
    // The first one finds that the database is missing.
    expect(encodings.filter((encoding) => encoding === true)).toHaveLength(3);
    const counted = await influx.query(`SELECT count(value) FROM m WHERE site = 'north sea'`, 'packed');
    expect(counted).toMatchObject([{ count: 1100 }]);
  });

  it('gets what waited on the disk of a writer that was killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plancton-spool-'));
    const open = () => {
      const { log } = rememberingLog();
      const target = targetAt(influx.port, { database: 'killed' });
      return createSinks([target], {
        log,
        clock: realClock,
        spoolFolder: folder,
        lingerMs: 1,
        random: () => 0,
      });
    };
    try {
      await influx.stop();
      const killed = open();
      killed.write(Array.from({ length: 3000 }, (_, value) => numbered(value)));
      await until('it fails', () => killed.states()[0]?.state === 'failing');
      await influx.restart();
      const next = open();
      await until('all points are sent', () => next.states()[0]?.sentPoints === 3000);
      expect(await influx.query('SELECT count(value) FROM m', 'killed')).toMatchObject([{ count: 3000 }]);
      await Promise.all([killed.close(1), next.close(1000)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gets what waited while it was away, in order, and nothing is lost', async () => {
    const { sink, told } = sinkFor(targetAt(influx.port, { database: 'away' }));
    sink.write([numbered(0)]);
    await until('the first point is sent', () => sink.state().sentPoints === 1);
    await influx.stop();
    for (let value = 1; value <= 6_000; value += 1) sink.write([numbered(value)]);
    await until('the sink notices', () => sink.state().state === 'failing');
    expect(sink.state().error).toMatch(/ECONNREFUSED/);
    await influx.restart();
    await until('all points are sent', () => sink.state().sentPoints === 6_001);
    await sink.close(10_000);
    expect(sink.state()).toMatchObject({ state: 'ok', error: '', droppedPoints: 0, waitingPoints: 0 });
    expect(told.map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(told[1]?.facts).toMatchObject({ dropped: 0 });
    const rows = await influx.query('SELECT value FROM m', 'away');
    expect(rows.map((row) => row['value'])).toEqual(Array.from({ length: 6_001 }, (_, value) => value));
  });
});

describe('an InfluxDB with users', () => {
  let influx: InfluxServer;
  const user = { username: 'pilots', password: new Secret('wr1te-only') };
  beforeAll(async () => {
    influx = await startInflux({ auth: true });
    await influx.query('CREATE DATABASE plancton');
    await influx.query(`CREATE USER pilots WITH PASSWORD 'wr1te-only'`);
    await influx.query('GRANT WRITE ON plancton TO pilots');
  });
  afterAll(() => influx.remove());

  it('takes points from one who may only write', async () => {
    const sink = await writeAll(targetAt(influx.port, user), [numbered(7)]);
    expect(sink.state()).toMatchObject({ state: 'ok', sentPoints: 1 });
    expect(await influx.query('SELECT value FROM m', 'plancton')).toMatchObject([{ value: 7 }]);
  });

  it.each([
    ['a wrong password', { ...user, password: new Secret('not-it') }, 'the user or the password is wrong'],
    ['nobody', {}, 'the user or the password is wrong'],
    ['a database of others', { ...user, database: 'others' }, 'this user may not write'],
    [
      'a database that is not there',
      { ...user, database: 'absent' },
      'does not exist and this user may not create it',
    ],
  ])('is not talked to in vain: %s', async (_, more, message) => {
    await influx.query('CREATE DATABASE others');
    const { sink, told } = sinkFor(targetAt(influx.port, more));
    sink.write([numbered(1)]);
    await until('it fails', () => sink.state().state === 'failing');
    const state = sink.state();
    expect(state.error).toContain(message);
    expect(state.waitingPoints).toBe(1);
    await sink.close(0);
    expect(JSON.stringify([state, told])).not.toMatch(/pilots|wr1te-only|not-it/);
  });
});

describe('an InfluxDB behind a certificate of its own', () => {
  let influx: InfluxServer;
  beforeAll(async () => {
    influx = await startInflux({ https: true });
  });
  afterAll(() => influx.remove());

  it('is refused, with what would help', async () => {
    const { sink } = sinkFor(targetAt(influx.port, { protocol: 'https' }));
    sink.write([numbered(1)]);
    await until('it fails', () => sink.state().state === 'failing');
    expect(sink.state().error).toMatch(/self-signed certificate.*insecure_https:\/\//);
    await sink.close(0);
  });

  it('is written to when told whom it is signed by', async () => {
    const more = { protocol: 'https', caFile: influx.certificate, database: 'trusted' } as const;
    await writeAll(targetAt(influx.port, { ...more, key: 'influxdb' }), [numbered(1)]);
    expect(await influx.query('SELECT value FROM m', 'trusted')).toMatchObject([{ value: 1 }]);
    const { sink } = sinkFor(targetAt(influx.port, { ...more, caFile: '/no/such.pem' }));
    sink.write([numbered(1)]);
    await until('it fails', () => sink.state().state === 'failing');
    expect(sink.state().error).toContain('/no/such.pem');
    await sink.close(0);
  });

  it('is written to when told not to look', async () => {
    const target = targetAt(influx.port, { protocol: 'https', verifyCertificate: false });
    await writeAll(target, [numbered(1)]);
    expect(await influx.query('SELECT value FROM m', 'plancton')).toMatchObject([{ value: 1 }]);
  });
});

it('a server that takes only small bodies gets small ones', async () => {
  const influx = await startInflux({ mostBodyBytes: 2_000 });
  try {
    const points = Array.from({ length: 500 }, (_, value) => numbered(value));
    const sink = await writeAll(targetAt(influx.port), points);
    expect(sink.state()).toMatchObject({ sentPoints: 500, droppedPoints: 0 });
    expect(await influx.query('SELECT count(value) FROM m', 'plancton')).toMatchObject([{ count: 500 }]);
  } finally {
    await influx.remove();
  }
});

it('a server that accepts and never answers costs neither time nor the end of the daemon', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { sink } = sinkFor(targetAt((server.address() as AddressInfo).port));
  sink.write([numbered(0)]);
  await until('the sink connects', () => sockets.length === 1);
  for (let value = 1; value <= 20_000; value += 1) sink.write([numbered(value)]);
  expect(sink.state()).toMatchObject({ waitingPoints: 10_000, droppedPoints: 10_001 });
  expect(sockets).toHaveLength(1);
  await sink.close(1);
  expect(sink.state()).toMatchObject({ sentPoints: 0, waitingPoints: 0, droppedPoints: 20_001 });
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
});
