import type { LastWord, Pilot } from '../model/pilot.ts';
import { known, unknown } from '../model/reading.ts';

/** What a pilot is going to do with its life. */
export interface Nature {
  /** CPU time after which it has done its work; and time in which it runs, for what mostly waits. `Infinity`: never. */
  readonly workCpuMs: number;
  readonly lifeMs?: number;
  /** CPUs that it uses where it may; absent: all that it may. */
  readonly wantsCpus?: number;
  /** Its memory grows from the one to the other, most of the way within `growCpuMs` of CPU time. */
  readonly firstBytes: number;
  readonly peakBytes: number;
  readonly growCpuMs: number;
  /** Bytes after so much CPU time, where they follow another course. */
  readonly bytesAt?: (cpuMs: number) => number;
  /** Share of the disk's time that it wants. */
  readonly disk: number;
  /** How long after the stop signal it ends; `Infinity`: it ignores it. */
  readonly noticeMs: number;
  /** How it ends when its work is done. */
  readonly exitCode: number;
  /** A code that it writes as its last word when its work is done. */
  readonly says?: number;
  /** Nothing ends it: as it is to end it waits for a disk, for ever. */
  readonly stuck?: true;
}

/** A pilot that works for an hour of CPU time in 0.4 of the usual 2 GB and ends half a second after a notice. */
export const plainNature: Nature = {
  workCpuMs: 3_600_000,
  firstBytes: 50e6,
  peakBytes: 800e6,
  growCpuMs: 60_000,
  disk: 0,
  noticeMs: 500,
  exitCode: 0,
};

/** A container as it really is, whatever anybody has heard of it. */
export interface Body {
  readonly name: string;
  readonly managed: boolean;
  readonly kind: string | null;
  readonly nature: Nature;
  state: Pilot['state'];
  stateSinceMs: number;
  startedAtMs: number;
  /** CPUs that it may use now. */
  cpus: number;
  cpuMs: number;
  /** How long it has run, pauses left out. */
  runMs: number;
  /** Memory in RAM, and what was moved to swap. */
  memoryBytes: number;
  swappedBytes: number;
  exitCode: number;
  /** Its work was done; otherwise somebody ended it. */
  isDone: boolean;
  /** It was asked to end and does so at this time. */
  endsAtMs: number;
  /** Somebody tries to kill it in vain, and gives up at this time. */
  givenUpAtMs: number | null;
  /** What the engine tells of it, while that is the same. */
  told: Pilot | null;
}

/** A container that was just made and started. */
export function newBody(
  name: string,
  nature: Nature,
  cpus: number,
  nowMs: number,
  managed = true,
  kind: string | null = managed ? 'default' : null,
): Body {
  return {
    name,
    managed,
    kind,
    nature,
    state: 'running',
    stateSinceMs: nowMs,
    startedAtMs: nowMs,
    cpus,
    cpuMs: 0,
    runMs: 0,
    memoryBytes: nature.firstBytes,
    swappedBytes: 0,
    exitCode: nature.exitCode,
    isDone: false,
    endsAtMs: Number.POSITIVE_INFINITY,
    givenUpAtMs: null,
    told: null,
  };
}

/** Whether it holds memory. */
export function isThere({ state }: Body): boolean {
  return state === 'running' || state === 'paused';
}

/** CPUs that it uses where nobody is in its way. */
export function wantedCpus({ cpus, nature }: Body): number {
  return nature.wantsCpus === undefined ? cpus : Math.min(cpus, nature.wantsCpus);
}

/** Puts it into a state; it has memory while it runs or is paused only. */
export function turn(body: Body, state: Body['state'], nowMs: number): void {
  body.state = state;
  body.stateSinceMs = nowMs;
  body.told = null;
  if (state === 'running' && body.memoryBytes === 0) body.memoryBytes = body.nature.firstBytes;
  if (state === 'running' || state === 'paused') return;
  body.memoryBytes = 0;
  body.swappedBytes = 0;
}

/** It ends now, killed by a signal. */
export function killed(body: Body, nowMs: number): void {
  if (!isThere(body)) return;
  body.exitCode = 137;
  turn(body, 'ended', nowMs);
}

/** The image of all pilots: what another one would be like is not known. */
export const imageId = 'sha256:1';

/** What the engine tells of it. */
export function pilotOf(body: Body): Pilot {
  body.told ??= newlyTold(body);
  return body.told;
}

function newlyTold({ name, managed, kind, state, stateSinceMs, startedAtMs, ...body }: Body): Pilot {
  const { exitCode, isDone, nature } = body;
  const said = isDone ? wordOf(nature.says) : null;
  return {
    id: name,
    name,
    managed,
    kind,
    state,
    imageId,
    startedAtMs: state === 'created' ? unknown('it has not started') : known(startedAtMs),
    stateSinceMs,
    end: state === 'ended' ? { exitCode, livedMs: stateSinceMs - startedAtMs, said } : null,
  };
}

function wordOf(code: number | undefined): LastWord | null {
  return code === undefined ? null : { code, text: '' };
}
