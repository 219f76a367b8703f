import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
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
let volumes: Readonly<Record<string, { readonly name: string }>>;
const at = (name: string): string => join(folder, 'monitoring', name);
const read = (name: string): unknown => parse(readFileSync(at(name), 'utf8'));

/** Where passwords are, of a user whose configuration is in this folder. */
const passwordsOf = (user: string): string => join(folder, user, 'plancton/monitoring.env');
const called = (): string[] => readFileSync(join(folder, 'called'), 'utf8').trim().split('\n');

/** Runs `up` where `docker` only notes with which words it was called, and knows of these volumes. */
function tryUp(user: string, volumes: string, ...words: readonly string[]): ReturnType<typeof run> {
  const docker = join(folder, 'docker');
  const script = `#!/bin/sh\necho "$@" >> ${folder}/called\ncase "$1" in volume) ${volumes} ;; esac\n`;
  writeFileSync(docker, script);
  chmodSync(docker, 0o755);
  rmSync(join(folder, 'called'), { force: true });
  return run(user, words);
}

function run(user: string, words: readonly string[]) {
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    XDG_CONFIG_HOME: join(folder, user),
  };
  return spawnSync(at('up'), words, { env, encoding: 'utf8' });
}

/** The same where nothing is there yet; gives what it printed. */
function up(...words: readonly string[]): string {
  const { status, stdout, stderr } = tryUp('user', '', ...words);
  if (status !== 0) throw new Error(`up ended with ${status}: ${stderr}`);
  return stdout;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-compose-'));
  cpSync(resolve(import.meta.dirname, '../../monitoring'), at(''), { recursive: true });
  rmSync(at('.env'), { force: true });
  up();
  const program = requireProgram('docker-compose', 'docker-compose');
  const own = ['--project-name', 'another', '--env-file', passwordsOf('user')];
  const words = [...own, '--profile', 'prometheus', '--file', at('compose.yaml'), 'config'];
  ({ services, volumes } = parse(execFileSync(program, words, { cwd: at(''), encoding: 'utf8' })) as {
    services: typeof services;
    volumes: typeof volumes;
  });
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

  it('has its data in volumes of their own, whatever the folder or the project is called', () => {
    const names = Object.values(volumes).map(({ name }) => name);
    expect(names.toSorted()).toEqual(
      ['grafana', 'influxdb', 'prometheus'].map((name) => `plancton-monitoring_${name}`),
    );
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
  it('makes passwords once, each another, that nobody else can read, and where no upgrade replaces them', () => {
    const file = passwordsOf('user');
    const before = readFileSync(file, 'utf8');
    expect([file, join(file, '..')].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o700]);
    expect(existsSync(at('.env'))).toBe(false);
    const passwords = [...before.matchAll(/^(\w+)=([0-9a-f]{32})$/gm)].map(([, , value]) => value);
    expect(new Set(passwords).size).toBe(4);
    const printed = up();
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(passwords.filter((one) => printed.includes(String(one)))).toEqual([]);
    expect(printed).toContain('http://127.0.0.1:3000');
    expect(printed).toContain(file);
    // Who writes may not read.
    expect(printed).toContain('fleet: {url: "http://grafana:PASSWORD@127.0.0.1:8086", database: plancton}');
  });

  it('takes over those of before, which were beside it, and asks for no volumes then', () => {
    const before = 'GRAFANA_PASSWORD=a\n';
    writeFileSync(at('.env'), before, { mode: 0o644 });
    expect(tryUp('earlier', 'echo plancton-monitoring_influxdb').status).toBe(0);
    const file = passwordsOf('earlier');
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([before, 0o600]);
    expect(existsSync(at('.env'))).toBe(false);
  });

  it('makes none for data that want others, and says what to do', () => {
    const { status, stderr } = tryUp('other', 'echo plancton-monitoring_influxdb');
    expect(status).toBe(1);
    expect(stderr).toContain(passwordsOf('other'));
    expect(stderr).toContain('docker volume rm plancton-monitoring_influxdb plancton-monitoring_grafana\n');
    expect(existsSync(passwordsOf('other'))).toBe(false);
    expect(called()).toEqual(['volume ls --quiet --filter name=plancton-monitoring']);
    // A name that only holds it is another's.
    expect(tryUp('other', 'echo my-plancton-monitoring_influxdb').status).toBe(0);
  });

  it('makes none where Docker does not say what there is', () => {
    expect(tryUp('third', 'exit 7').status).toBe(7);
    expect(existsSync(passwordsOf('third'))).toBe(false);
  });

  it('leaves a folder that is there as open as it is', () => {
    mkdirSync(join(folder, 'fourth/plancton'), { recursive: true, mode: 0o755 });
    expect(tryUp('fourth', '').status).toBe(0);
    expect(statSync(join(folder, 'fourth/plancton')).mode & 0o777).toBe(0o755);
    expect(statSync(passwordsOf('fourth')).mode & 0o777).toBe(0o600);
  });

  it('starts all of it with one command, as a project that no other is called like', () => {
    const own = `compose --project-name plancton-monitoring --env-file ${passwordsOf('user')}`;
    up();
    expect(called()).toEqual(['compose version', `${own} up --detach --wait`]);
    up('--profile', 'prometheus');
    expect(called().at(-1)).toBe(`${own} --profile prometheus up --detach --wait`);
  });
});
