import type { PilotPlace } from '../act/pilotFolder.ts';
import type { PilotFacts } from '../act/pilotFolderFeatures.ts';
import { EngineError, type EngineInfo, type PilotSpec } from '../model/engine.ts';
import type { Kind } from '../model/kind.ts';
import type { Settings } from '../model/settings.ts';
import { parentFor } from '../sample/pilotsParent.ts';
import { readEnvFile } from './envFile.ts';
import { type Identity, pilotHostname, pilotLabels } from './ownership.ts';

/** What the making of pilots takes. */
export interface SpecParts {
  readonly identity: Identity;
  /** Host name of the node. */
  readonly hostname: string;
  settings(): Settings;
  engineInfo(): EngineInfo | null;
  nodeCpus(): number;
  /** How long the pilot of this name may run. */
  ttlMs(kind: Kind, name: string): number;
  /** Makes a pilot's folders. */
  place(facts: PilotFacts): Promise<PilotPlace>;
}

/** Makes the recipe of one pilot from the configuration in force; rejects with `EngineError`, in one line. */
export type SpecFor = (name: string, kind: string) => Promise<PilotSpec>;

/**
 * How pilots are made: by the recipe that their kind has now. What the recipe itself says of a variable goes before the
 * file of variables, as with `docker run`, and what the daemon tells before both.
 */
export function createSpecs(parts: SpecParts): SpecFor {
  const { identity, hostname } = parts;
  return async (name, kindName) => {
    const settings = parts.settings();
    const kind = kindNamed(settings, kindName);
    if (kind === null) throw goneKind(kindName);
    const info = parts.engineInfo();
    const own = ownVariables(kind);
    const place = await parts.place({
      name,
      kind: kind.name,
      node: hostname,
      cpus: kind.cpus,
      memoryBytes: kind.memoryBytes,
      swapBytes: kind.swapBytes,
      ttlMs: parts.ttlMs(kind, name),
      stopGraceMs: kind.stopGraceMs,
      nodeCpus: parts.nodeCpus(),
      hs06: settings.hs06,
    });
    return {
      name,
      hostname: pilotHostname(hostname, name),
      kind,
      labels: pilotLabels(identity, name, kind),
      cgroupParent: info === null ? null : parentFor(info, identity.instance),
      env: { ...own, ...place.env },
      binds: place.binds,
    };
  };
}

/** What a kind itself says of its pilots' environment; rejects with `EngineError` where its file cannot be used. */
export function ownVariables({ env, envFile }: Kind): Readonly<Record<string, string>> {
  return { ...(envFile === null ? {} : readEnvFile(envFile)), ...env };
}

/** The kind of this name; null where the configuration has none. */
export function kindNamed(settings: Pick<Settings, 'kinds'>, name: string | null): Kind | null {
  return settings.kinds.find((kind) => kind.name === name) ?? null;
}

/** Names of the images that kinds are made of; one that several are made of comes once. */
export function imagesWanted({ kinds }: Pick<Settings, 'kinds'>): readonly string[] {
  return [...new Set(kinds.map(({ image }) => image))];
}

function goneKind(name: string): EngineError {
  return new EngineError(
    'rejected',
    `cannot start a pilot: the configuration has no kind ${name} any more, it was changed while the pilot was made`,
  );
}
