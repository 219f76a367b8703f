import { json } from 'node:stream/consumers';
import { writeOut } from './output.ts';
import { readFleet } from '../fleet/readFleet.ts';
import { Secret } from '../model/secret.ts';
import type { Errand } from '../serve/fleetRoute.ts';
import { version } from '../daemon/version.ts';
import { questionOf } from './fleetQuestion.ts';

/** The daemon gives up a little later. */
const deadlineMs = 110_000;

/**
 * The program that asks for the fleet in the daemon's stead: it is told where on its standard input, prints the answer, or
 * one line that says what is wrong with exit code 1, and is gone.
 */
async function main(): Promise<void> {
  const errand = (await json(process.stdin)) as Errand;
  if (errand.version !== version)
    return tell(`version ${version} has been installed under ${errand.version}: restart the daemon`, 1);
  const { password, token, ...source } = errand.source;
  const hidden = (secret: string | null): Secret | null => (secret === null ? null : new Secret(secret));
  try {
    const answer = await readFleet(
      { ...source, password: hidden(password), token: hidden(token) },
      questionOf({ json: true }, Date.now()),
      AbortSignal.timeout(deadlineMs),
    );
    return tell(JSON.stringify(answer), 0);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return tell(error.name === 'SourceFault' ? error.message : `the fleet cannot be read: ${error.name}`, 1);
  }
}

function tell(text: string, code: number): void {
  writeOut(Buffer.from(`${text}\n`));
  process.exitCode = code;
}

void main();
