import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { metricsText } from '../../src/serve/metricsText.ts';
import { nodeMetrics } from '../../src/serve/nodeMetrics.ts';
import { wholeFacts } from '../support/nodeFacts.ts';

const textOf = (...more: Parameters<typeof wholeFacts>): string =>
  metricsText(nodeMetrics(wholeFacts(...more), 1_799_996_400_000), 'text');
const whole = wholeFacts();

describe('the metrics of a node', () => {
  it.each([
    'plancton_build_info{version="1.2.3"} 1',
    'plancton_state{state="active"} 1',
    'plancton_state{state="waiting"} 0',
    'plancton_dry_run 0',
    'process_start_time_seconds 1799996400',
    'process_cpu_seconds_total 5.4',
    'process_resident_memory_bytes 50000000',
    'plancton_tick_duration_seconds_bucket{le="0.005"} 3600',
    'plancton_tick_duration_seconds_sum 2.52',
    'plancton_node_cpus 8',
    'plancton_cpus_in_use{used_by="owner"} 1.5',
    'plancton_cpu_seconds_total{used_by="pilots"} 14400',
    'plancton_node_memory_bytes 16000000000',
    'plancton_node_memory_available_bytes 6000000000',
    'plancton_memory_in_use_bytes{used_by="owner"} 4000000000',
    'plancton_engine_disk_free_bytes 400000000000',
    'plancton_owner_waiting_ratio{resource="memory",tasks="all"} 0.005',
    'plancton_owner_waiting_seconds_total{resource="io",tasks="some"} 108',
    'plancton_pilots_limit 6',
    'plancton_slots_taken 4',
    'plancton_unmanaged_containers 1',
    'plancton_start_refused{rule="cpu"} 1',
    'plancton_pilots{kind="atlas",state="running"} 3',
    'plancton_pilots{kind="atlas",state="prepared"} 2',
    'plancton_kind_fruitless_pilots{kind="cms"} 3',
    'plancton_kind_back_off_seconds{kind="cms"} 240',
    'plancton_pilot_starts_total{kind="atlas",result="failed"} 2',
    'plancton_pilot_starts_total{kind="cms",result="started"} 0',
    'plancton_pilot_ends_total{kind="atlas",outcome="evicted",reason="memory"} 4',
    'plancton_pilot_ends_total{kind="atlas",outcome="finished",reason="none"} 30',
    'plancton_refill_gap_seconds_bucket{le="0.25"} 0',
    'plancton_refill_gap_seconds_bucket{le="0.5"} 36',
    'plancton_refill_gap_seconds_count 36',
    'plancton_engine_up 1',
    'plancton_engine_info{product="docker",version="20.10.24"} 1',
    'plancton_engine_call_duration_seconds_bucket{verb="start",le="0.5"} 42',
    'plancton_engine_call_duration_seconds_sum{verb="list"} 0.4',
    'plancton_engine_call_failures_total{verb="start"} 2',
    'plancton_harvested_cpu_seconds_total 14400',
    'plancton_wasted_cpu_seconds_total 600',
    'plancton_owner_delay_seconds_total 9',
    'plancton_influxdb_failing{target="http://influx.example.org:8086#grid"} 0',
    'plancton_influxdb_points_sent_total{target="http://influx.example.org:8086#grid"} 1000',
    'plancton_influxdb_spool_bytes{target="http://influx.example.org:8086#grid"} 4096',
    'plancton_influxdb_spool_limit_bytes{target="http://influx.example.org:8086#grid"} 50000000',
    'plancton_influxdb_points_waiting{target="http://influx.example.org:8086#grid"} 5',
  ])('have %s', (line) => {
    expect(textOf().split('\n')).toContain(line);
  });

  it('leave out what is not known', () => {
    const node = Object.fromEntries(Object.keys(whole.node).map((name) => [name, null]));
    const text = textOf({
      node: { ...whole.node, ...node, cpus: 8 },
      pressure: { cpu: null, memory: null, memoryFull: null, io: null },
      integrals: Object.fromEntries(
        Object.keys(whole.integrals).map((name) => [name, { sum: 0, knownMs: 0 }]),
      ) as typeof whole.integrals,
      account: null,
      engine: { answering: false, product: null, version: null },
      slots: { ...whole.slots, refusal: null },
    });
    const names = new Set([...text.matchAll(/^[a-z_]+/gm)].map(([name]) => name));
    const unknown = [
      'cpus_in_use',
      'cpu_seconds_total',
      'node_memory_bytes',
      'memory_in_use_bytes',
      'node_swap_bytes',
      'engine_disk_bytes',
      'owner_waiting_ratio',
      'owner_waiting_seconds_total',
      'harvested_cpu_seconds_total',
      'engine_info',
      'start_refused',
    ];
    expect(unknown.filter((name) => names.has(`plancton_${name}`))).toEqual([]);
    expect(text).toContain('plancton_engine_up 0');
    expect(textOf({ account: { harvestedMs: 1, wastedMs: 0, ownerDelayMs: null } })).not.toMatch(/delay/);
  });

  it('tell databases that are written alike as one: a series must not come twice', () => {
    const [sink] = whole.sinks;
    if (sink === undefined) throw new Error('there is none');
    const text = textOf({ sinks: [sink, { ...sink, state: 'failing' }] });
    expect(text.match(/influxdb_points_sent_total\{.*/g)).toEqual([
      'influxdb_points_sent_total{target="http://influx.example.org:8086#grid"} 2000',
    ]);
    expect(text).toContain('plancton_influxdb_failing{target="http://influx.example.org:8086#grid"} 1');
  });

  it('are all in the documentation, with their labels', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/prometheus.md'), 'utf8');
    const rows = nodeMetrics(whole, 0).map(({ name, type, help, samples }) => {
      const suffix = type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
      const labels = [...new Set(samples.flatMap((sample) => Object.keys(sample.labels ?? {})))];
      const labelText = labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}${suffix}\` | ${type} | ${labelText} | ${help} |`;
    });
    expect(page.split('\n').filter((line) => /^\| `(plancton|process)_/.test(line))).toEqual(rows);
  });
});
