import { startDaemon } from './daemon.ts';
import { recordLives } from './lives.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { pause, waitFor } from './waits.ts';

const slots = 4;
const firstStartMs = 300_000;
/** What a kind waits where its `backoff` says nothing: at first, and at most. */
const backOff = { firstMs: 60_000, mostMs: 3_600_000 };
const hourMs = 3_600_000;
/** Of pilots that end within a second, so many are forgiven in a minute (docs/architecture.md, "Start storms"). */
const stormPerMinute = 60;

/**
 * The most starts in so much time of a kind that never has work: one in each slot before it is known, then probes. Each
 * wait is twice as long as the one before, up to the longest, and jitter leaves a half of it at least.
 */
export function mostProbed(count: number, { firstMs, mostMs }: typeof backOff, spanMs: number): number {
  let probes = 0;
  let atMs = 0;
  for (;;) {
    atMs += Math.min(mostMs, firstMs * 2 ** probes) / 2;
    if (atMs > spanMs) return count + probes;
    probes += 1;
  }
}

/** Starts of pilots that end at once: of a kind without work, and of one that is done within the second. */
export async function measureNoWork(scene: Scene, minutes: number): Promise<readonly Row[]> {
  const spanMs = minutes * 60_000;
  const perHour = hourMs / spanMs;
  const noWork = await startsOf(scene, 'exit 75', { 75: 'no-work' }, spanMs);
  const done = await startsOf(scene, 'exit 0', { 0: 'finished' }, spanMs);
  const bound = mostProbed(slots, backOff, spanMs);
  const stormBound = stormPerMinute * minutes + slots;
  scene.say(`nowork: ${noWork} starts without work (at most ${bound}), ${done} done at once (${stormBound})`);
  const later = Math.ceil(hourMs / (backOff.mostMs / 2));
  const notes = [
    `${noWork} in the first ${minutes} min, bound ${bound}`,
    `bound of the first hour ${mostProbed(slots, backOff, hourMs)}, then ${later} an hour`,
  ];
  const common = { unmeasured: null, unit: ' per hour', decimals: 0, original: '4 in each 30 s' };
  return [
    {
      ...common,
      what: `starts of a kind without work, which ends with 75 at once, ${slots} slots, default backoff`,
      bar: { atMost: bound * perHour },
      samples: [noWork * perHour],
      beside: notes.join('; '),
    },
    {
      ...common,
      what: `starts of pilots that are done at once, ${slots} slots`,
      bar: { atMost: stormBound * perHour },
      samples: [done * perHour],
      beside: `${done} in ${minutes} min, bound ${stormBound}: ${stormPerMinute} a minute, and one for each slot`,
    },
  ];
}

/** How many pilots of a kind that runs this start, from the first one on. */
async function startsOf(
  scene: Scene,
  script: string,
  outcomes: Readonly<Record<string, string>>,
  spanMs: number,
): Promise<number> {
  const record = await recordLives(scene.socket);
  const image = scene.image;
  const kind = { name: 'idle', image, command: ['/bin/sh', '-c', script], fizzle: 0, outcomes };
  const daemon = await startDaemon(scene, {
    // Written at the top it would be a kind of its own.
    docker_image: undefined,
    max_docks: slots,
    cpus_per_dock: 0.1,
    max_dock_mem: '64MiB',
    pilots: [kind],
  });
  try {
    const hasBegun = (): boolean => record.lives().length > 0;
    await waitFor(`a pilot that runs "${script}"`, hasBegun, firstStartMs, scene.signal);
    const fromMs = Math.min(...record.lives().map(({ startMs }) => startMs));
    await pause(fromMs + spanMs - Date.now(), scene.signal);
    return record.lives().filter(({ startMs }) => startMs < fromMs + spanMs).length;
  } finally {
    record.close();
    if (!scene.signal.aborted) await daemon.stop();
  }
}
