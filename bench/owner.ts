import { availableParallelism } from 'node:os';
import { dockerRunGuest, type Guest, planctonGuest } from './guests.ts';
import { median } from './numbers.ts';
import { ownerThroughput } from './owners.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';

const windowMs = 8000;

/** What a guest left of the owner's throughput, and what CPU time it had meanwhile, for each of its turns. */
interface Kept {
  readonly guest: Guest;
  readonly shares: number[];
  readonly guestCpus: number[];
}

/**
 * The owner's CPU-bound throughput with guests on every CPU over that alone. Turns with and without guests take turns,
 * and each with them is compared with the mean of the two beside it: what else the machine does mostly cancels out.
 * `pairs` turns of each `docker run`, twice as many of Plancton.
 */
export async function measureOwner(scene: Scene, pairs: number): Promise<readonly Row[]> {
  const plancton = planctonGuest(scene);
  const keptWith = (guest: Guest): Kept => ({ guest, shares: [], guestCpus: [] });
  const ours = keptWith(plancton);
  const plain = keptWith(dockerRunGuest(scene, [], plancton.pilot));
  const light = keptWith(dockerRunGuest(scene, ['--cpu-shares=2'], plancton.pilot));
  let before = await ownerThroughput(windowMs, scene.signal);
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const kept of [ours, plain, ours, light]) {
      const [beside, guestCpus] = await withGuest(kept.guest, scene);
      const after = await ownerThroughput(windowMs, scene.signal);
      kept.shares.push((2 * beside) / (before + after));
      kept.guestCpus.push(guestCpus);
      before = after;
      const share = kept.shares.at(-1)?.toFixed(3);
      scene.say(
        `owner, with ${kept.guest.name}: keeps ${share}; the guests had ${guestCpus.toFixed(3)} CPUs`,
      );
    }
  }
  return [rowOf(ours, [plain, light])];
}

/** The owner's throughput beside a guest, and the CPUs that the guest had in that time. */
async function withGuest(guest: Guest, scene: Scene): Promise<[number, number]> {
  try {
    await guest.arrive();
    const [beginMs, cpuMs] = [performance.now(), guest.cpuMs()];
    const throughput = await ownerThroughput(windowMs, scene.signal);
    return [throughput, (guest.cpuMs() - cpuMs) / (performance.now() - beginMs)];
  } finally {
    if (!scene.signal.aborted) await guest.leave();
  }
}

function rowOf(ours: Kept, others: readonly Kept[]): Row {
  const middle = (kept: Kept): string => median(kept.shares).toFixed(3);
  const range = ({ shares }: Kept): string =>
    `${Math.min(...shares).toFixed(3)}–${Math.max(...shares).toFixed(3)}`;
  const beside = others.map(
    (kept) => `${kept.guest.name} ${middle(kept)} (${range(kept)}, n=${kept.shares.length})`,
  );
  return {
    what: `owner’s CPU-bound throughput, a thread on each of ${availableParallelism()} CPUs, beside a busy pilot on each, over alone`,
    bar: { atLeast: 0.98 },
    unit: '',
    decimals: 3,
    samples: ours.shares,
    unmeasured: null,
    beside: `${beside.join('; ')}; pilots had ${median(ours.guestCpus).toFixed(2)} CPUs, with the owner’s start and end; in turn with the owner alone, ${windowMs / 1000} s each`,
    original: '0.56',
  };
}
