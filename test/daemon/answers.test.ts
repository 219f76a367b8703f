import { expect, it } from 'vitest';
import { answers, type AnswersParts, type TopAnswer } from '../../src/daemon/answers.ts';
import { kindsAnswer } from '../../src/daemon/kindsAnswer.ts';
import { psAnswer } from '../../src/daemon/psAnswer.ts';
import type { Learner } from '../../src/daemon/learner.ts';
import type { StatusParts } from '../../src/daemon/statusOf.ts';
import type { Tick } from '../../src/daemon/tick.ts';
import { Troubles } from '../../src/daemon/troubles.ts';
import { UseRates } from '../../src/daemon/useRates.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { unknown } from '../../src/model/reading.ts';
import { wholeFacts } from '../support/nodeFacts.ts';
import { decideOn, engineWith, hostAt, policy, running, seenAt, withRules } from '../decide/world.ts';

const parts = {
  clock: { nowMs: () => 10_000, wallMs: () => 1_000_010_000 },
  troubles: new Troubles(),
} as unknown as StatusParts;

function tickWith(pilots: readonly Pilot[], uses: ReadonlyMap<string, number> = new Map()): Tick {
  const pilotUse = new Map(
    [...uses].map(([id, cpuMs]) => [id, { cpuMs, memoryBytes: 5e8, readAtMs: 9000 }] as const),
  );
  const seen = seenAt(10_000, 0, { engine: engineWith(pilots), host: { ...hostAt(10_000), pilotUse } });
  const rules = withRules(policy, { kind: { ttlMs: 60_000 } });
  return { sample: seen.sample, seen, policy: rules, decision: decideOn(seen) };
}

it('ps tells what is known of each pilot, and null of what is not', () => {
  const rates = new UseRates();
  const pilots = [
    running('a', 4000),
    running('late', -70_000),
    running('unseen', 0, { startedAtMs: unknown('its start was not seen') }),
    running('theirs', 0, { managed: false, kind: null }),
    running('ended', 0, { state: 'ended', end: { exitCode: 0, livedMs: 5, said: null } }),
  ];
  rates.note(new Map([['id-a', { cpuMs: 0, memoryBytes: 1, readAtMs: 8000 }]]));
  const tick = tickWith(pilots, new Map([['id-a', 1500]]));
  rates.note(tick.sample.host.pilotUse);
  const told = psAnswer(tick, rates, parts)?.pilots ?? [];
  const nothing = { ageSeconds: null, cpus: null, cpuSeconds: null, memoryBytes: null, ttlLeftSeconds: null };
  expect(told[0]).toEqual({
    name: 'a',
    id: 'id-a',
    kind: 'default',
    state: 'running',
    ageSeconds: 6,
    cpus: 1.5,
    cpuSeconds: 1.5,
    memoryBytes: 5e8,
    ttlLeftSeconds: 54,
    managed: true,
    toRenew: false,
  });
  expect(told[1]).toMatchObject({ ageSeconds: 80, ttlLeftSeconds: 0 });
  expect(told[2]).toMatchObject({ ...nothing, state: 'running' });
  expect(told[3]).toMatchObject({ kind: null, managed: false, ttlLeftSeconds: null });
  expect(told[4]).toMatchObject({ ...nothing, state: 'ended' });
  expect(psAnswer(null, rates, parts)).toBeNull();
});

it('ps tells which pilots are to be renewed', () => {
  const tick = tickWith([running('old', 4000), running('new', 9000)]);
  const memory = { ...tick.decision.memory, renewals: [{ kind: null, beforeMs: 8000, now: false }] };
  const renewing = { ...tick, decision: { ...tick.decision, memory } };
  const told = psAnswer(renewing, new UseRates(), parts)?.pilots ?? [];
  expect(told.map(({ name, toRenew }) => [name, toRenew])).toEqual([
    ['old', true],
    ['new', false],
  ]);
});

it('kinds tells those of the configuration in their order, and pilots of kinds that are gone', () => {
  const [kind] = policy.kinds;
  if (kind === undefined) throw new Error('no kind');
  const tick = tickWith([
    running('a', 0, { kind: 'x' }),
    running('b', 0, { kind: 'gone' }),
    running('c', 0, { kind: null }),
  ]);
  const several = {
    ...tick,
    policy: {
      ...policy,
      kinds: [
        { ...kind, name: 'x' },
        { ...kind, name: 'y' },
      ],
    },
  };
  expect(kindsAnswer(several, parts)?.kinds).toMatchObject([
    { name: 'x', running: 1 },
    { name: 'y', running: 0 },
    { name: 'gone', state: 'gone', running: 1 },
    { name: null, state: 'gone', running: 1 },
  ]);
  // Where there is one kind alone, a pilot without a name is of that.
  const one = { ...tick, policy: { ...policy, kinds: [{ ...kind, name: 'x' }] } };
  expect(kindsAnswer(one, parts)?.kinds).toMatchObject([{ name: 'x', running: 2 }, { name: 'gone' }]);
  expect(kindsAnswer(null, parts)).toBeNull();
});

it('top has all in one answer: status, pilots, kinds, numbers, and the last decisions', () => {
  const decisions = Array.from({ length: 40 }, (_, index) => ({
    text: `decision ${index}`,
    atWallMs: index,
  }));
  const whole = {
    ...parts,
    hostname: 'node7',
    startedWallMs: 0,
    influxdb: [],
    last: null,
    words: decisions,
    facts: () => wholeFacts(),
  } as unknown as AnswersParts;
  const tick = tickWith([running('a', 4000)]);
  const learner = { forecast: () => null } as unknown as Learner;
  const ask = (now: Tick | null): TopAnswer =>
    answers(
      () => now,
      learner,
      new UseRates(),
      () => whole,
    )['/top']?.() as TopAnswer;
  const told = ask(tick);
  expect(told.status.hostname).toBe('node7');
  expect(told.pilots).toEqual(psAnswer(tick, new UseRates(), parts)?.pilots);
  expect(told.kinds).toEqual(kindsAnswer(tick, parts)?.kinds);
  expect([told.node, told.pressure]).toEqual([wholeFacts().node, wholeFacts().pressure]);
  expect(told.decisions).toHaveLength(30);
  expect(told.decisions[0]).toEqual({ at: '1970-01-01T00:00:00.039Z', text: 'decision 39' });
  expect(ask(null)).toMatchObject({ pilots: null, kinds: null });
});

it('decisions are told the newest first, before the first tick as well', () => {
  const words = [
    { text: 'one', atWallMs: 1_000_000_000 },
    { text: 'two', atWallMs: 1_000_001_000 },
  ];
  const none = answers(
    () => null,
    {} as unknown as Learner,
    new UseRates(),
    () => ({ ...parts, words, facts: () => null }),
  );
  expect(none['/decisions']?.()).toEqual({
    decisions: [
      { at: '1970-01-12T13:46:41.000Z', text: 'two' },
      { at: '1970-01-12T13:46:40.000Z', text: 'one' },
    ],
  });
  expect(none['/why']?.()).toBeNull();
});
