import { Secret } from '../model/secret.ts';
import type { Settings } from '../model/settings.ts';
import { parseExpression } from './expression.ts';
import type { Origin } from './knownKeys.ts';
import type { LoadResult } from './load.ts';
import { toPilotLimit } from './pilotLimit.ts';

/**
 * A result as text, to be handed from one process of ours to another through a pipe: it holds passwords in the clear,
 * so it goes nowhere else.
 */
export function pack(result: LoadResult): string {
  if (!result.ok) return JSON.stringify(result);
  const { settings, origins } = result;
  const influxdb = settings.influxdb.map((target) => ({
    ...target,
    password: target.password?.reveal() ?? null,
  }));
  const pilotLimit = { text: settings.pilotLimit.text, isDefault: settings.pilotLimit.isDefault };
  return JSON.stringify({
    ...result,
    settings: { ...settings, influxdb, pilotLimit },
    origins: [...origins],
  });
}

/** What `pack` made a text of. Throws what the parser throws on a text that was cut. */
export function unpack(text: string): LoadResult {
  const packed = JSON.parse(text) as Packed;
  if (!packed.ok) return packed;
  const { text: limit, isDefault } = packed.settings.pilotLimit;
  const influxdb = packed.settings.influxdb.map((target) => ({
    ...target,
    password: target.password === null ? null : new Secret(target.password),
  }));
  return {
    ...packed,
    settings: { ...packed.settings, influxdb, pilotLimit: toPilotLimit(parseExpression(limit), isDefault) },
    origins: new Map(packed.origins),
  };
}

type Good = Extract<LoadResult, { ok: true }>;
type PackedTarget = Omit<Settings['influxdb'][number], 'password'> & { readonly password: string | null };
type PackedSettings = Omit<Settings, 'influxdb' | 'pilotLimit'> & {
  readonly influxdb: readonly PackedTarget[];
  readonly pilotLimit: { readonly text: string; readonly isDefault: boolean };
};
type Packed =
  | Extract<LoadResult, { ok: false }>
  | (Omit<Good, 'settings' | 'origins'> & {
      readonly settings: PackedSettings;
      readonly origins: readonly (readonly [string, Origin])[];
    });
