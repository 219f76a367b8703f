import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { requireProgram } from '../support/programs.ts';
import { boards } from './boards.ts';

/** A service, as compose reads the file: variables put in, paths made whole. */
interface Service {
  readonly image: string;
  readonly ports?: readonly (string | { readonly host_ip?: string })[];
  readonly volumes?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: unknown;
  readonly profiles?: readonly string[];
}

interface Provisioned {
  readonly datasources: readonly {
    readonly uid: string;
    readonly type: string;
    readonly url: string;
    readonly user?: string;
    readonly jsonData: { readonly dbName?: string };
    readonly secureJsonData?: { readonly password: string };
  }[];
}

let folder: string;
let services: Readonly<Record<string, Service>>;
const at = (name: string): string => join(folder, 'monitoring', name);
const read = (name: string): unknown => parse(readFileSync(at(name), 'utf8'));

/** Runs `up` where `docker` only notes with which words it was called; gives what it printed. */
function up(...words: readonly string[]): string {
  const docker = join(folder, 'docker');
  writeFileSync(docker, `#!/bin/sh\necho "$@" >> ${folder}/called\n`);
  chmodSync(docker, 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  return execFileSync(at('up'), words, { env, encoding: 'utf8' });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-compose-'));
  cpSync(resolve(import.meta.dirname, '../../monitoring'), at(''), { recursive: true });
  rmSync(at('.env'), { force: true });
  up();
  const program = requireProgram('docker-compose', 'docker-compose');
  const words = ['--profile', 'prometheus', '--file', at('compose.yaml'), 'config'];
  services = (
    parse(execFileSync(program, words, { cwd: at(''), encoding: 'utf8' })) as { services: typeof services }
  ).services;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Where something of this folder is in a container, by its path here. */
function mounts(service: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (services[service]?.volumes ?? []).map((volume) => {
      const [source = '', target = ''] =
        typeof volume === 'string' ? volume.split(':') : [volume.source, volume.target];
      return [source, target];
    }),
  );
}

describe('the compose file', () => {
  it('has services of a fixed version each, that are looked after, and reached from this machine alone', () => {
    expect(Object.keys(services).toSorted()).toEqual(['grafana', 'influxdb', 'prometheus']);
    for (const { image, healthcheck, ports = [] } of Object.values(services)) {
      expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
      expect(healthcheck).toBeDefined();
      expect(ports).toHaveLength(1);
      for (const port of ports)
        expect(typeof port === 'string' ? port : port.host_ip).toMatch(/^127\.0\.0\.1/);
    }
  });

  it('mounts what is there, where Grafana and Prometheus look for it', () => {
    const own = Object.keys({ ...mounts('grafana'), ...mounts('prometheus') }).filter((one) =>
      one.startsWith('/'),
    );
    expect(own).toHaveLength(3);
    expect(own.filter((path) => !existsSync(path))).toEqual([]);
    const provider = read('grafana/provisioning/dashboards/plancton.yaml') as {
      providers: { options: { path: string } }[];
    };
    expect(provider.providers[0]?.options.path).toBe(mounts('grafana')[at('grafana/dashboards')]);
    expect(mounts('grafana')[at('grafana/provisioning')]).toBe('/etc/grafana/provisioning');
    const home = services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
    expect(home.replace('/etc/plancton', at('grafana'))).toSatisfy(existsSync);
    expect(mounts('prometheus')[at('prometheus')]).toBe('/etc/prometheus');
  });

  it('gives Grafana a data source for each dashboard, with users and a database that are made', () => {
    const { datasources } = read('grafana/provisioning/datasources/plancton.yaml') as Provisioned;
    const types = new Set(datasources.map(({ type }) => type));
    expect(boards.filter(({ database }) => !types.has(database))).toEqual([]);
    for (const { url } of datasources) expect(Object.keys(services)).toContain(new URL(url).hostname);
    const given = services['grafana']?.environment ?? {};
    const made = services['influxdb']?.environment ?? {};
    const valueOf = (text = ''): string | undefined => given[text.replace('$', '')];
    const influx = datasources.find(({ type }) => type === 'influxdb');
    expect(valueOf(influx?.jsonData.dbName)).toBe(made['INFLUXDB_DB']);
    expect(valueOf(influx?.user)).toBe(made['INFLUXDB_READ_USER']);
    expect(valueOf(influx?.secureJsonData?.password)).toBe(made['INFLUXDB_READ_USER_PASSWORD']);
    expect(made['INFLUXDB_HTTP_AUTH_ENABLED']).toBe('true');
  });

  it('has a configuration of Prometheus that it understands, with the alerts', () => {
    const promtool = requireProgram('promtool', 'prometheus');
    const told = execFileSync(promtool, ['check', 'config', at('prometheus/prometheus.yml')], {
      encoding: 'utf8',
    });
    expect(told).toMatch(/6 rules found/);
    expect(read('prometheus/nodes.yml')).toEqual([{ targets: ['host.docker.internal:7526'] }]);
  });
});

describe('up', () => {
  it('makes passwords once, each another, that nobody else can read', () => {
    const before = readFileSync(at('.env'), 'utf8');
    expect(statSync(at('.env')).mode & 0o777).toBe(0o600);
    const passwords = [...before.matchAll(/^(\w+)=([0-9a-f]{32})$/gm)].map(([, , value]) => value);
    expect(new Set(passwords).size).toBe(4);
    const printed = up();
    expect(readFileSync(at('.env'), 'utf8')).toBe(before);
    expect(passwords.filter((one) => printed.includes(String(one)))).toEqual([]);
    expect(printed).toContain('http://127.0.0.1:3000');
  });

  it('starts all of it with one command', () => {
    up('--profile', 'prometheus');
    const called = readFileSync(join(folder, 'called'), 'utf8').trim().split('\n');
    expect(called.slice(0, 2)).toEqual(['compose version', 'compose up --detach --wait']);
    expect(called.at(-1)).toBe('compose --profile prometheus up --detach --wait');
  });
});
