import { chanceOf } from './seeded.ts';
import { quietWorld, type Story, type World } from './world.ts';
import { owners } from './weeks.ts';

/** An owner who takes every CPU for 5 s of each 15. */
export const bursts: Story = (ms) => (ms % 15_000 < 5000 ? everyCpu : quietWorld);
const everyCpu: World = { ...quietWorld, ownerCpus: 4 };

/**
 * A working day from midnight on: the office's CPUs with jitter by the second, memory that comes and goes with them,
 * a backup that wants the disk at three, an engine that hangs for a minute at one and is restarted at five, senses
 * that fail for a while.
 */
export const workingDay: Story = (ms) => {
  const minute = Math.floor(ms / 60_000);
  const second = Math.floor(ms / 1000);
  const steady = owners.office(minute);
  const ownerCpus = steady > 0.5 ? steady * chanceOf(second, 0.2, 1.8) : steady;
  const ownerMemoryBytes = steady > 0.5 ? 20e9 + chanceOf(Math.floor(minute / 20), 0, 35e9) : 4e9;
  const hour = ms / 3_600_000;
  return {
    ...quietWorld,
    ownerCpus,
    ownerMemoryBytes: ramped(ms, ownerMemoryBytes),
    ownerDisk: hour > 3 && hour < 3.5 ? 0.9 : 0.05,
    engine: hour > 1 && hour < 1 + 1 / 60 ? 'hangs' : hour > 5 && hour < 5 + 1 / 120 ? 'away' : 'answers',
    blind: hour > 7 && hour < 7.1 ? ['memory'] : hour > 8 && hour < 8.1 ? ['cpu', 'pressure'] : [],
  };
};

/** Nobody takes gigabytes in no time: within each twenty minutes it takes a minute to get there. */
function ramped(ms: number, bytes: number): number {
  const share = Math.min(1, (ms % 1_200_000) / 60_000);
  return 4e9 + share * (bytes - 4e9);
}
