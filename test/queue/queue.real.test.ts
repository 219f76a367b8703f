import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { begin, configure, ended, engine, plancton, useRig } from '../daemon/rig.ts';
import { engineApi } from '../support/engineApi.ts';
import { startGearman, type TestGearman } from '../support/gearman.ts';
import { allDone, type GearmanClient, type GearmanTask, openGearman } from '../support/gearmanClient.ts';
import { importPrograms } from '../support/programImage.ts';
import { requireProgram } from '../support/programs.ts';
import { scriptOf } from '../support/recipe.ts';
import { until } from '../support/until.ts';
import { checksumAlone, checksumTask } from './checksums.ts';

/** Other programs may keep this machine busy for a while: pilots come only when it has room. */
const patienceMs = 150_000;
const testMs = 600_000;
const image = '127.0.0.1:9/plancton/gearman:1';
const page = 'gearman.md';
const queue = 'checksums';
const taskCount = 520;
/** The kind waits so long after a fruitless pilot, then twice as long, less up to a half by jitter. */
const firstWaitMs = 2000;

useRig();
let gearman: TestGearman;
let client: GearmanClient;

beforeAll(async () => {
  await importPrograms(engine.socket, image, {
    programs: [requireProgram('gearman', 'gearman-tools')],
    scripts: {
      '/usr/local/bin/gearman-pilot': scriptOf(page, 'gearman-pilot'),
      '/usr/local/bin/gearman-task': scriptOf(page, 'gearman-task'),
      '/usr/local/bin/task': checksumTask,
    },
  });
  gearman = await startGearman();
  client = await openGearman(gearman.port);
});
afterAll(async () => {
  client?.close();
  await gearman?.stop();
});

/**
 * Up to four pilots that work through the queue, when the node's schedule lets them; on an engine elsewhere, so that nothing
 * else has a say in how many there are.
 */
function pilotsOf(schedule: string): void {
  const yaml = `
max_docks: 4
main_sleep: 1
grace_spawn: 1
syslog: off
schedule: ${schedule}
pilots:
  - name: queue
    image: ${image}
    command: gearman-pilot
    env: {GEARMAN_HOST: 127.0.0.1, GEARMAN_PORT: ${gearman.port}, QUEUE: ${queue}, IDLE_MS: 1000}
    network_mode: host
    cpus: 0.4
    memory: 50MB
    pull: missing
    ttl: 10s
    ttl_jitter: 30%
    stop_grace: 5s
    outcomes: {0: finished, 75: no-work}
    fizzle: 5s
    backoff: {first: ${firstWaitMs / 1000}s, max: 1h}
`;
  configure(plancton, engine.url, yaml);
}

/** Half an hour that is about half a day from now. */
function anotherTime(): string {
  const hour = String((new Date().getUTCHours() + 12) % 24).padStart(2, '0');
  return `["${hour}:00-${hour}:30 UTC"]`;
}

/** Waits until so many tasks have come back. */
async function done(tasks: readonly GearmanTask[], least: number): Promise<void> {
  const isSo = (): boolean => tasks.filter(({ results }) => results.length > 0).length >= least;
  await until(`${least} results`, isSo, patienceMs).catch((error: unknown) => {
    throw new Error(`${String(error)}; gearmand: ${gearman.log()}; the log:\n${plancton.log()}`);
  });
}

/** Every task came back once, with what it comes to when it is computed alone. */
function expectAsAlone(tasks: readonly GearmanTask[]): void {
  const wrong = tasks.filter(({ input, results }) => results.join('|') !== checksumAlone(input));
  expect(wrong).toEqual([]);
}

function inputs(from: number, howMany: number): string[] {
  return Array.from({ length: howMany }, (_, index) => String(from + index));
}

/** Names of all pilots whose start the log tells, that of the daemon which was killed too. */
function startedNames(): string[] {
  const earlier = readFileSync(join(plancton.folder, 'log/plancton.log.1'), 'utf8');
  return [...`${earlier}${plancton.log()}`.matchAll(/started (plancton-worker-\w+)/g)].map(
    ([, name = '']) => name,
  );
}

/** The owner wants the node to himself for a moment. */
async function evictAll(): Promise<void> {
  pilotsOf(anotherTime());
  await plancton.logged(/plancton-worker-\w+ evicted after/, patienceMs);
  await until('no pilot', async () => (await running()) === 0, patienceMs);
  pilotsOf('[]');
}

async function running(): Promise<number> {
  return (await plancton.pilots()).filter(({ State }) => State === 'running').length;
}

/** One pilot is killed amid its task, as the kernel does for want of memory. */
async function killPilot(): Promise<void> {
  // The engine lists the youngest first.
  const oldest = (await plancton.pilots()).findLast(({ State }) => State === 'running');
  await engineApi(engine.socket, `/containers/${oldest?.Id}/kill`, { method: 'POST' });
  await plancton.logged(/plancton-worker-\w+ \S+ after .* exit code 137/, patienceMs);
}

async function killDaemon(): Promise<void> {
  const pid = plancton.pid() ?? 0;
  process.kill(pid, 'SIGKILL');
  await ended(pid);
  await begin(plancton);
}

async function restartEngine(): Promise<void> {
  await engine.halt();
  await engine.resume();
}

it(
  'a queue is worked through by pilots that come and go, and asked seldom when it is empty',
  async () => {
    const tasks = client.submit(queue, inputs(1, taskCount));
    pilotsOf('[]');
    await begin(plancton);
    await done(tasks, 60);
    await evictAll();
    await done(tasks, 180);
    await killDaemon();
    await done(tasks, 260);
    await restartEngine();
    await done(tasks, 340);
    await killPilot();
    await done(tasks, 400);
    expect((await plancton.ctl('renew', 'queue', '--now')).code).toBe(0);
    await plancton.logged(/giving notice to plancton-worker-\w+ \(\S+\): .*renew/, patienceMs);
    await allDone(tasks, patienceMs);
    expectAsAlone(tasks);
    await seldom();
    await servedAgain();
    await eachTold();
  },
  testMs,
);

/** A start or an end that the log tells. */
interface Told {
  readonly atMs: number;
  readonly what: string;
}

/** What the log tells of pilots since the last one that had work has ended. */
function sinceTheLastWork(): readonly Told[] {
  const lines = [...plancton.log().matchAll(/^(\S+) .*?(started|no-work|finished|expired) ?.*$/gm)]
    .filter(([line]) => /started plancton-worker|plancton-worker-\w+ \S+ after/.test(line))
    .map(([, at = '', what = '']): Told => ({ atMs: Date.parse(at), what }));
  return lines.slice(1 + lines.findLastIndex(({ what }) => what === 'finished' || what === 'expired'));
}

/** When pilots were started that look for work since the first has found none. */
function probes(): readonly number[] {
  const told = sinceTheLastWork();
  const first = told.findIndex(({ what }) => what === 'no-work');
  if (first < 0) return [];
  const after = told.slice(first).filter(({ what }) => what === 'started');
  return [told[first]?.atMs ?? 0, ...after.map(({ atMs }) => atMs)];
}

/** With nothing to do, one pilot at a time looks for work, after longer and longer waits. */
async function seldom(): Promise<void> {
  await until('three looks in vain', () => probes().length > 3, patienceMs).catch((error: unknown) => {
    throw new Error(`${String(error)}; the log:\n${plancton.log()}`);
  });
  const times = probes();
  for (let probe = 1; probe < times.length; probe += 1) {
    const gapMs = (times[probe] ?? 0) - (times[probe - 1] ?? 0);
    expect(gapMs).toBeGreaterThanOrEqual(0.5 * firstWaitMs * 2 ** (probe - 1));
  }
  expect((await plancton.ctl('kinds')).stdout).toMatch(/^queue .*after \d+ pilots without work/m);
}

/** The next probe does a task that was handed in meanwhile, and all pilots are there again for what comes then. */
async function servedAgain(): Promise<void> {
  const late = client.submit(queue, inputs(taskCount + 1, 1));
  await allDone(late, patienceMs);
  const more = client.submit(queue, inputs(taskCount + 2, 60));
  await plancton.running(4, patienceMs);
  await allDone(more, patienceMs);
  expectAsAlone([...late, ...more]);
}

interface Line {
  readonly name: string;
  readonly kind: string;
  readonly outcome: string;
}

/** The journal has each pilot that was started once, and tells how it went. */
async function eachTold(): Promise<void> {
  await plancton.ctl('drain');
  await until('no pilot', async () => (await plancton.pilots()).length === 0, patienceMs);
  const lines = (await plancton.ctl('history', '--json')).stdout.trim().split('\n');
  const records = lines.map((line) => JSON.parse(line) as Line);
  const names = records.map(({ name }) => name);
  expect(names.length).toBe(new Set(names).size);
  expect(names).toEqual(expect.arrayContaining(startedNames()));
  expect(new Set(records.map(({ kind }) => kind))).toEqual(new Set(['queue']));
  const outcomes = records.map(({ outcome }) => outcome);
  expect(outcomes).toEqual(expect.arrayContaining(['finished', 'no-work', 'expired', 'evicted']));
}
