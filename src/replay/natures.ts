import { hashShare } from '../decide/hash.ts';
import type { KindPolicy } from '../decide/types.ts';
import type { Nature } from './body.ts';
import type { Life } from './lives.ts';
import { seeded } from './seeded.ts';

/** How long after a notice a pilot ends that heeds it. */
const heedsMs = 500;
const firstBytes = 50e6;
const growCpuMs = 60_000;

interface Lives {
  /** Those that needed least come first. */
  readonly sorted: readonly Life[];
  /** Share of those given notice that ignored it. */
  readonly ignore: number;
}

/**
 * Gives each pilot of the model a nature, by chance that is the same in every run: the pilot of this number of a kind is
 * one of those that were recorded, whatever the rules, so that two runs differ by their rules alone.
 *
 * One that somebody ended needed more than it had. It stands for those that needed more, evenly (the redistribution to
 * the right of Efron, 1967, whose result is the estimate of Kaplan and Meier); where there are none, it is never done.
 */
export class Natures {
  readonly #kinds = new Map<string, Lives>();
  readonly #counts = new Map<string, number>();
  readonly #seed: number;

  /** `lives`: what was recorded, by the name of the kind. */
  constructor(lives: ReadonlyMap<string, readonly Life[]>, seed: number) {
    this.#seed = seed;
    for (const [kind, all] of lives) {
      const noticed = all.filter(({ ignoredNotice }) => ignoredNotice !== null);
      const ignored = noticed.filter(({ ignoredNotice }) => ignoredNotice === true);
      const sorted = all.toSorted((a, b) => a.needsMs - b.needsMs || Number(a.isCut) - Number(b.isCut));
      this.#kinds.set(kind, { sorted, ignore: noticed.length === 0 ? 0 : ignored.length / noticed.length });
    }
  }

  /** The nature of the next pilot of this kind. */
  next(kind: KindPolicy): Nature {
    const count = this.#counts.get(kind.name) ?? 0;
    this.#counts.set(kind.name, count + 1);
    const lives = this.#kinds.get(kind.name);
    if (lives === undefined || lives.sorted.length === 0) return unknownNature(kind);
    const random = seeded(Math.floor(hashShare(`${this.#seed} ${kind.name} ${count}`) * 2 ** 32));
    const { life, isEndless } = drawn(lives.sorted, random);
    const peakBytes = Math.min(life.peakBytes ?? kind.memoryBytes, kind.memoryBytes);
    const endless = { workCpuMs: Number.POSITIVE_INFINITY };
    const work = 'cpuMs' in life.work ? { workCpuMs: life.work.cpuMs } : { ...endless, lifeMs: life.work.ms };
    return {
      ...(isEndless ? endless : work),
      ...(life.wantsCpus === Number.POSITIVE_INFINITY ? {} : { wantsCpus: life.wantsCpus }),
      firstBytes: Math.min(firstBytes, peakBytes),
      peakBytes,
      growCpuMs,
      disk: 0,
      noticeMs: random() < lives.ignore ? Number.POSITIVE_INFINITY : heedsMs,
      exitCode: life.exitCode,
      ...(life.says === null ? {} : { says: life.says }),
    };
  }
}

function drawn(
  sorted: readonly Life[],
  random: () => number,
): { readonly life: Life; readonly isEndless: boolean } {
  let least = 0;
  for (;;) {
    const index = least + Math.floor(random() * (sorted.length - least));
    const life = sorted[index] as Life;
    if (!life.isCut) return { life, isEndless: false };
    if (index + 1 === sorted.length) return { life, isEndless: true };
    least = index + 1;
  }
}

/** One of whose kind nothing was recorded: it takes all that it may, for as long as it may. */
function unknownNature({ memoryBytes }: KindPolicy): Nature {
  return {
    workCpuMs: Number.POSITIVE_INFINITY,
    firstBytes: Math.min(firstBytes, memoryBytes),
    peakBytes: memoryBytes,
    growCpuMs,
    disk: 0,
    noticeMs: heedsMs,
    exitCode: 0,
  };
}
