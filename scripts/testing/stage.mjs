// One stage of `make test`: a program whose output is told line by line under its name, and counted.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
/** What a stage prints of each of its failures. */
const failureLine = /^FAIL /;
const countLine = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;
const running = new Set();

/** Ends what still runs: the user has had enough. */
export function endStages() {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Runs a stage to its end, or to `deadlineMs`. One that prints `N passed, N failed` counts as that many, another as one.
 * A stage that fails without a failed test has one all the same. `failures`: the lines that name what failed.
 */
export async function runStage({ name, command, args, env = {}, deadlineMs = 300_000 }) {
  const startedMs = performance.now();
  const told = (text) => console.log(`${name.padEnd(8)} ${text}`);
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  });
  running.add(child);
  let count = null;
  const failures = [];
  const read = (raw) => {
    const line = stripVTControlCharacters(raw);
    const found = countLine.exec(line.trim());
    if (found !== null)
      count = { passed: Number(found[1]), failed: Number(found[2]), skipped: Number(found[3] ?? 0) };
    else if (line.trim() !== '') told(line);
    if (failureLine.test(line)) failures.push(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', read);
  let late = false;
  const timers = [
    setTimeout(() => {
      late = true;
      child.kill('SIGTERM');
    }, deadlineMs),
    setTimeout(() => child.kill('SIGKILL'), deadlineMs + 30_000),
  ];
  const code = await new Promise((done) => {
    child.on('error', () => done(127));
    child.on('close', (exit) => done(exit ?? 128));
  });
  running.delete(child);
  timers.forEach(clearTimeout);
  const { passed, failed, skipped } = count ?? { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 };
  const outcome = { name, passed, failed: code !== 0 && failed === 0 ? 1 : failed, skipped, failures };
  const took = `${((performance.now() - startedMs) / 1000).toFixed(0)} s`;
  const why = late ? `, not done after ${deadlineMs / 1000} s` : '';
  told(
    `${code === 0 ? 'done' : 'FAILED'}: ${outcome.passed} passed, ${outcome.failed} failed in ${took}${why}`,
  );
  return outcome;
}
