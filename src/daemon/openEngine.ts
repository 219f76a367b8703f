import { createDockerEngine } from '../engine/dockerEngine.ts';
import { noRegistryAuth } from '../engine/registryAuth.ts';
import type { Engine } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import type { EngineSettings } from '../model/settings.ts';

/** Finds the engine and makes its adapter. */
export function openEngine(settings: EngineSettings, log: Log): Engine {
  const socketPath = (settings.url ?? process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').replace('unix://', '');
  return createDockerEngine({ kind: 'unix', socketPath, foundBy: 'x' }, noRegistryAuth, (text) => log.warn(text));
}
