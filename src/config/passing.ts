import { Secret } from '../model/secret.ts';
import type { PilotLimit, Settings } from '../model/settings.ts';
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
  const influxdb = settings.influxdb.map((target) => ({
    ...target,
    password: target.password?.reveal() ?? null,
    token: target.token?.reveal() ?? null,
  }));
  const pilotLimit = { text: settings.pilotLimit.text, isDefault: settings.pilotLimit.isDefault };
  return { ...result, settings: { ...settings, influxdb, pilotLimit }, origins: [...origins] };
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
  const influxdb = result.settings.influxdb.map((target) => ({
    ...target,
    password: target.password === null ? null : new Secret(target.password),
    token: target.token === null ? null : new Secret(target.token),
  }));
  return {
    ...result,
    settings: {
      ...result.settings,
      influxdb,
      pilotLimit: toPilotLimit(parseExpression(limit), isDefault, result.settings.topLevelKind),
    },
    origins: new Map(result.origins),
  };
}

type Good = Extract<LoadResult, { ok: true }>;
type PackedTarget = Omit<Settings['influxdb'][number], 'password' | 'token'> & {
  readonly password: string | null;
  readonly token: string | null;
};
type PackedSettings = Omit<Settings, 'influxdb' | 'pilotLimit'> & {
  readonly influxdb: readonly PackedTarget[];
  readonly pilotLimit: Pick<PilotLimit, 'text' | 'isDefault'>;
};
type Packed =
  | Extract<LoadResult, { ok: false }>
  | (Omit<Good, 'settings' | 'origins'> & {
      readonly settings: PackedSettings;
      readonly origins: readonly (readonly [string, Origin])[];
    });
