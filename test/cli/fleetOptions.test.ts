import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FleetOptions, sourceOf } from '../../src/cli/fleetOptions.ts';
import { questionOf } from '../../src/cli/fleetQuestion.ts';
import type { Places } from '../../src/model/places.ts';

let folder: string;
let places: Places;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-fleet-'));
  const at = (name: string): string => join(folder, name);
  places = {
    configFile: at('config.yaml'),
    logFolder: at('log'),
    runFolder: at('run'),
    pidFile: at('pid'),
    stateFolder: at('state'),
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the database that is asked', () => {
  it('is that of the configuration', () => {
    writeFileSync(places.configFile, 'influxdb_url: http://u:hunter2@h:8086#d\n');
    const source = sourceOf({}, places, { PLANCTON_FLEET_TOKEN: 'not this' });
    expect(source).toMatchObject({ type: 'influxdb', host: 'h', database: 'd', username: 'u', token: null });
    expect(source.password?.reveal()).toBe('hunter2');
  });

  it('is that of the command, and then nothing of the configuration goes there', () => {
    writeFileSync(places.configFile, 'influxdb_url: http://u:hunter2@h:8086#d\n');
    const options = { url: 'https://me@other', database: 'e', ca: '/ca.pem' };
    const source = sourceOf(options, places, { PLANCTON_FLEET_PASSWORD: 'mine' });
    expect(source).toMatchObject({
      type: 'influxdb',
      protocol: 'https',
      host: 'other',
      port: 443,
      username: 'me',
      database: 'e',
      caFile: '/ca.pem',
      verifyCertificate: true,
    });
    expect(source.password?.reveal()).toBe('mine');
    expect(sourceOf({ url: 'http://p:9090', type: 'prometheus' }, places, {})).toMatchObject({
      type: 'prometheus',
      database: '',
      username: null,
      password: null,
    });
  });

  it('is told a token of a file, or of the environment', () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'of-the-file\n');
    const token = (options: FleetOptions): string | undefined =>
      sourceOf({ url: 'http://h', database: 'd', ...options }, places, {
        PLANCTON_FLEET_TOKEN: 'of-the-environment',
      }).token?.reveal();
    expect(token({})).toBe('of-the-environment');
    expect(token({ tokenFile: file })).toBe('of-the-file');
  });

  it.each<[FleetOptions, string]>([
    [{ url: 'http://u:hunter2@h', database: 'd' }, '--url: a password on a command line is seen by every'],
    [{ url: 'ftp://h', database: 'd' }, '--url: expected http[s]://[user@]host[:port][/path]: it does not'],
    [{ url: 'http://h' }, '--database: which database'],
    [{ url: 'http://h', type: 'graphite' }, '--type: expected influxdb or prometheus, not "graphite"'],
    [{ url: 'http://h', type: 'prometheus', database: 'd' }, '--database: a Prometheus has none'],
    [
      { url: 'http://h', database: 'd', tokenFile: '/nowhere/token' },
      '--token-file: /nowhere/token is not there',
    ],
    [{ url: 'http://h', database: 'd', tokenFile: '/dev/zero' }, '--token-file: /dev/zero is not a regular'],
    [{ database: 'd' }, '--database goes with --url'],
    [{ insecure: true }, '--insecure goes with --url'],
    [{ tokenFile: 'x' }, '--token-file goes with --url'],
    [{}, 'no database is known'],
  ])('is not understood: %j', (options, why) => {
    expect(() => sourceOf(options, places, {})).toThrow(why);
    expect(() => sourceOf(options, places, {})).not.toThrow('hunter2');
  });

  it('is not had of a configuration with faults, which is said without its secrets', () => {
    writeFileSync(places.configFile, 'max_docks: [\ninfluxdb_url: http://u:hunter2@h:8086#d\n');
    expect(() => sourceOf({}, places, {})).toThrow(/config\.yaml cannot be used: .*planctonctl check/);
    expect(() => sourceOf({}, places, {})).not.toThrow('hunter2');
  });
});

describe('what is to be found out', () => {
  const at = (...parts: [number, number, number, number?, number?]): number => new Date(...parts).getTime();
  const nowMs = at(2030, 11, 31, 8, 30);

  it('is today, and the last week', () => {
    expect(questionOf({}, nowMs)).toEqual({
      nowMs,
      todayMs: at(2030, 11, 31),
      forgetMs: 604_800_000,
      course: true,
      days: [],
    });
    expect(questionOf({ forget: '12h', node: 'n*' }, nowMs)).toMatchObject({
      forgetMs: 43_200_000,
      course: false,
    });
    expect(questionOf({ node: 'n*', json: true }, nowMs).course).toBe(true);
  });

  it('is whole days from the one that is named, and the last until now', () => {
    const days = [
      { fromMs: at(2030, 11, 29), toMs: at(2030, 11, 30) },
      { fromMs: at(2030, 11, 30), toMs: at(2030, 11, 31) },
      { fromMs: at(2030, 11, 31), toMs: nowMs },
    ];
    expect(questionOf({ since: '2d' }, nowMs).days).toEqual(days);
    expect(questionOf({ since: '2030-12-29T23:59' }, nowMs).days).toEqual(days);
    expect(questionOf({ since: '91d' }, nowMs).days).toHaveLength(92);
  });

  it.each<[FleetOptions, string]>([
    [{ since: '93d' }, '--since: 92 days are the most'],
    [{ since: '2031-01-01' }, '--since: that is still to come'],
    [{ since: 'soon' }, '--since: expected a time ago'],
    [{ forget: '0' }, '--forget: expected a time'],
    [{ forget: 'x' }, '--forget: expected a time'],
  ])('is not understood: %j', (options, why) => {
    expect(() => questionOf(options, nowMs)).toThrow(why);
  });
});
