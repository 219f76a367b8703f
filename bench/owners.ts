import { availableParallelism } from 'node:os';
import { startOwner } from './ownerRun.ts';

/** How long before it is measured an owner's program begins: it starts, is compiled, and finds its CPU. */
export const warmUpMs = 1500;

/** Counts turns of a loop of integer arithmetic between two times on the clock. */
const counting = `
const [fromMs, toMs] = workerData;
const begunMs = Date.now();
let x = 1;
let turns = 0;
const work = () => { for (let i = 0; i < 100000; i += 1) x = (Math.imul(x, 1664525) + 1013904223) | 0; };
while (Date.now() < fromMs) work();
while (Date.now() < toMs) { work(); turns += 1; }
parentPort.postMessage({ turns: begunMs < fromMs ? turns : null, x });
`;

/** The work that an owner gets done with a thread on each CPU: turns of a loop a second, summed over all. */
export async function ownerThroughput(windowMs: number, signal: AbortSignal): Promise<number> {
  const fromMs = Date.now() + warmUpMs;
  const times = [fromMs, fromMs + windowMs];
  const run = startOwner<{ turns: number | null }>(counting, times, availableParallelism(), signal);
  const turns = (await run.told).threads.map((one) => one.turns);
  if (turns.includes(null)) throw new Error(`the owner’s program took ${warmUpMs} ms to start`);
  return turns.reduce<number>((sum, one) => sum + (one ?? 0), 0) / (windowMs / 1000);
}

/** Sleeps a millisecond at a time, as a thread that waits for the kernel's timer, until a time; tells how long each sleep took. */
const sleeping = `
const [fromMs, toMs] = workerData;
const cell = new Int32Array(new SharedArrayBuffer(4));
const tookMs = [];
while (Date.now() < toMs) {
  const begin = process.hrtime.bigint();
  Atomics.wait(cell, 0, 0, 1);
  const took = Number(process.hrtime.bigint() - begin) / 1e6;
  if (Date.now() >= fromMs) tookMs.push(Math.round(took * 1e4) / 1e4);
}
parentPort.postMessage(tookMs);
`;

/** How long each of an owner's sleeps of 1 ms took, milliseconds. */
export async function ownerSleepsMs(windowMs: number, signal: AbortSignal): Promise<readonly number[]> {
  const fromMs = Date.now() + warmUpMs;
  const run = startOwner<readonly number[]>(sleeping, [fromMs, fromMs + windowMs], 1, signal);
  return (await run.told).threads[0] ?? [];
}

/** Works and rests in turn until a time. */
const bursting = `
const [fromMs, toMs, onMs, offMs] = workerData;
const cell = new Int32Array(new SharedArrayBuffer(4));
while (Date.now() < toMs) {
  const inTurnMs = (Date.now() - fromMs) % (onMs + offMs);
  if (inTurnMs >= 0 && inTurnMs < onMs) for (let i = 0; i < 100000; i += 1);
  else Atomics.wait(cell, 0, 0, Math.min(inTurnMs < 0 ? -inTurnMs : onMs + offMs - inTurnMs, toMs - Date.now()));
}
parentPort.postMessage(null);
`;

/** How an owner works and rests. */
export interface Bursts {
  readonly onMs: number;
  readonly offMs: number;
}

/** An owner who keeps every CPU busy for a while and none for another, between two times on the clock. */
export interface BurstingOwner {
  readonly pid: number;
  /** His CPU time, once he is done. */
  readonly cpuMs: Promise<number>;
}

/** Starts an owner who works in bursts. */
export function ownerBursts(
  { onMs, offMs }: Bursts,
  fromMs: number,
  toMs: number,
  signal: AbortSignal,
): BurstingOwner {
  const run = startOwner(bursting, [fromMs, toMs, onMs, offMs], availableParallelism(), signal);
  return { pid: run.pid, cpuMs: run.told.then(({ cpuMs }) => cpuMs) };
}

/** Takes memory at an even pace and holds it until a time. */
const hoarding = `
const [bytes, bytesPerSecond, toMs] = workerData;
const cell = new Int32Array(new SharedArrayBuffer(4));
const chunk = 8 * 1024 * 1024;
const begin = performance.now();
const held = [];
while (held.length * chunk < bytes) {
  held.push(Buffer.alloc(chunk, 1));
  const early = (held.length * chunk * 1000) / bytesPerSecond - (performance.now() - begin);
  if (early > 0) Atomics.wait(cell, 0, 0, early);
}
Atomics.wait(cell, 0, 0, Math.max(0, toMs - Date.now()));
parentPort.postMessage(null);
`;

/**
 * Starts an owner who takes this much memory at this pace and holds it until a time, in a group that bounds him.
 * Settles when he has ended, however he did.
 */
export async function ownerHoard(
  bytes: number,
  bytesPerSecond: number,
  toMs: number,
  group: string,
  signal: AbortSignal,
): Promise<void> {
  const run = startOwner(hoarding, [bytes, bytesPerSecond, toMs], 1, signal, group);
  await run.told.catch(() => undefined);
}
