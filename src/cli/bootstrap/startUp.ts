import { homedir } from 'node:os';
import type { Machine } from './machine.ts';
import { ProgressLine } from '../progressLine.ts';
import { runBootstrap } from './program.ts';
import { validateFolder } from './validate.ts';
import { whereWeAre } from './whereWeAre.ts';

/** Runs this process's command line on a machine and sets the exit code; a signal to end undoes what is half done. */
export async function startUp(machine: Machine): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  // A reader that went away (a pipe to head) must not end us half way.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.exitCode = await runBootstrap(process.argv.slice(2), {
    machine,
    person: { uid: process.geteuid?.() ?? 0, homeFolder: homedir() },
    validate: validateFolder,
    say: (line) => void process.stdout.write(`${line}\n`),
    warn: (line) => void process.stderr.write(`${line}\n`),
    ...whereWeAre(process.argv[1] ?? '', process.env['PATH'] ?? ''),
    signal: interrupted.signal,
    progress: new ProgressLine(),
  });
}
