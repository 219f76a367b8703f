import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { measureBurst } from './burst.ts';
import { measureFill } from './fill.ts';
import { measureFleet } from './fleet.ts';
import { measureGap } from './gap.ts';
import { measureHarvest } from './harvest.ts';
import { measureJournal } from './journal.ts';
import { measureLatency } from './latency.ts';
import { measureLook } from './look.ts';
import { measureCrowd, measureMany } from './many.ts';
import { measureNoWork } from './nowork.ts';
import { measureOutage } from './outage.ts';
import { measureMetrics } from './metrics.ts';
import { measureOwner } from './owner.ts';
import { measureRecording } from './recording.ts';
import { measureRelief } from './relief.ts';
import { measureRequests } from './requests.ts';
import { allMet, type Row } from './row.ts';
import { missingPackages, type Scene, setScene, type Undoing } from './scene.ts';
import { measureStatus } from './status.ts';
import { tableJson, tableText } from './table.ts';
import { abortOnSignals, withUndoing } from './undoing.ts';
import { measureWeight } from './weight.ts';

interface Options {
  readonly pairs: number;
  readonly window: number;
  readonly minutes: number;
  readonly outage: number;
  readonly json?: string;
  readonly logs?: string;
}

/** What can be measured, in the order in which it is; the bars stand with the measurements. */
const measurements: Readonly<Record<string, (scene: Scene, options: Options) => Promise<readonly Row[]>>> = {
  fill: (scene, { pairs, window }) => measureFill(scene, { pairs, windowSeconds: window }),
  // A turn of it is short: more of them even out what else the machine does.
  gap: (scene, { pairs }) => measureGap(scene, 2 * pairs),
  weight: (scene, { minutes }) => measureWeight(scene, minutes),
  status: measureStatus,
  requests: measureRequests,
  look: (scene, { pairs }) => measureLook(scene, pairs),
  owner: (scene, { pairs }) => measureOwner(scene, pairs),
  harvest: (scene, { minutes }) => measureHarvest(scene, minutes),
  // A turn of it is short, as with gap.
  latency: (scene, { pairs }) => measureLatency(scene, 2 * pairs),
  relief: (scene, { pairs }) => measureRelief(scene, pairs),
  journal: (scene, { pairs }) => measureJournal(scene, pairs),
  many: (scene, { pairs }) => measureMany(scene, pairs),
  crowd: (scene, { minutes }) => measureCrowd(scene, minutes),
  burst: (scene, { pairs }) => measureBurst(scene, pairs),
  nowork: (scene, { minutes }) => measureNoWork(scene, minutes),
  recording: (scene, { pairs }) => measureRecording(scene, pairs),
  outage: (scene, { outage }) => measureOutage(scene, outage),
  metrics: (scene, { minutes }) => measureMetrics(scene, minutes),
  fleet: (scene, { minutes }) => measureFleet(scene, minutes),
};

/** Measures, prints the table, and resolves to the exit code: 0 when every bar is met. `root` holds `bin` and `dist`. */
export async function bench(root: string, words: readonly string[]): Promise<number> {
  const { names, options } = parse(words);
  const missing = missingPackages();
  if (missing.length > 0) {
    process.stderr.write(
      `bench: programs are missing; on Debian and Ubuntu: apt-get install ${missing.join(' ')}\n`,
    );
    return 1;
  }
  if (process.getuid?.() !== 0) {
    process.stderr.write('bench: it starts a container engine of its own, which takes root\n');
    return 1;
  }
  const abort = abortOnSignals('bench');
  const rows = await withUndoing((undoing) => measureAll(root, names, options, undoing, abort.signal));
  if (abort.signal.aborted) return 130;
  process.stdout.write(`${tableText(rows)}\n`);
  if (options.json !== undefined) writeFileSync(resolve(options.json), tableJson(rows));
  return allMet(rows) ? 0 : 1;
}

async function measureAll(
  root: string,
  names: readonly string[],
  options: Options,
  undoing: Undoing,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const beganMs = performance.now();
  const say = (text: string): void => {
    process.stderr.write(`bench [${((performance.now() - beganMs) / 1000).toFixed(0)} s] ${text}\n`);
  };
  const rows: Row[] = [];
  let scene: Scene | null = null;
  for (const name of names) {
    if (signal.aborted) break;
    try {
      scene ??= await setScene(root, undoing, { signal, logs: options.logs ?? null, say });
      rows.push(...((await measurements[name]?.(scene, options)) ?? []));
    } catch (error) {
      if (!signal.aborted)
        rows.push(unmeasuredRow(name, error instanceof Error ? error.message : String(error)));
    }
  }
  return rows;
}

function unmeasuredRow(name: string, why: string): Row {
  const nothing = { bar: { atLeast: 1 }, unit: '', decimals: 0, samples: [], beside: '', original: '' };
  return { ...nothing, what: name, unmeasured: why };
}

function parse(words: readonly string[]): { names: readonly string[]; options: Options } {
  const all = Object.keys(measurements);
  const count = (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('not a whole number above 0');
    return value;
  };
  const program = new Command('bench')
    .description('Measures what Plancton promises, beside bare loops, in one run.')
    .argument('[what...]', `any of ${all.join(', ')}; all of them by default`)
    .option(
      '--pairs <n>',
      'turns of each contender, for fill, owner, relief, many and burst; twice as many for gap and latency',
      count,
      3,
    )
    .option('--window <seconds>', 'length of a turn, for fill', count, 48)
    .option(
      '--minutes <n>',
      'windows of a minute, for weight, crowd and metrics; how long, for harvest, nowork and fleet',
      count,
      3,
    )
    .option('--outage <minutes>', 'how long InfluxDB is away, for outage', count, 10)
    .option('--logs <folder>', 'keep the logs of the daemons there')
    .option('--json <file>', 'write the numbers to a file too')
    .parse([...words], { from: 'user' });
  const unknown = program.args.filter((name) => !all.includes(name));
  if (unknown.length > 0) program.error(`bench: unknown: ${unknown.join(', ')}; there is ${all.join(', ')}`);
  const names = program.args.length > 0 ? all.filter((name) => program.args.includes(name)) : all;
  return { names, options: program.opts<Options>() };
}
