import { homedir } from 'node:os';
import { createDockerEngine } from '../engine/dockerEngine.ts';
import { findEndpoint } from '../engine/findEndpoint.ts';
import { nodeFiles } from '../engine/nodeFiles.ts';
import { createRegistryAuth } from '../engine/registryAuth.ts';
import type { Engine } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import type { EngineSettings } from '../model/settings.ts';

/** Finds the engine and makes its adapter. Throws `EngineError` when what is configured cannot be used. */
export function openEngine(settings: EngineSettings, log: Log): Engine {
  const { env } = process;
  const around = { env, homeFolder: homedir(), uid: process.getuid?.() ?? 0, files: nodeFiles };
  const endpoint = findEndpoint(settings, around);
  return createDockerEngine(endpoint, createRegistryAuth(around), (text) => log.warn(text));
}
