import { reservedOf } from '../../src/decide/reserve.ts';
import type { Policy } from '../../src/decide/types.ts';
import type { PilotRecord } from '../../src/model/history.ts';
import { known, unknown } from '../../src/model/reading.ts';
import type { TapeFrame } from '../../src/model/tape.ts';
import type { Life } from '../../src/replay/lives.ts';
import { Natures } from '../../src/replay/natures.ts';
import { relive, type Rules } from '../../src/replay/relive.ts';
import { noSigns, policy } from '../decide/world.ts';
import { framesFrom, quietFrame } from '../record/tapeFrames.ts';

const frameMs = 5000;
export const gigabyte = 2 ** 30;
/** The node of recordings, in the class in which pilots are the owner's equals: he is disturbed by them. */
export const equals: TapeFrame['means'] = { ...quietFrame.means, cpuClass: 'normal' };

/** Rules that are the same all the time; the means that this recording has. */
export function rulesFrom(changes: Partial<Policy> = {}): Rules {
  return {
    meansOf: (recorded) => recorded,
    policyAt: (_, means) => ({ ...policy, means, ...changes }),
    weekAt: () => null,
    signsAt: ({ userIdleMs }, leftMs) =>
      userIdleMs === undefined
        ? noSigns
        : {
            ...noSigns,
            userIdleMs: userIdleMs === null ? unknown('not read') : known(Math.max(0, userIdleMs - leftMs)),
          },
  };
}

/** What is asked, but for the rules. */
export const plainQuestion = {
  reserveOf: (bytes: number) => reservedOf(policy.reserve.memory, bytes),
  tickMs: 1000,
  seed: 1,
};

/** Frames of so many hours; `owner` says what is other in each of them, by its seconds since the start. */
export function hoursOf(hours: number, owner: (second: number) => Partial<TapeFrame>): TapeFrame[] {
  return framesFrom((hours * 3_600_000) / frameMs, (index) => owner((index * frameMs) / 1000));
}

/** An owner who takes so many CPUs in the first half of each period. */
export function squareWave(periodSeconds: number, cpus: number): (second: number) => Partial<TapeFrame> {
  return (second) => ({ ownerCpus: second % periodSeconds < periodSeconds / 2 ? cpus : 0 });
}

/** A pilot that works for so long with a CPU of its own. */
export function lifeOfMinutes(minutes: number, changes: Partial<Life> = {}): Life {
  return {
    needsMs: minutes * 60_000,
    work: { cpuMs: minutes * 60_000 },
    wantsCpus: Number.POSITIVE_INFINITY,
    isCut: false,
    peakBytes: 0.8 * gigabyte,
    exitCode: 0,
    says: null,
    ignoredNotice: null,
    ...changes,
  };
}

/** The natures of pilots of the one kind. */
export function naturesOf(lives: readonly Life[], seed = 1): Natures {
  return new Natures(new Map([['default', lives]]), seed);
}

/** A recording of a node whose pilots are known: what its daemon would have recorded of these rules. */
export function recorded(
  owner: readonly TapeFrame[],
  rules: Rules,
  lives: readonly Life[],
): { readonly frames: readonly TapeFrame[]; readonly records: readonly PilotRecord[] } {
  const frames: TapeFrame[] = [];
  const records = new Map<string, PilotRecord>();
  let before = { pilotsMs: 0, wallMs: 0, ms: 0, running: 0, taken: 0 };
  relive({
    frames: owner,
    rules,
    natures: naturesOf(lives, 99),
    tickMs: 1000,
    pilotCpus: 1,
    watch({ moment, bodies, counters, decision, seen }) {
      before.ms += moment.ms;
      before.running += moment.ms * bodies.filter(({ state }) => state === 'running').length;
      const shrunk = bodies.filter(({ state }) => state === 'running');
      before.taken += moment.ms * shrunk.reduce((sum, { cpus }) => sum + 1 - cpus, 0);
      for (const action of decision.actions) {
        const body = bodies.find(({ name }) => 'name' in action && name === action.name);
        if (action.do === 'reap' && body !== undefined) {
          const endedAtWallMs = moment.wallMs - (seen.sample.atMs - body.stateSinceMs);
          records.set(body.name, {
            name: body.name,
            id: body.name,
            node: 'node',
            kind: body.kind,
            imageId: 'sha256:1',
            imageDigest: null,
            startedAtWallMs: endedAtWallMs - (body.stateSinceMs - body.startedAtMs),
            endedAtWallMs,
            outcome: action.outcome,
            exitCode: body.exitCode,
            signal: null,
            outOfMemory: false,
            cpuMs: body.cpuMs,
            peakMemoryBytes: body.nature.peakBytes,
            pausedMs: body.stateSinceMs - body.startedAtMs - body.runMs,
            reason: action.life?.why ?? null,
            said: '',
          });
        }
      }
      if (moment.into < 1) return;
      const pilotsCpus = (counters.pilotsCpuMs - before.pilotsMs) / before.ms;
      const held = bodies.reduce((sum, body) => sum + body.memoryBytes, 0);
      frames.push({
        ...moment.frame,
        pilotsCpus,
        pilotsMemoryBytes: held,
        memoryAvailableBytes: counters.availableBytes,
        running: before.running / before.ms,
        takenCpus: before.taken / before.ms,
        refusal: decision.refusals[0]?.rule ?? null,
      });
      before = { pilotsMs: counters.pilotsCpuMs, wallMs: moment.wallMs, ms: 0, running: 0, taken: 0 };
    },
  });
  return { frames, records: [...records.values()] };
}
