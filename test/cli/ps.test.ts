import { describe, expect, it } from 'vitest';
import { kindsText } from '../../src/cli/kinds.ts';
import { psText } from '../../src/cli/ps.ts';
import type { KindStanding } from '../../src/decide/kindStandings.ts';
import type { PilotAnswer } from '../../src/daemon/psAnswer.ts';

const pilot = (changes: Partial<PilotAnswer>): PilotAnswer => ({
  name: 'plancton-worker-aaaaaa',
  id: 'a',
  kind: 'cms',
  state: 'running',
  ageSeconds: 300,
  cpus: 0.973,
  cpuSeconds: 290,
  memoryBytes: 1.5e9,
  ttlLeftSeconds: 43_000,
  managed: true,
  toRenew: false,
  ...changes,
});
const unknown = { ageSeconds: null, cpus: null, cpuSeconds: null, memoryBytes: null, ttlLeftSeconds: null };

describe('a list of pilots', () => {
  it('tells what each is and uses, the oldest first, and nothing of what is not known', () => {
    const pilots = [
      pilot({ name: 'b', ...unknown, state: 'prepared' }),
      pilot({ name: 'c', ...unknown, kind: null, managed: false }),
      pilot({ ageSeconds: 10, kind: 'atlas', name: 'd', toRenew: true, trouble: 'cannot stop it' }),
      pilot({}),
    ];
    expect(psText({ at: '', pilots })).toEqual([
      'PILOT                   KIND   STATE     RUNNING FOR  CPUS  MEMORY  TIME LEFT',
      'plancton-worker-aaaaaa  cms    running   5 min        0.97  1.5 GB  11.9 h',
      'd                       atlas  running   10 s         0.97  1.5 GB  11.9 h     to be renewed; cannot stop it',
      'b                       cms    prepared  -            -     -       -',
      'c                       -      running   -            -     -       -          no proof of being ours',
    ]);
  });

  it('says so when there are none, and lets no control character through', () => {
    expect(psText({ at: '', pilots: [] })).toEqual(['No pilots']);
    expect(psText({ at: '', pilots: [pilot({ trouble: 'a\u001B[31mb' })] }).join()).not.toContain('\u001B');
  });
});

const kind = (changes: Partial<KindStanding>): KindStanding => ({
  name: 'cms',
  running: 3,
  max: null,
  share: 3,
  wantedShare: 0.75,
  gotShare: 0.7411,
  deficitSeconds: 10,
  state: 'ready',
  reason: '',
  fruitless: 0,
  nextStartInMs: null,
  toRenew: 0,
  ...changes,
});

describe('a list of kinds', () => {
  it('tells the shares that they should have and have, and why one waits', () => {
    const kinds = [
      kind({}),
      kind({
        name: 'atlas',
        running: 0,
        max: 4,
        wantedShare: 0.25,
        gotShare: null,
        state: 'disabled',
        reason: 'off',
      }),
      kind({ name: 'lhcb', reason: 'waits', toRenew: 2 }),
      { name: null, state: 'gone', running: 1 } as const,
    ];
    expect(kindsText({ at: '', kinds })).toEqual([
      'KIND   STATE     RUNNING  SHARE WANTED  GOT',
      'cms    ready     3        75 %          74 %',
      'atlas  disabled  0 of 4   25 %          -     off',
      'lhcb   ready     3        75 %          74 %  waits; 2 to be renewed',
      '-      gone      1        -             -     the configuration has no such kind: its pilots go as they end',
    ]);
  });
});
