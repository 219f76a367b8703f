import { describe, expect, it } from 'vitest';
import {
  jobFeatures,
  machineFeatures,
  pilotEnv,
  seconds,
  startFeatures,
} from '../../src/act/pilotFolderFeatures.ts';
import { factsOf } from './pilotFacts.ts';

describe('a pilot is told', () => {
  it('of its node', () => {
    expect(machineFeatures(factsOf(), null)).toEqual({ total_cpu: '8', hs06: '100', grace_secs: '10' });
  });

  it('when the node closes, in seconds', () => {
    expect(machineFeatures(factsOf({ hs06: null }), 1_790_000_000_999)).toEqual({
      total_cpu: '8',
      grace_secs: '10',
      shutdowntime: '1790000000',
    });
  });

  it('of itself: whole seconds and processors, never more than it has', () => {
    expect(jobFeatures(factsOf())).toEqual({
      allocated_cpu: '2',
      hs06_job: '31.25',
      grace_secs_job: '10',
      job_id: 'plancton-worker-k3v9x0',
      max_rss_bytes: '2000000000',
      max_swap_bytes: '500000000',
      wall_limit_secs: '43200',
      cpu_limit_secs: '108002',
    });
  });

  it('of one processor where it has half of one', () => {
    expect(jobFeatures(factsOf({ cpus: 0.5 }))).toMatchObject({ allocated_cpu: '1', hs06_job: '6.25' });
    expect(pilotEnv(factsOf({ cpus: 0.5 }))).toMatchObject({ PLANCTON_CPUS: '0.5' });
  });

  it('of no limit and no measure that there is none of', () => {
    const told = jobFeatures(factsOf({ ttlMs: Infinity, hs06: null }));
    expect(Object.keys(told)).not.toContain('wall_limit_secs');
    expect(Object.keys(told)).not.toContain('cpu_limit_secs');
    expect(Object.keys(told)).not.toContain('hs06_job');
    expect(pilotEnv(factsOf({ ttlMs: Infinity }))).not.toHaveProperty('PLANCTON_TTL');
  });

  it('when it started, and when it must be gone at the latest', () => {
    expect(startFeatures(1_790_000_000_999, '43200')).toEqual({
      jobstart_secs: '1790000000',
      shutdowntime_job: '1790043200',
    });
    expect(startFeatures(1_790_000_000_999, null)).toEqual({ jobstart_secs: '1790000000' });
  });

  it('by its environment where to look, and what it has', () => {
    expect(pilotEnv(factsOf())).toEqual({
      MACHINEFEATURES: '/plancton/machinefeatures',
      JOBFEATURES: '/plancton/jobfeatures',
      JOBOUTPUTS: '/plancton/state',
      PLANCTON_STATE: '/plancton/state',
      PLANCTON_KIND: 'analysis',
      PLANCTON_NAME: 'plancton-worker-k3v9x0',
      PLANCTON_NODE: 'wn042',
      PLANCTON_CPUS: '2.5',
      PLANCTON_MEMORY_BYTES: '2000000000',
      PLANCTON_GRACE: '10',
      PLANCTON_TTL: '43200',
    });
  });

  it('never of more time than there is', () => {
    expect(seconds(1999)).toBe('1');
  });
});
