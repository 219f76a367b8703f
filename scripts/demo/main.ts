import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrStartEngine } from './engine.ts';
import { prepareImage } from './image.ts';
import { noteFolders, sweep } from './leftovers.ts';
import { startPlancton } from './plancton.ts';
import { Advice, say } from './say.ts';
import { createTidy, type Tidy } from './tidy.ts';

/** Signals that ask us to end, and the exit code that tells so: a Ctrl-C is the usual end and no failure. */
const endings = { SIGINT: 0, SIGQUIT: 131, SIGTERM: 143, SIGHUP: 129 } as const;

/** Sets up, shows Plancton until somebody has seen enough, and leaves nothing behind. Gives the exit code. */
async function main(): Promise<number> {
  const asked = new AbortController();
  let code = 0;
  let tidying = false;
  for (const [signal, worth] of Object.entries(endings)) {
    process.on(signal, () => {
      if (tidying) say('Still tidying up, a moment');
      code = asked.signal.aborted ? code : worth;
      asked.abort();
    });
  }
  // A terminal or a reader that has gone must not keep us from tidying up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => asked.abort());
  const complain = (text: string): void => void process.stderr.write(`make run: ${text}\n`);
  const tidy = createTidy(complain);
  try {
    code = (await demonstrate(tidy, asked.signal)) || code;
  } catch (error) {
    if (!asked.signal.aborted) {
      complain(error instanceof Advice ? error.message : ((error as Error).stack ?? String(error)));
      code = 1;
    }
  }
  tidying = true;
  say('Ending: removing pilots, engine and files of this run');
  const clean = await tidy.now();
  if (clean) say('Nothing is left behind');
  return clean ? code : 1;
}

/** Each step notes how it is undone before it is done. */
async function demonstrate(tidy: Tidy, signal: AbortSignal): Promise<number> {
  const startedMs = performance.now();
  tidy.later('empty folders', noteFolders());
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plancton-run-')));
  tidy.later(folder, () => sweep(folder));
  say(`Everything of this run is under ${folder}`);
  const engine = await findOrStartEngine(folder, tidy, signal);
  const image = await prepareImage(engine.endpoint, folder, tidy, signal);
  const after = (atMs: number): string => `${((atMs - startedMs) / 1000).toFixed(1)} s`;
  say(`Set up in ${after(performance.now())}`);
  say(`Starting Plancton with ${folder}/conf/config.yaml; Ctrl-C ends it`);
  const daemon = await startPlancton(folder, image, engine, tidy, signal);
  const code = await daemon.watch(signal, (atMs) => say(`First pilot after ${after(atMs)}`));
  if (code !== 0 && !signal.aborted) throw new Advice(`Plancton has ended: ${daemon.lastWords()}`);
  return 0;
}

process.exit(await main());
