import '../daemon/noDebugger.ts';
import { homedir } from 'node:os';
import { parseArgs } from 'node:util';
import { runForeground } from './foreground.ts';
import { emptyPlace, type PlaceOptions, placesFor } from './places.ts';

/** What is still being written when the daemon has ended has so long. */
const leaveWithinMs = 1000;

const text = { type: 'string' } as const;
const options = {
  user: { type: 'boolean' },
  confdir: text,
  logdir: text,
  rundir: text,
  statedir: text,
  pidfile: text,
} as const;

/** The places that these words name; null when they are not `nodaemon` and its options. */
function wordsOf(args: string[]): PlaceOptions | null {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const isOurs = positionals.length === 1 && positionals[0] === 'nodaemon' && emptyPlace(values) === null;
    return isOurs ? values : null;
  } catch {
    return null;
  }
}

/**
 * The daemon's own way in, without the command line's library, which it would carry for weeks. What it cannot make
 * sense of, `planctonctl` itself explains.
 */
async function main(): Promise<void> {
  const words = wordsOf(process.argv.slice(2));
  if (words === null) {
    await import('./main.ts');
    return;
  }
  process.exitCode = await runForeground(
    placesFor({ uid: process.getuid?.() ?? 0, homeFolder: homedir() }, words),
  );
  // What a start that failed half-way has left open must not keep a daemon alive that does nothing.
  setTimeout(() => process.exit(), leaveWithinMs).unref();
}

void main();
