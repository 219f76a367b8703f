import { decide } from '../src/decide/decide.ts';
import { settingOf } from '../test/simulate/policies.ts';
import { seriesCsv } from '../test/simulate/series.ts';
import { bursts, workingDay } from '../test/simulate/stories.ts';
import { allocator, type Story, squareWave } from '../test/simulate/world.ts';

/*
 * Writes a simulated node's time series as CSV to the standard output, for plots:
 * node scripts/bundled.mjs scripts/simulate.ts [day|bursts|minutes|memory] [idle|normal] > series.csv
 */

const stories: Readonly<Record<string, { readonly story: Story; readonly hours: number }>> = {
  day: { story: workingDay, hours: 24 },
  bursts: { story: bursts, hours: 0.1 },
  minutes: { story: squareWave(120_000, 4), hours: 1 },
  memory: { story: allocator(60_000, 500e6, 60e9, 60_000), hours: 0.15 },
};

const [name = 'day', cpuClass = 'idle'] = process.argv.slice(3);
const chosen = stories[name];
if (chosen === undefined || (cpuClass !== 'idle' && cpuClass !== 'normal')) {
  process.stderr.write(
    `there is no such simulation: choose one of ${Object.keys(stories).join(', ')}; idle or normal\n`,
  );
  process.exitCode = 1;
} else {
  const { story, hours } = chosen;
  process.stdout.write(
    seriesCsv({ decider: decide, ...settingOf(cpuClass), story, forMs: hours * 3_600_000 }),
  );
}
