import { describe, expect, it } from 'vitest';
import { explainSettings } from '../../src/config/explain.ts';
import { type LoadResult, parseSettings } from '../../src/config/load.ts';
import { pack, unpack } from '../../src/config/passing.ts';
import { formatProblem } from '../../src/config/problem.ts';
import type { InfluxTarget } from '../../src/model/settings.ts';

function targets(yaml: string): readonly InfluxTarget[] {
  const result = parseSettings(yaml);
  if (!result.ok) throw new Error(problemsOf(result).join('\n'));
  return result.settings.influxdb;
}

function problemsOf(result: LoadResult): string[] {
  const all = result.ok ? [] : result.problems;
  return all.map((problem) => formatProblem('c', problem));
}

const base = 'influxdb:\n  - url: https://h:8086\n    ';

describe('influxdb', () => {
  it('speaks the way of the version that its keys are of', () => {
    const [two, three, one] = targets(`
influxdb:
  - {url: "https://h:8086/sub/", token: "t==", org: grid, bucket: b, tls: {ca: /ca.pem}, tags: {site: north}}
  - {url: "https://h3", token: t, database: d, tls: {insecure: yes}}
  - {url: "http://u:p%40ss@h", database: "1.10"}
`);
    expect(two).toMatchObject({
      key: 'influxdb',
      api: 2,
      protocol: 'https',
      host: 'h',
      port: 8086,
      path: '/sub',
      database: 'b',
      org: 'grid',
      verifyCertificate: true,
      caFile: '/ca.pem',
      tags: { site: 'north' },
    });
    expect(two?.token?.reveal()).toBe('t==');
    expect(three).toMatchObject({ api: 3, port: 443, database: 'd', org: null, verifyCertificate: false });
    expect(one).toMatchObject({ api: 1, port: 80, database: '1.10', username: 'u', token: null });
    expect(one?.password?.reveal()).toBe('p@ss');
  });

  it('stands beside influxdb_url, and one entry may stand for a list', () => {
    const all = targets('influxdb_url: http://a:1#x\ninfluxdb: {url: "http://b:1", database: y}');
    expect(all.map(({ key, host, database }) => [key, host, database])).toEqual([
      ['influxdb_url', 'a', 'x'],
      ['influxdb', 'b', 'y'],
    ]);
    expect(targets('influxdb:')).toEqual([]);
    expect(targets('influxdb: []')).toEqual([]);
  });

  it.each([
    [
      'token: hunter2',
      'influxdb[0].url: neither bucket (InfluxDB 2.x) nor database (1.x, 3.x) says where to write',
    ],
    ['{bucket: a, database: b}', 'influxdb[0].database: expected either bucket or database, found both'],
    ['{database: a, org: b}', 'influxdb[0].org: an organization has buckets: bucket is missing'],
    ['{database: a, tls: {ca: /a, insecure: true}}', 'influxdb[0].tls: insecure accepts any certificate'],
    ['{database: a, tls: {ca: a}}', 'influxdb[0].tls.ca: expected the absolute path of a file'],
    ['{database: ""}', 'influxdb[0].database: expected the name of a database'],
    [
      '{database: a, token: "hunter2 hunter2"}',
      'influxdb[0].token: expected a token, found text that is not shown',
    ],
    ['{database: a, tags: {hostname: x}}', 'influxdb[0].tags.hostname: Plancton itself sets this tag'],
    ['{database: a, tags: {time: x}}', 'influxdb[0].tags.time: no name of a tag'],
    ['{database: a, tags: {_x: x}}', 'influxdb[0].tags._x: no name of a tag'],
    ['{database: a, tags: {x: ""}}', 'influxdb[0].tags.x: expected a word or words'],
    ['{database: a, tags: {x: "a\\nb"}}', 'influxdb[0].tags.x: expected a word or words'],
  ])('names a fault with its place, and shows no secret: %s', (keys, problem) => {
    const entry = keys.startsWith('{') ? keys.slice(1, -1) : keys;
    const problems = problemsOf(parseSettings(`influxdb: [{url: "https://h", ${entry}}]`));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
    expect(problems[0]).not.toContain('hunter2');
  });

  it.each([
    ['ftp://u:hunter2@h', 'it does not begin with http:// or https://'],
    ['http://u:hunter2@h#db', 'the database has a key of its own'],
    ['http://u:hunter2@h?x', 'nothing may follow a ?'],
    ['http://u:hunter2@h:x', 'the host or port is not valid'],
  ])('refuses the url %s, without showing it', (url, why) => {
    const [problem = ''] = problemsOf(parseSettings(`influxdb: [{url: "${url}", database: d}]`));
    expect(problem).toContain(why);
    expect(problem).not.toContain('hunter2');
  });

  it('tells what lacks, and what is a mapping where a list is meant', () => {
    expect(problemsOf(parseSettings('influxdb: [{database: d}]'))[0]).toMatch(/influxdb\[0\].*url/);
    expect(problemsOf(parseSettings('influxdb: {site: {url: "http://h"}}'))[0]).toContain(
      'expected a list, as in "- url: https://influx.example.org:8086", found a mapping',
    );
    expect(
      problemsOf(parseSettings('influxdb: [{url: "http://h", database: d, tls: {ca: /a}}]'))[0],
    ).toContain('influxdb[0].tls: TLS needs an https:// url');
    expect(problemsOf(parseSettings('influxdb: [{url: "http://u@h", database: d, token: t}]'))[0]).toContain(
      'expected either a token or a user in url, found both',
    );
  });

  it('warns of a database that is there twice', () => {
    const twice =
      'influxdb_url: http://h:1#d\ninfluxdb:\n  - {url: "http://h:1", database: e}\n  - {url: "http://h:1", database: d, tags: {a: b}}';
    const { warnings } = parseSettings(twice);
    expect(warnings.map((problem) => formatProblem('c', problem))).toEqual([
      'c:4:5 influxdb[1]: another entry is of the same database: this one has no effect',
    ]);
  });

  it('warns of a key that it does not know', () => {
    const result = parseSettings(`${base}database: d\n    retention: x`);
    expect(result.warnings.map((problem) => formatProblem('c', problem))).toEqual([
      'c:4:5 influxdb[0].retention: unknown key: ignored',
    ]);
  });

  it('is handed from process to process with its secrets, and printed without', () => {
    const result = parseSettings(`${base}token: hunter2\n    bucket: b`);
    if (!result.ok) throw new Error('not loaded');
    const handed = unpack(pack(result, '1'), '1');
    expect(handed.ok && handed.settings.influxdb[0]?.token?.reveal()).toBe('hunter2');
    const printed = explainSettings('c', result);
    expect(printed).toMatch(/token: "\*\*\*"/);
    expect(printed).not.toContain('hunter2');
    expect(JSON.stringify(result.settings)).not.toContain('hunter2');
  });
});
