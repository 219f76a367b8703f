import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { checks } from '../../test/vm/checks.ts';
import { cached } from './cache.ts';
import { imageIn, makeImage } from './image.ts';
import { runMachine } from './machine.ts';
import { keyOf, recipeHere } from './recipe.ts';
import { makeSeed } from './seed.ts';
import { followReport } from './verdict.ts';

/** The checkout, filled in by the bundler. */
declare const CHECKOUT: string;

/** Three times what it takes on two CPUs of its own. */
const machineMs = 720_000;
const startedMs = performance.now();

function say(text: string): void {
  console.log(`==> ${text} (${((performance.now() - startedMs) / 1000).toFixed(0)} s)`);
}

/** Makes what has to be made, boots it, and gives how many checks passed and failed. */
async function check(folder: string, signal: AbortSignal): Promise<{ passed: number; failed: number }> {
  const recipe = recipeHere();
  const image = imageIn(
    await cached(keyOf(recipe), async (making) => {
      say(`Making an image of Debian ${recipe.suite} out of its packages`);
      await makeImage(recipe, making, signal);
    }),
  );
  say('Packing Plancton and the scenario');
  const seed = await makeSeed(CHECKOUT, folder, signal);
  say('Booting the virtual machine');
  const verdict = followReport(checks.map(({ name }) => name));
  const consoleFile = join(folder, 'console');
  const onLine = (line: string): void => {
    const outcome = verdict.take(line);
    if (outcome !== null) console.log(`${outcome.ok ? ' ok ' : 'FAIL'} ${outcome.name}: ${outcome.text}`);
  };
  const options = { image, seed, console: consoleFile, onLine, deadlineMs: machineMs, signal };
  const { fault } = await runMachine(options);
  say('The virtual machine is off');
  const missing = verdict.missing();
  for (const name of missing) console.log(`FAIL ${name}: nothing was heard of it`);
  if (fault !== null) console.log(`FAIL The virtual machine: ${fault}`);
  const failed =
    verdict.outcomes().filter(({ ok }) => !ok).length + missing.length + (fault === null ? 0 : 1);
  if (failed > 0) showWhatWasSaid(consoleFile, verdict.rest);
  return { passed: verdict.outcomes().filter(({ ok }) => ok).length, failed };
}

function showWhatWasSaid(consoleFile: string, report: readonly string[]): void {
  const text = stripVTControlCharacters(readFileSync(consoleFile, 'utf8'));
  const last = text.split(/[\r\n]+/).slice(-80);
  console.log(['--- the end of its console', ...last, '--- what the scenario shows', ...report].join('\n'));
}

async function main(): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => interrupted.abort());
  const folder = mkdtempSync(join(tmpdir(), 'plancton-vm-'));
  let count = { passed: 0, failed: 1 };
  try {
    count = await check(folder, interrupted.signal);
  } catch (error) {
    console.log(`make test-vm: ${(error as Error).message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (count.failed > 0) process.exitCode = 1;
  console.log(`${count.passed} passed, ${count.failed} failed`);
}

await main();
