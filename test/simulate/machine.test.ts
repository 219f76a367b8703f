import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/model/action.ts';
import { emptyMemory } from '../../src/decide/types.ts';
import { policy } from '../decide/world.ts';
import { newCounters, run } from '../../src/replay/machine.ts';
import { plainMachine, type SimulatedMachine } from './machine.ts';
import { type Nature, newBody, plainNature } from '../../src/replay/body.ts';
import { type Decider, type Instant, simulation } from './simulation.ts';
import { quietWorld, type Story } from './world.ts';

const why = { rule: 'cpu', text: 'told to' } as const;
const one = { id: 'a', name: 'a' };

/** Does what a list says, at the second it says, and nothing else. */
function scripted(script: Readonly<Record<number, Action>>): Decider {
  return (_policy, { sample }) => {
    const action = script[(sample.atMs - 1_000_000) / 1000];
    return {
      actions: action === undefined ? [] : [action],
      withheld: [],
      memory: emptyMemory,
      refusals: [],
      running: 0,
      unmanaged: 0,
      clear: [],
      exit: null,
    };
  };
}

const nobody = { state: 'none', cpuMs: 0, memoryBytes: 0, told: 'none', inFlight: 0 };

/** What there is of pilot `a` in each second, from the first. */
function lifeOf(
  script: Readonly<Record<number, Action>>,
  story: Story = () => quietWorld,
  machine = plainMachine,
  nature: Partial<Nature> = {},
) {
  const life: (typeof nobody)[] = [];
  simulation({
    decider: scripted({ 1: { do: 'start', kind: 'default', name: 'a', why: 'growth' }, ...script }),
    policy,
    story,
    machine,
    forMs: 20_000,
    nature: () => ({ ...plainNature, growCpuMs: 100, noticeMs: 1500, ...nature }),
    watch({ bodies, seen }: Instant) {
      const body = bodies.get('a');
      life.push({
        state: body?.state ?? 'none',
        cpuMs: body?.cpuMs ?? 0,
        memoryBytes: body?.memoryBytes ?? 0,
        told: seen.sample.engine.pilots[0]?.state ?? 'none',
        inFlight: seen.sample.inFlight.length,
      });
    },
  });
  return (second: number) => life[second - 1] ?? nobody;
}

describe('the simulated engine', () => {
  it('starts what works, grows and ends', () => {
    const at = lifeOf({
      10: { do: 'stop', ...one, outcome: 'evicted', graceMs: 5000, why },
      15: { do: 'reap', ...one, outcome: 'finished' },
    });
    expect(at(1).state).toBe('none');
    expect(at(2)).toMatchObject({ state: 'running', cpuMs: 500 });
    expect(at(10).cpuMs).toBe(8500);
    expect(at(10).memoryBytes).toBeGreaterThan(0.7e9);
    expect([11, 12, 16].map((second) => at(second).state)).toEqual(['running', 'ended', 'none']);
    expect([11, 12].map((second) => at(second).inFlight)).toEqual([1, 0]);
    expect(at(12).memoryBytes).toBe(0);
  });

  it('ends nobody who cannot be killed, and says so after five seconds', () => {
    const stuck = (script: Readonly<Record<number, Action>>) =>
      lifeOf(script, undefined, undefined, { stuck: true });
    const stopping = stuck({ 3: { do: 'stop', ...one, outcome: 'evicted', graceMs: 2000, why } });
    expect([4, 9, 10].map((second) => stopping(second).inFlight)).toEqual([1, 1, 0]);
    const killing = stuck({ 3: { do: 'kill', ...one, why }, 12: { do: 'remove', ...one, why } });
    expect([8, 9, 13, 18].map((second) => killing(second).inFlight)).toEqual([1, 0, 1, 0]);
    expect([stopping(20).state, killing(20).state]).toEqual(['running', 'running']);
  });

  it('kills who does not end within the grace', () => {
    const at = lifeOf({ 10: { do: 'stop', ...one, outcome: 'evicted', graceMs: 500, why } });
    expect(at(11).state).toBe('ended');
  });

  it('shrinks live, and gives back', () => {
    const at = lifeOf({
      5: { do: 'shrink', ...one, cpus: 0.25, why },
      10: { do: 'shrink', ...one, cpus: null, why },
    });
    expect(at(9).cpuMs - at(6).cpuMs).toBe(750);
    expect(at(14).cpuMs - at(11).cpuMs).toBe(3000);
  });

  it('freezes a pilot, which keeps its memory until the kernel is asked for it, and thaws it for a stop', () => {
    const reclaim = { do: 'reclaim', ...one, bytes: 1e9, why } as const;
    const script = { 5: { do: 'pause', ...one, why }, 8: reclaim, 11: { do: 'thaw', ...one, why } } as const;
    const at = lifeOf(script, undefined, { ...plainMachine, swapBytes: 4e9 });
    expect(at(7)).toMatchObject({ state: 'paused', cpuMs: at(6).cpuMs });
    expect(at(7).memoryBytes).toBe(at(6).memoryBytes);
    expect(at(9)).toMatchObject({ state: 'paused', memoryBytes: 0 });
    expect(at(13).state).toBe('running');
    expect(at(13).memoryBytes).toBeGreaterThan(0.7e9);
    const stopped = lifeOf({
      5: { do: 'pause', ...one, why },
      8: { do: 'stop', ...one, outcome: 'evicted', graceMs: 5000, why },
    });
    expect([7, 9, 10].map((second) => stopped(second).state)).toEqual(['paused', 'running', 'ended']);
  });

  it('does nothing while it hangs or is away, and tells nothing new; a kill goes round it', () => {
    const troubled =
      (engine: 'hangs' | 'away'): Story =>
      (ms) => ({ ...quietWorld, engine: ms > 4000 ? engine : 'answers' });
    const pause = { do: 'pause', ...one, why } as const;
    const hanging = lifeOf({ 5: pause, 8: { do: 'kill', ...one, why } }, troubled('hangs'));
    expect(hanging(7)).toMatchObject({ state: 'running', inFlight: 1 });
    expect(hanging(9)).toMatchObject({ state: 'ended', told: 'running' });
    expect([14, 15].map((second) => hanging(second).inFlight)).toEqual([1, 0]);
    expect(lifeOf({ 5: pause }, troubled('away'))(6)).toMatchObject({ state: 'running', inFlight: 0 });
  });
});

describe('the simulated node', () => {
  const second = (machine: SimulatedMachine, world: Partial<typeof quietWorld>, pilots = 4) => {
    const counters = newCounters(machine);
    const bodies = Array.from({ length: pilots }, (_, index) => newBody(`p${index}`, plainNature, 1, 0));
    for (let ms = 0; ms < 1000; ms += 100)
      run(machine, counters, { ...quietWorld, ...world }, bodies, ms, 100);
    return { counters, bodies };
  };

  it('gives the owner nearly all of his CPUs in the idle class, and half of them beside equals', () => {
    const guest = second(plainMachine, { ownerCpus: 4 });
    expect(guest.counters.takenCpuMs).toBeCloseTo(20);
    expect([guest.counters.ownerCpuMs, guest.counters.pilotsCpuMs].map(Math.round)).toEqual([3980, 20]);
    expect(guest.counters.owner.cpuMs).toBeCloseTo(5);
    expect(guest.counters.pilots.cpuMs).toBeCloseTo(1000);
    const beside = second(plainMachine, { ownerCpus: 2 }, 2).counters;
    expect([beside.takenCpuMs, beside.owner.cpuMs]).toEqual([0, 0]);
    const equal = second({ ...plainMachine, cpuClass: 'normal' }, { ownerCpus: 4 });
    expect(equal.counters).toMatchObject({ ownerCpuMs: 2000, pilotsCpuMs: 2000, takenCpuMs: 2000 });
    expect(equal.counters.owner.cpuMs).toBe(1000);
    expect(second(plainMachine, { ownerCpus: 1 }).counters.pilotsCpuMs).toBeCloseTo(3005);
  });

  it('has the owner wait for guests by the CPUs that both want', () => {
    const waits = (ownerCpus: number, pilots: number) => {
      const { counters } = second(plainMachine, { ownerCpus }, pilots);
      return [Math.round(counters.takenCpuMs), Math.round(counters.owner.cpuMs * 10) / 10];
    };
    expect([waits(3, 1), waits(3, 3), waits(1, 9)]).toEqual([
      [0, 0],
      [10, 3.3],
      [5, 5],
    ]);
  });

  it('lets everybody wait for a disk that is overrun', () => {
    const nature = { ...plainNature, disk: 0.5 };
    const counters = newCounters(plainMachine);
    run(plainMachine, counters, { ...quietWorld, ownerDisk: 0.5 }, [newBody('p', nature, 1, 0)], 0, 1000);
    expect(counters.owner.diskMs).toBe(0);
    const two = [newBody('p', nature, 1, 0), newBody('q', nature, 1, 0)];
    run(plainMachine, counters, { ...quietWorld, ownerDisk: 0.5 }, two, 0, 1000);
    expect(counters.owner.diskMs).toBeCloseTo(333, 0);
  });

  it('kills the largest pilots when memory is out, never the owner', () => {
    const { counters, bodies } = second(plainMachine, { ownerMemoryBytes: 63.95e9 }, 4);
    expect(counters.outOfMemoryKills).toBe(4);
    expect(bodies.every(({ state }) => state === 'ended')).toBe(true);
    expect(counters.owner.memoryMs).toBeGreaterThan(900);
  });
});
