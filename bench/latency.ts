import { type Guest, planctonGuest } from './guests.ts';
import { idleGroupGuest } from './idleGroup.ts';
import { median, percentile } from './numbers.ts';
import { ownerSleepsMs } from './owners.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';

const windowMs = 8000;
/** What each turn of the owner's loop asks for. */
const askedMs = 1;

/** How late the owner woke in a window, milliseconds. */
interface Lateness {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/**
 * How late an owner is woken who sleeps for 1 ms at a time while a pilot is busy on each CPU, over the same with the same
 * busy loops in a bare idle-class group; in turn, `rounds` of each.
 */
export async function measureLatency(scene: Scene, rounds: number): Promise<readonly Row[]> {
  const [plancton, bare] = [planctonGuest(scene), idleGroupGuest(scene)];
  const [ours, theirs, alone]: [Lateness[], Lateness[], Lateness[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await turn(bare, scene));
    ours.push(await turn(plancton, scene));
    alone.push(latenessOf(await ownerSleepsMs(windowMs, scene.signal)));
    const [a, b, c] = [ours, theirs, alone].map((all) => micros(all.at(-1)?.p99 ?? Number.NaN));
    scene.say(`latency, round ${round + 1}, 99th percentile: pilots ${a}, bare group ${b}, alone ${c}`);
  }
  return [
    {
      what: 'owner’s latency, a busy pilot on each CPU: 99th percentile of how late a sleep of 1 ms ends, over the same for bare loops in an idle-class group',
      bar: { atMost: 1.1 },
      unit: '',
      decimals: 3,
      samples: ours.map(({ p99 }, index) => p99 / (theirs[index]?.p99 ?? Number.NaN)),
      unmeasured: null,
      beside: `${[told('pilots', ours), told('bare group', theirs), told('alone', alone)].join('; ')}; in turn, ${windowMs / 1000} s each`,
      original: '',
    },
  ];
}

async function turn(guest: Guest, scene: Scene): Promise<Lateness> {
  try {
    await guest.arrive();
    return latenessOf(await ownerSleepsMs(windowMs, scene.signal));
  } finally {
    if (!scene.signal.aborted) await guest.leave();
  }
}

function latenessOf(sleepsMs: readonly number[]): Lateness {
  const lateMs = sleepsMs.map((took) => took - askedMs);
  return { p50: median(lateMs), p99: percentile(lateMs, 0.99), worst: Math.max(...lateMs) };
}

function told(name: string, all: readonly Lateness[]): string {
  const middle = (of: (one: Lateness) => number): string => micros(median(all.map(of)));
  return `${name}: p99 ${middle(({ p99 }) => p99)}, median ${middle(({ p50 }) => p50)}, worst ${micros(Math.max(...all.map(({ worst }) => worst)))}`;
}

function micros(ms: number): string {
  return `${(ms * 1000).toFixed(0)} µs`;
}
