import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from './http.ts';
import { freePort } from './freePort.ts';
import { requireProgram, type Server, startServer } from './programs.ts';
import { until } from './until.ts';

/** One series that a query has found, and its value. */
export interface Found {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One series over a time, with what it was at each step where there is something. */
export interface FoundCourse {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

/** A target as Prometheus tells it. */
export interface ScrapeTarget {
  readonly health: string;
  readonly lastError: string;
}

/** A real Prometheus on 127.0.0.1 with a data folder of its own. */
export interface TestPrometheus {
  readonly port: number;
  query(promql: string): Promise<Found[]>;
  /** The same at each step of a time, in Unix milliseconds. */
  course(promql: string, fromMs: number, toMs: number, stepMs: number): Promise<FoundCourse[]>;
  /** Values of a label, of the series that are selected. */
  labelValues(label: string, selector: string): Promise<string[]>;
  /** The targets of its one job, `plancton`. */
  targets(): Promise<ScrapeTarget[]>;
  /** Names of alerts by their states, as the rules have them now. */
  alerts(): Promise<{ readonly name: string; readonly state: string }[]>;
  stop(): Promise<void>;
}

/**
 * Starts a Prometheus that scrapes these ports of 127.0.0.1 each second, with the rules of this file. It knows what `past`
 * tells as OpenMetrics with timestamps.
 */
export async function startPrometheus(
  ports: readonly number[],
  rules: string,
  past?: string,
): Promise<TestPrometheus> {
  const program = requireProgram('prometheus', 'prometheus');
  const folder = mkdtempSync(join(tmpdir(), 'plancton-prometheus-'));
  const port = await freePort();
  const configuration = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [
      { job_name: 'plancton', static_configs: [{ targets: ports.map((one) => `127.0.0.1:${one}`) }] },
    ],
  };
  const file = join(folder, 'prometheus.yml');
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(configuration));
  if (past !== undefined) {
    const pastFile = join(folder, 'past');
    writeFileSync(pastFile, past);
    const words = ['tsdb', 'create-blocks-from', 'openmetrics', pastFile, join(folder, 'data')];
    execFileSync(requireProgram('promtool', 'prometheus'), words, { stdio: 'pipe' });
  }
  const server: Server = startServer(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    join(folder, 'log'),
  );
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until(
      'an answer of Prometheus',
      async () => {
        if (!server.runs()) throw new Error(`it ended: ${server.log()}`);
        return ask(port, '/-/ready').then(
          ({ status }) => status === 200,
          () => false,
        );
      },
      60_000,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const data = async <T>(path: string): Promise<T> => {
    const { data: found, error } = JSON.parse((await ask(port, path)).body) as { data?: T; error?: string };
    if (found === undefined) throw new Error(`${decodeURIComponent(path)}: ${error}`);
    return found;
  };
  return {
    port,
    async query(promql) {
      type Answer = { result: { metric: Record<string, string>; value: [number, string] }[] };
      const { result } = await data<Answer>(`/api/v1/query?query=${encodeURIComponent(promql)}`);
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async course(promql, fromMs, toMs, stepMs) {
      type Answer = { result: { metric: Record<string, string>; values: [number, string][] }[] };
      const span = `start=${fromMs / 1000}&end=${toMs / 1000}&step=${stepMs / 1000}`;
      const { result } = await data<Answer>(
        `/api/v1/query_range?query=${encodeURIComponent(promql)}&${span}`,
      );
      return result.map(({ metric, values }) => ({
        labels: metric,
        values: values.map(([, value]) => Number(value)),
      }));
    },
    labelValues: (label, selector) =>
      data<string[]>(`/api/v1/label/${label}/values?match[]=${encodeURIComponent(selector)}`),
    targets: async () => (await data<{ activeTargets: ScrapeTarget[] }>('/api/v1/targets')).activeTargets,
    async alerts() {
      type Answer = { groups: { rules: { name: string; state: string }[] }[] };
      return (await data<Answer>('/api/v1/rules')).groups.flatMap(({ rules }) => rules);
    },
    stop,
  };
}
