import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reliefRound } from '../reliefRound.ts';
import { missingPackages, type Scene, setScene } from '../scene.ts';
import { abortOnSignals, withUndoing } from '../undoing.ts';
import { cpuCaption } from './cpuCaption.ts';
import { cpusIn, type CpuLine, cpuNames, recordCpuStory } from './cpuStory.ts';
import { fromCsv, toCsv } from './csv.ts';
import { drawCpu, drawMemory } from './draw.ts';
import { memoryCaption, memoryLines, type MemoryLine, memoryNames } from './memoryStory.ts';
import { withCaption } from './page.ts';

declare const CHECKOUT: string;
const folder = join(CHECKOUT, 'docs', 'plots');
const page = join(CHECKOUT, 'docs', 'yielding.md');

/** What can be recorded, each into a file of its name. */
const recordings: Readonly<Record<string, (scene: Scene) => Promise<string>>> = {
  cpu: async (scene) => toCsv(await recordCpuStory(scene), cpuNames),
  memory: async (scene) => toCsv(memoryLines(await reliefRound(scene, false)), memoryNames),
};

/** Records what is asked for, all of it by default; nothing for `draw`. Then draws and writes the captions from what is recorded. */
async function main(words: readonly string[]): Promise<number> {
  const names = words[0] === 'draw' ? [] : words.length > 0 ? words : Object.keys(recordings);
  const unknown = names.filter((name) => recordings[name] === undefined);
  if (unknown.length > 0) {
    process.stderr.write(`plots: unknown: ${unknown.join(', ')}; there is cpu, memory, draw\n`);
    return 2;
  }
  if (names.length > 0) {
    const missing = missingPackages();
    if (missing.length > 0) {
      process.stderr.write(`plots: programs are missing: apt-get install ${missing.join(' ')}\n`);
      return 1;
    }
    await record(names);
  }
  draw();
  return 0;
}

async function record(names: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { signal } = abortOnSignals('plots');
  const say = (text: string): void => void process.stderr.write(`plots: ${text}\n`);
  await withUndoing(async (undoing) => {
    const scene = await setScene(CHECKOUT, undoing, { signal, logs: null, say });
    for (const name of names) {
      say(`recording ${name}`);
      writeFileSync(fileOf(name, 'csv'), (await recordings[name]?.(scene)) ?? '');
    }
  });
}

/** Draws each recording that there is, and tells its figures on the page. */
function draw(): void {
  if (existsSync(fileOf('cpu', 'csv'))) {
    const lines = fromCsv<CpuLine>(readFileSync(fileOf('cpu', 'csv'), 'utf8'), cpuNames);
    drawCpu(fileOf('cpu', 'csv'), fileOf('cpu', 'svg'), cpusIn(lines));
    tell('cpu', "The owner's CPUs, the pilots' CPUs, and how many pilots there are", cpuCaption(lines));
  }
  if (existsSync(fileOf('memory', 'csv'))) {
    const lines = fromCsv<MemoryLine>(readFileSync(fileOf('memory', 'csv'), 'utf8'), memoryNames);
    drawMemory(fileOf('memory', 'csv'), fileOf('memory', 'svg'), lines[0]?.pilots ?? 0);
    tell(
      'memory',
      'Memory held by pilots, taken by the owner, and available beyond the reserve',
      memoryCaption(lines),
    );
  }
}

function tell(name: string, title: string, caption: string): void {
  writeFileSync(page, withCaption(readFileSync(page, 'utf8'), name, title, caption));
}

function fileOf(name: string, kind: 'csv' | 'svg'): string {
  return join(folder, `${name}.${kind}`);
}

try {
  process.exitCode = await main(process.argv.slice(3));
} catch (error) {
  process.stderr.write(`plots: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
