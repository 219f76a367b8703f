import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../src/model/reading.ts';
import {
  accountPoint,
  containerPoint,
  daemonPoint,
  nodePoint,
  shortHostname,
} from '../../src/record/series.ts';

const at = { hostname: 'wn1.example.org', atWallMs: 5 };

describe('the series that existing dashboards read', () => {
  it('daemon: seconds, pilots and a word', () => {
    expect(daemonPoint({ ...at, uptimeMs: 1_500, containers: 3, status: 'waiting' })).toEqual({
      measurement: 'daemon',
      tags: { hostname: 'wn1' },
      fields: { uptime: 1.5, containers: 3, status: 'waiting' },
      atWallMs: 5,
    });
  });

  it('measurement: the node in per cent, and nothing while that is unknown', () => {
    expect(nodePoint({ ...at, cpuPercent: known(12.5) })).toEqual({
      measurement: 'measurement',
      tags: { hostname: 'wn1' },
      fields: { cpu_eff: 12.5 },
      atWallMs: 5,
    });
    expect(nodePoint({ ...at, cpuPercent: unknown('no /proc/stat') })).toBeNull();
  });

  it('container: how a pilot ended, in the words of the original', () => {
    expect(containerPoint({ ...at, started: true, killed: false, livedMs: 2_500 })).toEqual({
      measurement: 'container',
      tags: { hostname: 'wn1', started: 'True', killed: 'False' },
      fields: { uptime: 2.5 },
      atWallMs: 5,
    });
    expect(containerPoint({ ...at, started: false, killed: true, livedMs: 2_500 })).toMatchObject({
      tags: { started: 'False', killed: 'True' },
      fields: { uptime: 0 },
    });
  });

  it('beside them, account: what pilots had, what was lost, what the owner waited, in seconds', () => {
    const sums = { sinceMs: 0, harvestedMs: 90_000, wastedMs: 1_500, ownerDelayMs: 250 };
    expect(accountPoint({ ...at, ...sums })).toEqual({
      measurement: 'account',
      tags: { hostname: 'wn1' },
      fields: { harvested_seconds: 90, wasted_seconds: 1.5, owner_delay_seconds: 0.25 },
      atWallMs: 5,
    });
    expect(accountPoint({ ...at, ...sums, sinceMs: null })).toBeNull();
    expect(accountPoint({ ...at, ...sums, ownerDelayMs: null })?.fields).toEqual({
      harvested_seconds: 90,
      wasted_seconds: 1.5,
    });
  });

  it.each([
    ['wn1', 'wn1'],
    ['wn1.a.b', 'wn1'],
    ['.odd', '.odd'],
  ])('%s is known as %s', (hostname, short) => expect(shortHostname(hostname)).toBe(short));
});
