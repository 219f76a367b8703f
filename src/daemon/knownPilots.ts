import type { KnownPilot } from '../model/history.ts';

/** What is written of a pilot: JSON leaves out what is undefined. */
export function pilotShape(known: KnownPilot): Readonly<Record<string, unknown>> {
  const { name, id, kind, endpoint, imageId, startedAtWallMs, end, asked } = known;
  const { cpuMs, peakMemoryBytes, pausedMs, pausedSinceMs } = known;
  return {
    name,
    id,
    kind: kind ?? undefined,
    endpoint,
    imageId,
    startedAtWallMs: startedAtWallMs ?? undefined,
    end: end ?? undefined,
    asked: asked ?? undefined,
    cpuMs: cpuMs ?? undefined,
    peakMemoryBytes: peakMemoryBytes ?? undefined,
    pausedMs: pausedMs === 0 ? undefined : pausedMs,
    pausedSinceMs: pausedSinceMs ?? undefined,
  };
}

/** Believes what has the shape that we write, one by one; of another boot a pause that goes on tells nothing. */
export function believedPilots(value: unknown, isThisBoot: boolean): readonly KnownPilot[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => believed(one, isThisBoot));
}

function believed(value: unknown, isThisBoot: boolean): readonly KnownPilot[] {
  const one = value as Partial<KnownPilot> | null;
  if (typeof one?.name !== 'string' || typeof one.id !== 'string') return [];
  const isEnd = typeof one.end?.livedMs === 'number' && one.end.exitCode !== undefined;
  return [
    {
      name: one.name,
      id: one.id,
      kind: typeof one.kind === 'string' ? one.kind : null,
      endpoint: typeof one.endpoint === 'string' ? one.endpoint : '',
      imageId: typeof one.imageId === 'string' ? one.imageId : '',
      startedAtWallMs: amount(one.startedAtWallMs),
      end: isEnd && one.end !== undefined ? one.end : null,
      asked: typeof one.asked?.outcome === 'string' ? one.asked : null,
      cpuMs: amount(one.cpuMs),
      peakMemoryBytes: amount(one.peakMemoryBytes),
      pausedMs: amount(one.pausedMs) ?? 0,
      pausedSinceMs: isThisBoot ? amount(one.pausedSinceMs) : null,
    },
  ];
}

function amount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
