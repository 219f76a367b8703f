import { below, withAtHand } from './memoryLooks.ts';
import { median } from './numbers.ts';
import { reliefRound, shortage } from './reliefRound.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';

/** What the daemon may take beyond the grace, to see the shortage and to have it relieved. */
const bySightSeconds = 2;

/** What one round gave. */
interface Relieved {
  readonly belowSeconds: number;
  /** The same by MemAvailable alone. */
  readonly toldSeconds: number;
  readonly pilotsEnded: number;
}

/**
 * How long an owner who takes memory stays below his reserve, with pilots that hold memory and all ignore the stop
 * signal; on a node whose CPUs are idle otherwise, and on one whose CPUs he keeps busy, where what is killed in the idle
 * class may lack the CPU time that its end takes. He is in a group that bounds him, and the reserve is set by what is
 * there: nothing else runs short.
 */
export async function measureRelief(scene: Scene, rounds: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const isLoaded of [false, true]) {
    const all: Relieved[] = [];
    for (let round = 1; round <= rounds; round += 1) all.push(await relieved(scene, isLoaded, round));
    rows.push(rowOf(all, isLoaded));
  }
  return rows;
}

async function relieved(scene: Scene, isLoaded: boolean, round: number): Promise<Relieved> {
  const { looks, reserveBytes } = await reliefRound(scene, isLoaded);
  const { seconds, leastBytes } = below(withAtHand(looks), reserveBytes);
  const { seconds: toldSeconds } = below(looks, reserveBytes);
  const pilotsEnded = (looks[0]?.pilots ?? 0) - (looks.at(-1)?.pilots ?? 0);
  const missingBytes = Math.max(0, reserveBytes - leastBytes);
  scene.say(
    `relief, CPUs ${isLoaded ? 'busy' : 'quiet'}, round ${round}: ${seconds.toFixed(2)} s below the reserve (by MemAvailable alone ${toldSeconds.toFixed(2)} s), by ${mb(missingBytes)} at most; ${pilotsEnded} pilots ended`,
  );
  return { belowSeconds: seconds, toldSeconds, pilotsEnded };
}

function rowOf(all: readonly Relieved[], isLoaded: boolean): Row {
  const { pilots, pilotBytes, ownerBytes, bytesPerSecond, graceSeconds } = shortage;
  const told = median(all.map(({ toldSeconds }) => toldSeconds)).toFixed(2);
  const ended = median(all.map(({ pilotsEnded }) => pilotsEnded));
  return {
    what: `memory: from less available than the owner’s reserve to enough again, ${pilots} pilots of ${mb(pilotBytes)} that ignore the stop signal (grace ${graceSeconds} s); the owner’s CPUs ${isLoaded ? 'all busy' : 'quiet'}`,
    bar: { atMost: bySightSeconds + graceSeconds },
    unit: ' s',
    decimals: 2,
    samples: all.map(({ belowSeconds }) => belowSeconds),
    unmeasured: null,
    beside: `the owner takes ${mb(ownerBytes)} at ${mb(bytesPerSecond)} a second, in a group that bounds him; ${ended} pilots ended; ${told} s by MemAvailable alone, which lacks what was freed a moment ago and CPUs keep at hand`,
    original: 'never looks',
  };
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
