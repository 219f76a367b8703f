import * as fc from 'fast-check';
import { decide } from '../../src/decide/decide.ts';
import type { Seen } from '../../src/decide/types.ts';
import type { HostSample, OwnerSigns } from '../../src/model/host.ts';
import { known, unknown } from '../../src/model/reading.ts';
import { plainNature } from '../../src/replay/body.ts';
import { noSigns, starts } from '../decide/world.ts';
import { type Invariant, memoryProgress } from './invariants.ts';
import type { Frame, Tale } from './node.ts';
import type { Decider } from './simulation.ts';
import { tales } from './tales.ts';
import { quietWorld, type Sense, type World } from './world.ts';

const senses: readonly Sense[] = [
  'cpu',
  'pilotsCpu',
  'memory',
  'pilotsMemory',
  'disk',
  'pressure',
  'pilotUse',
];
const signs = ['userIdleMs', 'onBattery', 'programs', 'temperatureC'] as const;
type Sign = (typeof signs)[number];

/** For some time nothing can be read of these, whatever else is. */
interface Spell {
  readonly from: number;
  readonly lasts: number;
  readonly senses: readonly Sense[];
  readonly signs: readonly Sign[];
}

const spell: fc.Arbitrary<Spell> = fc.record({
  from: fc.integer({ min: 0, max: 150 }),
  lasts: fc.integer({ min: 1, max: 120 }),
  senses: fc.subarray([...senses]),
  signs: fc.subarray([...signs]),
});

/** Tales in which much cannot be read for long. */
export const blindTales: fc.Arbitrary<Tale> = fc
  .tuple(tales, fc.array(spell, { minLength: 1, maxLength: 3 }))
  .map(([tale, spells]) => ({
    ...tale,
    worlds: tale.worlds.map((world, second) =>
      spells
        .filter(({ from, lasts }) => second >= from && second < from + lasts)
        .reduce((now, one) => blinded(now, one.senses, one.signs), world),
    ),
  }));

/** The world, and what cannot be read of it: of signs only what was asked for. */
function blinded(world: World, dark: readonly Sense[], darkSigns: readonly Sign[]): World {
  const changes = darkSigns
    .filter((sign) => world.signs[sign] !== null)
    .map((sign) => [sign, unknown('it cannot be read')]);
  return {
    ...world,
    blind: [...world.blind, ...dark],
    signs: { ...world.signs, ...(Object.fromEntries(changes) as Partial<OwnerSigns>) },
  };
}

function seeing(seen: Seen, host: Partial<HostSample>): Seen {
  return { ...seen, sample: { ...seen.sample, host: { ...seen.sample.host, ...host } } };
}

function startsWhile(frames: readonly Frame[], isBlind: (world: World) => boolean): string | null {
  const wrong = frames.find(({ world, decision }) => isBlind(world) && starts(decision).length > 0);
  return wrong === undefined ? null : 'a start in spite of it';
}

/** It does nothing at all as long as it cannot see everything. */
const helpless: Decider = (rules, seen, memory, previousMs) => {
  const { host } = seen.sample;
  const isBlind = [host.cpu, host.disk, host.pilotsMemoryBytes].some((reading) => !reading.known);
  const decision = decide(rules, seen, memory, previousMs);
  return isBlind ? { ...decision, actions: [] } : decision;
};

/** Pilots that end soon, so that there is always one to be started. */
const refilled = [{ ...plainNature, workCpuMs: 7000 }];

/** So long after a sign pilots may still run: the least time that it must last, a start under way, and a tick. */
const signSeconds = 8;

/** What holds while something cannot be read: nothing starts on its account, and relief on other accounts goes on. */
export const blindInvariants: readonly Invariant[] = [
  {
    name: 'never a start while CPU use cannot be seen, however long',
    tales: blindTales,
    shownBy: { blind: ['cpu'] },
    natures: refilled,
    fault: (frames) => startsWhile(frames, ({ blind }) => blind.includes('cpu')),
    // What it cannot read is nothing, it believes.
    broken: (rules, seen, memory, previousMs) => {
      const { cpu } = seen.sample.host;
      const none = { ...seeing(seen, { cpu: known({ busyMs: 0, totalMs: 1 }) }), ownerCpus: known(0) };
      return decide(rules, cpu.known ? seen : none, memory, previousMs);
    },
  },
  {
    name: 'never a start while the disk cannot be seen, however long',
    tales: blindTales,
    shownBy: { blind: ['disk'] },
    natures: refilled,
    fault: (frames) => startsWhile(frames, ({ blind }) => blind.includes('disk')),
    broken: (rules, seen, memory, previousMs) => {
      const { disk } = seen.sample.host;
      const roomy = seeing(seen, { disk: known({ totalBytes: 1e12, freeBytes: 1e12 }) });
      return decide(rules, disk.known ? seen : roomy, memory, previousMs);
    },
  },
  {
    name: 'never a start while a sign that was asked for cannot be seen, however long',
    tales: blindTales,
    shownBy: { signs: { ...noSigns, onBattery: unknown('no battery tells') } },
    fault: (frames) =>
      startsWhile(frames, (world) => signs.some((sign) => world.signs[sign]?.known === false)),
    broken: (rules, seen, memory, previousMs) =>
      decide(rules, seeing(seen, { signs: noSigns }), memory, previousMs),
  },
  {
    ...memoryProgress,
    name: 'memory is freed whatever else cannot be seen',
    tales: blindTales,
    shownBy: { ownerMemoryBytes: 62e9, blind: ['cpu', 'disk', 'pilotUse'] },
    broken: helpless,
  },
  {
    name: 'whoever a sign tells of has the node within seconds, whatever else cannot be seen',
    tales: blindTales,
    shownBy: { signs: { ...quietWorld.signs, onBattery: known(true) }, blind: ['cpu', 'memory', 'pressure'] },
    fault: (frames) => {
      let [wantedFor, sinceTrouble] = [0, 100];
      for (const { world, containers, decision, stuck } of frames) {
        // A call that failed is tried again after a minute at most.
        const isTrouble = world.engine !== 'answers' || world.daemonDies;
        sinceTrouble = isTrouble ? 0 : sinceTrouble + 1;
        const { userIdleMs, onBattery, programs } = world.signs;
        const isWanted =
          (userIdleMs?.known === true && userIdleMs.value === 0) ||
          (onBattery?.known === true && onBattery.value) ||
          (programs?.known === true && programs.value.length > 0);
        wantedFor = isWanted && sinceTrouble > 62 ? wantedFor + 1 : 0;
        const asked = new Set(decision.memory.leaving.map(({ pilot }) => pilot));
        const running = containers.filter(
          ({ name, managed, state }) =>
            managed && state === 'running' && !asked.has(name) && !stuck.has(name),
        );
        if (wantedFor > signSeconds && running.length > 0)
          return `${running.length} pilots run ${wantedFor} s after a sign`;
      }
      return null;
    },
    broken: helpless,
  },
];
