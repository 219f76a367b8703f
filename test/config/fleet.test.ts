import { describe, expect, it } from 'vitest';
import { explainSettings } from '../../src/config/explain.ts';
import { type LoadResult, parseSettings } from '../../src/config/load.ts';
import { pack, unpack } from '../../src/config/passing.ts';
import { formatProblem } from '../../src/config/problem.ts';
import type { FleetSource } from '../../src/model/fleet.ts';

function good(yaml: string): Extract<LoadResult, { ok: true }> {
  const result = parseSettings(yaml);
  if (!result.ok) throw new Error(problemsOf(result).join('\n'));
  return result;
}

const source = (yaml: string): FleetSource | null => good(yaml).settings.fleet;

function problemsOf(result: LoadResult): string[] {
  return (result.ok ? [] : result.problems).map((problem) => formatProblem('c', problem));
}

describe('fleet', () => {
  it('is where this node reports to first, where nothing else is said', () => {
    expect(source('')).toBeNull();
    const told = source('influxdb: {url: "https://h:1/p", token: hunter2, bucket: b, tls: {insecure: yes}}');
    expect(told).toMatchObject({
      type: 'influxdb',
      protocol: 'https',
      host: 'h',
      port: 1,
      path: '/p',
      database: 'b',
      verifyCertificate: false,
    });
    expect(told?.token?.reveal()).toBe('hunter2');
    expect(source('influxdb_url: http://a:1#x\ninfluxdb: {url: "http://b", database: y}')?.host).toBe('a');
    expect(source('influxdb_url: http://a:1#x\nfleet:\n')?.host).toBe('a');
  });

  it('stands before that', () => {
    const written = 'influxdb_url: http://a:1#x\nfleet: {type: prometheus, url: "https://u:p@p/prom/"}';
    expect(source(written)).toMatchObject({
      type: 'prometheus',
      host: 'p',
      port: 443,
      path: '/prom',
      database: '',
      username: 'u',
    });
    expect(source('fleet: {url: "http://h:8086", database: 1.10}')?.database).toBe('1.10');
  });

  it.each([
    ['{type: prometheus}', 'fleet.type: url is missing'],
    [
      '{url: "http://h"}',
      'fleet.url: neither bucket (InfluxDB 2.x) nor database (1.x, 3.x) says what to read',
    ],
    ['{url: "http://h", bucket: a, database: b}', 'fleet.database: expected either bucket or database'],
    ['{url: "http://h", type: prometheus, bucket: a}', 'fleet.bucket: a Prometheus has none'],
    ['{url: "http://h", type: graphite}', 'fleet.type: expected influxdb or prometheus'],
    ['{url: "http://u:hunter2@h", database: b, token: t}', 'fleet.token: expected either a token or a user'],
    ['{url: "http://h", database: b, tls: {insecure: yes}}', 'fleet.tls: TLS needs an https:// url'],
    ['{url: "ftp://hunter2@h", database: b}', 'fleet.url: expected http[s]://'],
    ['http://u:hunter2@h', 'fleet: expected a mapping'],
  ])('names a fault with its place, and shows no secret: %s', (section, problem) => {
    const problems = problemsOf(parseSettings(`fleet: ${section}`));
    expect(problems.join('\n')).toContain(problem);
    expect(problems).toHaveLength(1);
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  it('is handed from process to process with its secrets, and printed without', () => {
    const result = good('fleet: {url: "http://me:hunter2@h:1", database: d}');
    const handed = unpack(pack(result, '1'), '1');
    expect(handed.ok && handed.settings.fleet?.password?.reveal()).toBe('hunter2');
    const printed = explainSettings('c', result);
    expect(printed).not.toContain('hunter2');
    expect(source(printed)).toMatchObject({ host: 'h', port: 1, username: 'me', database: 'd' });
    expect(JSON.stringify(result.settings)).not.toContain('hunter2');
    const none = unpack(pack(good(''), '1'), '1');
    expect(none.ok && none.settings.fleet).toBeNull();
  });
});
