import { pulled } from '../../src/cli/pullProgress.ts';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import type { EngineEndpoint } from '../../src/engine/endpoint.ts';
import { createRegistryAuth } from '../../src/engine/registryAuth.ts';
import { createSession, type Session } from '../../src/engine/session.ts';
import { pathOf } from '../../src/engine/wire.ts';
import { around } from './engine.ts';
import { importBusybox } from './busybox.ts';
import { say, withProgress } from './say.ts';
import type { Tidy } from './tidy.ts';

const pullPatienceMs = 60_000;
const answerMs = 30_000;
const wanted = 'busybox:latest';
/** A name that no registry is asked for long: the daemon pulls too, and `localhost` refuses at once. */
const localRepository = 'localhost/plancton-busybox';
const local = `${localRepository}:latest`;

/**
 * Gets the pilots' image and gives the name to run it by: pulled, else as it is there locally, else built from the
 * distribution's busybox-static. A name that was not there before goes at the end.
 */
export async function prepareImage(
  endpoint: EngineEndpoint,
  folder: string,
  tidy: Tidy,
  signal: AbortSignal,
): Promise<string> {
  const engine = createDockerEngine(endpoint, createRegistryAuth(around));
  const session = createSession(endpoint);
  await Promise.all([engine.connect(signal), session.connect(signal)]);
  const before = await engine.findImage(wanted, signal);
  say(`Pulling ${wanted}`);
  try {
    if (before === null) tidy.later(`image ${wanted}`, () => removeName(session, wanted));
    const patience = AbortSignal.any([signal, AbortSignal.timeout(pullPatienceMs)]);
    await pulled(wanted, (onProgress) => engine.pull(wanted, patience, onProgress));
    return wanted;
  } catch (error) {
    signal.throwIfAborted();
    say(`Going on without: ${(error as Error).message}`);
  }
  if ((await engine.findImage(local, signal)) === null)
    tidy.later(`image ${local}`, () => removeName(session, local));
  if (before === null) {
    say("Building the image from the distribution's busybox-static");
    await withProgress('Building the image', () => importBusybox(endpoint, localRepository, folder));
  } else {
    say(`Using ${wanted} as it is there locally`);
    const query = { repo: localRepository, tag: 'latest' };
    const request = { method: 'POST', path: pathOf('images', before, 'tag'), query } as const;
    await session.send(`name image ${wanted}`, answerMs, signal, request);
  }
  return local;
}

/** Takes one name from its image; the image itself goes with its last name. */
async function removeName(session: Session, name: string): Promise<void> {
  const request = { method: 'DELETE', path: pathOf('images', name) } as const;
  await session
    .send(`remove image ${name}`, answerMs, new AbortController().signal, request)
    .catch((error: Error) => {
      if ((error as { fault?: string }).fault !== 'not-found') throw error;
    });
}
