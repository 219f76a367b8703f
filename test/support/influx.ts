import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a test wants its InfluxDB. */
export interface InfluxOptions {
  /** Users must say who they are; `admin` / `admin-password` may do everything. */
  readonly auth?: boolean;
  /** With a certificate that it has signed itself. */
  readonly https?: boolean;
  readonly mostBodyBytes?: number;
  /** After how long without a write it puts what it has into its compact files; ten minutes and more where it is not told. */
  readonly coldSeconds?: number;
}

/** A row as InfluxDB tells it, with the names of its columns. */
type InfluxRow = Readonly<Record<string, unknown>>;

/** A real influxd on 127.0.0.1 with a data folder of its own. */
export interface InfluxServer {
  readonly port: number;
  /** Its process, the one that runs now. */
  readonly pid: number;
  /** Where its files are: `data`, `wal`, `meta`. */
  readonly folder: string;
  /** The file of its certificate, where it has one. */
  readonly certificate: string;
  /** Runs InfluxQL, as the administrator where there are users; gives every row of every series, tags included. */
  query(influxql: string, database?: string): Promise<InfluxRow[]>;
  /** Ends the process; the data stay. */
  stop(): Promise<void>;
  /** Starts it again at the same port with the same data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

const program = '/usr/bin/influxd';
const admin = { name: 'admin', password: 'admin-password' };

/** Starts an influxd and waits until it answers. Fails, naming the package, where there is none. */
export async function startInflux(options: InfluxOptions = {}): Promise<InfluxServer> {
  if (!existsSync(program)) throw new Error(`${program} is missing: apt-get install influxdb`);
  const folder = mkdtempSync(join(tmpdir(), 'plancton-influx-'));
  const port = await freePort();
  const environment = environmentOf(options, folder, port, await freePort());
  let process = await run(environment, port, options);
  if (options.auth) {
    await ask(
      port,
      options,
      `CREATE USER ${admin.name} WITH PASSWORD '${admin.password}' WITH ALL PRIVILEGES`,
    );
  }
  const stop = () => end(process);
  return {
    port,
    get pid() {
      return process.pid ?? 0;
    },
    folder,
    certificate: environment['INFLUXDB_HTTP_HTTPS_CERTIFICATE'] ?? '',
    query: (influxql, database) => ask(port, options, influxql, database),
    stop,
    restart: async () => {
      process = await run(environment, port, options);
    },
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A TCP port of 127.0.0.1 that nothing listened on a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function environmentOf(
  options: InfluxOptions,
  folder: string,
  port: number,
  backupPort: number,
): NodeJS.ProcessEnv {
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  if (options.https) makeCertificate(certificate, key);
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    INFLUXDB_REPORTING_DISABLED: 'true',
    INFLUXDB_BIND_ADDRESS: `127.0.0.1:${backupPort}`,
    INFLUXDB_META_DIR: join(folder, 'meta'),
    INFLUXDB_DATA_DIR: join(folder, 'data'),
    INFLUXDB_DATA_WAL_DIR: join(folder, 'wal'),
    INFLUXDB_MONITOR_STORE_ENABLED: 'false',
    INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
    INFLUXDB_HTTP_AUTH_ENABLED: String(options.auth ?? false),
    INFLUXDB_HTTP_MAX_BODY_SIZE: String(options.mostBodyBytes ?? 25_000_000),
    INFLUXDB_HTTP_HTTPS_ENABLED: String(options.https ?? false),
    INFLUXDB_HTTP_HTTPS_CERTIFICATE: certificate,
    INFLUXDB_HTTP_HTTPS_PRIVATE_KEY: key,
    ...(options.coldSeconds === undefined
      ? {}
      : {
          INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION: `${options.coldSeconds}s`,
          INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION: `${options.coldSeconds}s`,
        }),
  };
}

function makeCertificate(certificate: string, key: string): void {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
  execFileSync('openssl', [...request, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
}

async function run(
  environment: NodeJS.ProcessEnv,
  port: number,
  options: InfluxOptions,
): Promise<ChildProcess> {
  const child = spawn(program, ['run', '-config', '/dev/null'], { env: environment, stdio: 'pipe' });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const deadline = Date.now() + 30_000;
  while (!(await answers(port, options))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await end(child);
      throw new Error(`influxd does not answer at port ${port}: ${said.slice(-2000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(killer);
}

async function answers(port: number, options: InfluxOptions): Promise<boolean> {
  return send(port, options, '/ping').then(
    ({ status }) => status === 204,
    () => false,
  );
}

interface QueryAnswer {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly {
      readonly name?: string;
      readonly tags?: Record<string, string>;
      readonly columns: readonly string[];
      readonly values: readonly (readonly unknown[])[];
    }[];
  }[];
}

async function ask(port: number, options: InfluxOptions, q: string, db?: string): Promise<InfluxRow[]> {
  const query = new URLSearchParams({ q, ...(db === undefined ? {} : { db }) });
  const { body } = await send(port, options, `/query?${query.toString()}`);
  const answer = JSON.parse(body) as QueryAnswer;
  const error = answer.error ?? answer.results?.find((result) => result.error)?.error;
  if (error !== undefined) throw new Error(`${q}: ${error}`);
  const series = (answer.results ?? []).flatMap((result) => result.series ?? []);
  return series.flatMap((one) =>
    one.values.map((value) => ({
      ...one.tags,
      ...Object.fromEntries(one.columns.map((column, index) => [column, value[index]])),
    })),
  );
}

function send(port: number, options: InfluxOptions, path: string): Promise<{ status: number; body: string }> {
  const auth = options.auth ? { auth: `${admin.name}:${admin.password}` } : {};
  const where = {
    host: '127.0.0.1',
    port,
    path,
    method: path === '/ping' ? 'GET' : 'POST',
    agent: false,
    ...auth,
  };
  return new Promise((resolve, reject) => {
    const request = options.https
      ? https.request({ ...where, rejectUnauthorized: false })
      : http.request(where);
    request.on('error', reject).on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    request.setTimeout(10_000, () => request.destroy(new Error(`no answer to ${path}`)));
    request.end();
  });
}
