import { decide } from '../../src/decide/decide.ts';
import {
  type Decision,
  emptyMemory,
  type KindPolicy,
  type Memory,
  type Policy,
  type Seen,
} from '../../src/decide/types.ts';
import type { Action } from '../../src/model/action.ts';
import type { Pilot } from '../../src/model/pilot.ts';
import { engineWith, hostAt, policy as defaults, running, seenAt } from './world.ts';

/** Anything that decides as `decide` does. */
export type KindDecider = (policy: Policy, seen: Seen, memory: Memory, previousMs: number) => Decision;

/** What a pilot is going to do: how long it lives, with which exit code it ends, and what it says of it. */
export interface Fate {
  readonly livesMs: number;
  readonly exitCode?: number;
  readonly says?: number;
}

/** A node with kinds, over some time. */
export interface KindStory {
  readonly kinds: readonly KindPolicy[];
  readonly slots: number;
  readonly forMs: number;
  readonly stepMs: number;
  fate(kind: string, atMs: number, index: number): Fate;
  /** The kinds as the file has them at this time; by default as they are. */
  kindsAt?(atMs: number): readonly KindPolicy[];
  readonly decider?: KindDecider;
  /** Called at each tick with what was decided. */
  watch?(atMs: number, decision: Decision, pilots: readonly Pilot[]): void;
}

/** One start, and what became of it. */
export interface Begun {
  readonly kind: string;
  readonly name: string;
  readonly atMs: number;
  readonly fate: Fate;
}

/** What came of it. */
export interface KindLives {
  readonly begun: readonly Begun[];
  /** CPU-milliseconds that pilots of each kind had. */
  readonly had: ReadonlyMap<string, number>;
  readonly memory: Memory;
}

/** The time at which each loop begins. */
export const loopBeginsMs = 1_000_000;

/** The rules of such a node: CPUs and growth are no bound, so that the slots are. */
export function rulesOf(story: Pick<KindStory, 'kinds' | 'slots'>): Policy {
  return { ...defaults, kinds: story.kinds, limit: story.slots, startsPerLoop: story.slots };
}

/** Lets a node with kinds live: starts take no time, ends are told at the next tick. */
export function liveWithKinds(story: KindStory): KindLives {
  const decider = story.decider ?? decide;
  const begun: Begun[] = [];
  const had = new Map<string, number>();
  const bodies = new Map<string, { readonly pilot: Pilot; readonly fate: Fate }>();
  const cpus = new Map(story.kinds.map((kind) => [kind.name, kind.cpus]));
  const mostCpus = Math.max(...cpus.values()) * story.slots + 1;
  let memory: Memory = emptyMemory;
  for (let ms = 0; ms < story.forMs; ms += story.stepMs) {
    const nowMs = loopBeginsMs + ms;
    for (const [name, { pilot, fate }] of bodies) {
      if (pilot.state !== 'running' || !pilot.startedAtMs.known) continue;
      const kind = pilot.kind ?? '';
      const ageMs = nowMs - pilot.startedAtMs.value;
      const countedMs = Math.min(fate.livesMs, ageMs) - Math.min(fate.livesMs, ageMs - story.stepMs);
      had.set(kind, (had.get(kind) ?? 0) + (cpus.get(kind) ?? 0) * countedMs);
      if (ageMs < fate.livesMs) continue;
      bodies.set(name, { fate, pilot: endedBy(pilot, fate, fate.livesMs, nowMs) });
    }
    const pilots = [...bodies.values()].map(({ pilot }) => pilot);
    const policy = rulesOf({ ...story, kinds: story.kindsAt?.(ms) ?? story.kinds });
    const host = hostAt(nowMs, 0, 0, mostCpus);
    const seen = { ...seenAt(nowMs, 0, { engine: engineWith(pilots), host }) };
    const decision = decider(policy, seen, memory, nowMs - story.stepMs);
    memory = decision.memory;
    story.watch?.(ms, decision, pilots);
    for (const action of decision.actions) {
      if (action.do === 'start') {
        const fate = story.fate(action.kind, ms, begun.length);
        begun.push({ kind: action.kind, name: action.name, atMs: ms, fate });
        bodies.set(action.name, { fate, pilot: running(action.name, nowMs, { kind: action.kind }) });
      } else carryOut(bodies, action, nowMs);
    }
  }
  return { begun, had, memory };
}

function carryOut(
  bodies: Map<string, { readonly pilot: Pilot; readonly fate: Fate }>,
  action: Action,
  nowMs: number,
): void {
  if (action.do === 'reap' || action.do === 'remove') bodies.delete(action.name);
  if (action.do !== 'stop') return;
  const body = bodies.get(action.name);
  if (body !== undefined)
    bodies.set(action.name, {
      ...body,
      pilot: endedBy(body.pilot, { livesMs: 0, exitCode: 143 }, null, nowMs),
    });
}

function endedBy(pilot: Pilot, { exitCode = 0, says }: Fate, livesMs: number | null, nowMs: number): Pilot {
  const livedMs = livesMs ?? (pilot.startedAtMs.known ? nowMs - pilot.startedAtMs.value : 0);
  const said = says === undefined ? null : { code: says, text: 'as it says' };
  return { ...pilot, state: 'ended', stateSinceMs: nowMs, end: { exitCode, livedMs, said } };
}

/** The part of all that was had that went to each kind, 0 to 1. */
export function partsOf(had: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const total = [...had.values()].reduce((sum, one) => sum + one, 0);
  return new Map([...had].map(([name, one]) => [name, one / total]));
}
