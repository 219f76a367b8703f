import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleProgram, daemonFlags } from './bundledProgram.ts';
import { median } from './numbers.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';

const runFile = promisify(execFile);
const ticks = 2000;
const pilots = 200;

/**
 * What it costs a tick to tell the world, in a process with the daemon's flags: counts, all series of a report (each tick
 * has one here, and an end of a pilot), and the writing of them to the spool of a database that is away.
 */
export async function measureRecording(scene: Scene, rounds: number): Promise<readonly Row[]> {
  const program = bundleProgram(scene, 'bench/recordingProgram.ts');
  const folder = join(scene.folder, 'recording');
  const [usual, slow]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    mkdirSync(folder);
    const words = [...daemonFlags(scene), program, folder, String(ticks), String(pilots)];
    const { stdout } = await runFile(process.execPath, words, {
      env: scene.env,
      signal: scene.signal,
      maxBuffer: 1e8,
    });
    const tookMs = (JSON.parse(stdout) as number[]).toSorted((a, b) => a - b);
    usual.push(median(tookMs));
    slow.push(tookMs[Math.floor(tookMs.length * 0.99)] ?? Number.NaN);
    rmSync(folder, { recursive: true });
  }
  scene.say(`recording: ${median(usual).toFixed(3)} ms, 99 of 100 at most ${median(slow).toFixed(3)} ms`);
  return [
    {
      what: `a tick's recording, ${pilots} pilots of 4 kinds, with a report`,
      bar: { atMost: 1 },
      unit: ' ms',
      decimals: 3,
      samples: usual,
      unmeasured: null,
      beside: `99 of 100 take at most ${median(slow).toFixed(3)} ms; the database is away, the spool written`,
      original: 'waits for the database',
    },
  ];
}
