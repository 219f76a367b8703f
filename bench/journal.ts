import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { bundleProgram, daemonFlags } from './bundledProgram.ts';
import { makeHistory } from './journalRecords.ts';
import { median } from './numbers.ts';
import { sizeOf } from './processUse.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';

const runFile = promisify(execFile);
const appends = 5000;
const records = 1_000_000;
const lookEveryMs = 10;
const queries = [
  ['account --by kind,outcome,day', ['account', '--by', 'kind,outcome,day', '--json']],
  [
    'history --outcome evicted --kind cms --json',
    ['history', '--outcome', 'evicted', '--kind', 'cms', '--json'],
  ],
] as const;

/**
 * The journal of ended pilots: what a record costs the daemon, in a process with its flags, and what questions to a
 * million records take, as whole processes of `planctonctl`, with the files in the page cache.
 */
export async function measureJournal(scene: Scene, rounds: number): Promise<readonly Row[]> {
  const folder = join(scene.folder, 'journal');
  mkdirSync(folder);
  try {
    const appending = await measureAppends(scene, join(folder, 'appended'), rounds);
    const filled = join(folder, 'filled');
    mkdirSync(filled);
    const bytes = makeHistory(filled, records);
    scene.say(`journal: ${records} records, ${(bytes / 1e6).toFixed(0)} MB`);
    return [appending, ...(await measureQueries(scene, filled, rounds))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAppends(scene: Scene, folder: string, rounds: number): Promise<Row> {
  const program = bundleProgram(scene, 'bench/journalProgram.ts');
  const [slow, usual]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const words = [...daemonFlags(scene), program, join(folder, String(round)), String(appends)];
    const { stdout } = await runFile(process.execPath, words, {
      env: scene.env,
      signal: scene.signal,
      maxBuffer: 1e8,
    });
    const tookMs = (JSON.parse(stdout) as number[]).toSorted((a, b) => a - b);
    slow.push(tookMs[Math.floor(tookMs.length * 0.99)] ?? Number.NaN);
    usual.push(median(tookMs));
  }
  scene.say(
    `journal: an append takes ${median(usual).toFixed(3)} ms, 99 of 100 at most ${median(slow).toFixed(3)} ms`,
  );
  return {
    what: 'a record of an ended pilot into the journal',
    bar: { atMost: 1 },
    unit: ' ms',
    decimals: 3,
    samples: usual,
    unmeasured: null,
    beside: `99 of 100 take at most ${median(slow).toFixed(3)} ms; ${appends} records in a row, without fsync`,
    original: 'keeps none',
  };
}

async function measureQueries(scene: Scene, folder: string, rounds: number): Promise<readonly Row[]> {
  const [took, resident, counted] = [
    new Map<string, number[]>(),
    new Map<string, number[]>(),
    [] as number[],
  ];
  const files = readdirSync(folder).map((name) => join(folder, name));
  for (let round = 0; round < rounds; round += 1) {
    for (const [what, words] of queries) {
      const use = await runQuery(scene, scene.planctonctl, [`--logdir=${folder}`, ...words]);
      took.set(what, [...(took.get(what) ?? []), use.seconds]);
      resident.set(what, [...(resident.get(what) ?? []), use.peakBytes / 1e6]);
    }
    counted.push((await runQuery(scene, 'wc', ['-l', ...files])).seconds);
  }
  return queries.flatMap(([what]) => {
    const [seconds, megabytes] = [took.get(what) ?? [], resident.get(what) ?? []];
    scene.say(`journal: ${what}: ${median(seconds).toFixed(2)} s, ${median(megabytes).toFixed(0)} MB`);
    const common = { unmeasured: null, original: 'keeps none' };
    const row = `planctonctl ${what}, ${records} records`;
    return [
      {
        ...common,
        what: `${row}: whole process`,
        bar: { atMost: 2 },
        unit: ' s',
        decimals: 2,
        samples: seconds,
        beside: `wc -l of the same files, in turn: ${median(counted).toFixed(2)} s`,
      },
      {
        ...common,
        what: `${row}: most resident memory`,
        bar: { atMost: 150 },
        unit: ' MB',
        decimals: 0,
        samples: megabytes,
        beside: '',
      },
    ];
  });
}

/** Runs a program to its end; its memory is what the kernel tells of it shortly before that (`VmHWM`, proc(5)). */
async function runQuery(
  scene: Scene,
  program: string,
  words: readonly string[],
): Promise<{ seconds: number; peakBytes: number }> {
  scene.signal.throwIfAborted();
  const beginMs = performance.now();
  const child = spawn(program, words, { env: scene.env, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  let tookMs = Number.NaN;
  const ended = once(child, 'exit').then(([code]) => {
    tookMs = performance.now() - beginMs;
    return code as number | null;
  });
  let peakBytes = 0;
  while (Number.isNaN(tookMs)) {
    peakBytes = Math.max(peakBytes, peakOf(child.pid ?? 0));
    await Promise.race([ended, wait(lookEveryMs)]);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}`);
  return { seconds: tookMs / 1000, peakBytes };
}

function peakOf(pid: number): number {
  try {
    return sizeOf(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM');
  } catch {
    // It has ended.
    return 0;
  }
}
