import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EngineEndpoint } from '../../src/engine/endpoint.ts';
import { printEndpoint } from '../../src/engine/endpoint.ts';
import { findEndpoint, type Surroundings } from '../../src/engine/findEndpoint.ts';
import { nodeFiles } from '../../src/engine/nodeFiles.ts';
import { createSession } from '../../src/engine/session.ts';
import { installDocker, startDocker } from './ownEngine.ts';
import { Advice, say } from './say.ts';
import type { Tidy } from './tidy.ts';

/** The engine that pilots will run in. */
export interface DemoEngine {
  readonly endpoint: EngineEndpoint;
  /** Its address where we started it and so must tell it to the daemon; null for the user's, which the daemon finds. */
  readonly ownUrl: string | null;
}

/** What surrounds us, for the engine room. */
export const around: Surroundings = {
  env: process.env,
  homeFolder: homedir(),
  uid: process.getuid?.() ?? 0,
  files: nodeFiles,
};

/**
 * The engine that answers, else one of our own below `folder`. PLANCTON_RUN_ENGINE=own leaves the user's alone in any
 * case. Throws `Advice` when there is none to be had.
 */
export async function findOrStartEngine(
  folder: string,
  tidy: Tidy,
  signal: AbortSignal,
): Promise<DemoEngine> {
  if (process.env['PLANCTON_RUN_ENGINE'] !== 'own') {
    const found = await theirs(signal);
    if (found !== null) return { endpoint: found, ownUrl: null };
  }
  await installDocker();
  signal.throwIfAborted();
  say('Starting a Docker engine of its own, which goes at the end');
  const ownUrl = await startDocker(join(folder, 'engine'), tidy, signal);
  const socketPath = ownUrl.slice('unix://'.length);
  return { endpoint: { kind: 'unix', socketPath, foundBy: 'make run' }, ownUrl };
}

async function theirs(signal: AbortSignal): Promise<EngineEndpoint | null> {
  const told = (process.env['DOCKER_HOST'] ?? '') !== '';
  try {
    const endpoint = findEndpoint({ url: null, context: null, tls: null }, around);
    const info = await createSession(endpoint).connect(signal);
    say(`Using the engine that answers: ${info.product} ${info.version} at ${printEndpoint(endpoint)}`);
    return endpoint;
  } catch (error) {
    signal.throwIfAborted();
    const why = (error as Error).message;
    // Who names an engine wants that one.
    if (told) throw new Advice(`The engine that DOCKER_HOST names does not answer: ${why}`);
    say(`No container engine answers: ${why}`);
    return null;
  }
}
