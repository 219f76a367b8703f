import { execFileSync, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/freePort.ts';
import { ask } from '../support/http.ts';
import { requireProgram } from '../support/programs.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, plancton, small, useRig } from './rig.ts';

const folder = resolve(import.meta.dirname, '../../monitoring/prometheus');
const rules = resolve(folder, 'alerts.yml');

describe('Prometheus', () => {
  useRig();

  it('scrapes a daemon, in both formats, and finds what pilots do', async () => {
    const port = await freePort();
    configure(
      plancton,
      engine.url,
      `${small}docker_cmd: /bin/sleep 1\nmax_docks: 2\nlisten: 127.0.0.1:${port}\n`,
    );
    await begin(plancton);
    await plancton.logged(`page and metrics are at http://127.0.0.1:${port}`);
    expect((await plancton.status()).page).toEqual({ url: `http://127.0.0.1:${port}`, error: '' });
    const prometheus = await startPrometheus([port], rules);
    try {
      const found = (promql: string, least: number): Promise<unknown> =>
        until(
          `${promql} of at least ${least}`,
          async () => {
            const [first] = await prometheus.query(promql);
            return first !== undefined && first.value >= least;
          },
          60_000,
        );
      await found('sum(plancton_pilot_starts_total{kind="default",result="started"})', 3);
      await found('sum(plancton_pilot_ends_total{kind="default",outcome="finished",reason="none"})', 3);
      await found('plancton_refill_gap_seconds_count', 1);
      await found('plancton_engine_call_duration_seconds_count{verb="start"}', 3);
      await found('rate(plancton_pilot_starts_total{result="started"}[30s])', 0.01);
      await found('plancton_node_cpus', 1);
      expect(await prometheus.query('plancton_pilots_limit')).toEqual([
        { labels: expect.objectContaining({ job: 'plancton' }) as unknown, value: 2 },
      ]);
      expect(await prometheus.targets()).toEqual([expect.objectContaining({ health: 'up', lastError: '' })]);
      // Whatever a daemon tells, none of its pilots is a series.
      const names = (await plancton.pilots()).map(({ Names }) => Names[0]?.slice(1) ?? '');
      const everything = JSON.stringify(await prometheus.query('{job="plancton"}'));
      expect(names.filter((name) => everything.includes(name))).toEqual([]);
      expect(everything).not.toContain('plancton-worker');

      const alerts = await until('its rules', async () => {
        const told = await prometheus.alerts();
        return told.length > 0 ? told : null;
      });
      expect(alerts.map(({ name }) => name)).toContain('PlanctonNodeSilent');
      await plancton.ctl('stop');
      await until('a silent node', async () =>
        (await prometheus.alerts()).some(
          ({ name, state }) => name === 'PlanctonNodeSilent' && state === 'pending',
        ),
      );
    } finally {
      await prometheus.stop();
    }
  });

  it('finds no fault in how they are written', async () => {
    const promtool = requireProgram('promtool', 'prometheus');
    const port = await freePort();
    configure(
      plancton,
      engine.url,
      `${small}docker_cmd: /bin/sleep 1\nmax_docks: 1\nlisten: ${port}\ninfluxdb_url: http://127.0.0.1:9#x\n`,
    );
    await begin(plancton);
    const scraped = await until('a scrape after a pilot’s end', async () => {
      const { body } = await ask(port, '/metrics').catch(() => ({ body: '' }));
      return /^plancton_pilot_ends_total\{.*\} [1-9]/m.test(body) ? body : null;
    });
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], {
      input: scraped,
      encoding: 'utf8',
    });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
    const { body } = await ask(port, '/metrics', { headers: { accept: 'application/openmetrics-text' } });
    expect(body).toMatch(/^# TYPE plancton_pilot_starts counter\n/m);
    expect(body).toMatch(/\n# EOF\n$/);
  });

  it('understands the alerts, which come when they should', () => {
    const promtool = requireProgram('promtool', 'prometheus');
    const told = execFileSync(promtool, ['check', 'rules', 'alerts.yml'], { cwd: folder, encoding: 'utf8' });
    expect(told).toMatch(/SUCCESS: 6 rules found/);
    const tested = execFileSync(promtool, ['test', 'rules', 'alerts.test.yml'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(tested).toMatch(/SUCCESS/);
  });
});
