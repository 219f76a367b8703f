import type { FleetSource } from '../model/fleet.ts';
import { Secret } from '../model/secret.ts';
import type { InfluxTarget, PilotLimit, Settings } from '../model/settings.ts';
import { parseExpression } from './expression.ts';
import type { Origin } from './knownKeys.ts';
import type { LoadResult } from './load.ts';
import { toPilotLimit } from './pilotLimit.ts';

/** A text of another version of the program, whose settings may have another shape or meaning. */
export class OtherVersion extends Error {
  override readonly name = 'OtherVersion';
  /** The version that wrote it; null where it does not say. */
  readonly version: string | null;

  constructor(version: string | null) {
    super(`packed by version ${version ?? 'unknown'}`);
    this.version = version;
  }
}

/**
 * A result as text, to be handed from one process of ours to another of the same `version` through a pipe: it holds
 * passwords in the clear, so it goes nowhere else.
 */
export function pack(result: LoadResult, version: string): string {
  return JSON.stringify({ version, result: packed(result) });
}

function packed(result: LoadResult): Packed {
  if (!result.ok) return result;
  const { settings, origins } = result;
  const influxdb = settings.influxdb.map(withSecretsShown);
  const fleet = settings.fleet === null ? null : withSecretsShown(settings.fleet);
  const pilotLimit = { text: settings.pilotLimit.text, isDefault: settings.pilotLimit.isDefault };
  return { ...result, settings: { ...settings, influxdb, fleet, pilotLimit }, origins: [...origins] };
}

/**
 * What `pack` made a text of. Throws what the parser throws on a text that was cut, and `OtherVersion` on one of
 * another version than `version`.
 */
export function unpack(text: string, version: string): LoadResult {
  const message = JSON.parse(text) as { readonly version?: unknown; readonly result: Packed };
  if (message.version !== version)
    throw new OtherVersion(typeof message.version === 'string' ? message.version : null);
  const { result } = message;
  if (!result.ok) return result;
  const { text: limit, isDefault } = result.settings.pilotLimit;
  const { fleet } = result.settings;
  return {
    ...result,
    settings: {
      ...result.settings,
      influxdb: result.settings.influxdb.map(withSecretsHidden),
      fleet: fleet === null ? null : withSecretsHidden(fleet),
      pilotLimit: toPilotLimit(parseExpression(limit), isDefault, result.settings.topLevelKind),
    },
    origins: new Map(result.origins),
  };
}

interface WithSecrets {
  readonly password: Secret | null;
  readonly token: Secret | null;
}
type Shown<T extends WithSecrets> = Omit<T, keyof WithSecrets> & {
  readonly password: string | null;
  readonly token: string | null;
};

function withSecretsShown<T extends WithSecrets>(place: T): Shown<T> {
  return {
    ...place,
    password: place.password?.reveal() ?? null,
    token: place.token?.reveal() ?? null,
  };
}

function withSecretsHidden<T extends { readonly password: string | null; readonly token: string | null }>(
  place: T,
): Omit<T, keyof WithSecrets> & WithSecrets {
  return {
    ...place,
    password: place.password === null ? null : new Secret(place.password),
    token: place.token === null ? null : new Secret(place.token),
  };
}

type Good = Extract<LoadResult, { ok: true }>;
type PackedSettings = Omit<Settings, 'influxdb' | 'fleet' | 'pilotLimit'> & {
  readonly influxdb: readonly Shown<InfluxTarget>[];
  readonly fleet: Shown<FleetSource> | null;
  readonly pilotLimit: Pick<PilotLimit, 'text' | 'isDefault'>;
};
type Packed =
  | Extract<LoadResult, { ok: false }>
  | (Omit<Good, 'settings' | 'origins'> & {
      readonly settings: PackedSettings;
      readonly origins: readonly (readonly [string, Origin])[];
    });
