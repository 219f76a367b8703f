import { join } from 'node:path';
import { loadSettings } from '../config/load.ts';
import { openEngine } from '../daemon/openEngine.ts';
import type { Engine, EngineInfo } from '../model/engine.ts';
import type { Places } from '../model/places.ts';
import type { EngineSettings } from '../model/settings.ts';
import { UserFault } from './fault.ts';

/** The engine of these settings, for a command that talks to it itself, and who answers. Rejects with `EngineError`. */
export async function engineOf(
  settings: EngineSettings,
  signal: AbortSignal,
): Promise<{ readonly engine: Engine; readonly info: EngineInfo }> {
  const tell = (text: string): boolean => process.stderr.write(`${text}\n`);
  const nothing = (): void => undefined;
  const engine = openEngine(settings, { debug: nothing, info: nothing, warn: tell, error: tell });
  return { engine, info: await engine.connect(signal) };
}

/** Where the engine is, by the configuration in force: the last good one where the file has faults. */
export function engineSettings(places: Places): EngineSettings {
  for (const file of [places.configFile, join(places.stateFolder, 'last-good.yaml')]) {
    const result = loadSettings(file);
    if (result.ok) return result.settings.engine;
  }
  throw new UserFault(`${places.configFile} has faults (planctonctl check tells which): no engine is known`);
}
