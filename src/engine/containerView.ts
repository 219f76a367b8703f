import type { ContainerDetail, ContainerSummary } from '../model/engine.ts';

/** What is used of one entry of `GET /containers/json`. */
export interface ListedContainer {
  readonly Id: string;
  readonly Names?: readonly string[] | null;
  readonly ImageID?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly State?: string;
}

/** What is used of `GET /containers/{id}/json`. */
export interface InspectedContainer {
  readonly Id: string;
  readonly Name?: string;
  readonly Image?: string;
  readonly LogPath?: string;
  readonly Config?: {
    readonly Labels?: Readonly<Record<string, string>> | null;
    /** It has a terminal, which makes one stream of both. */
    readonly Tty?: boolean;
  };
  readonly State?: {
    readonly Status?: string;
    readonly Pid?: number;
    readonly ExitCode?: number;
    readonly OOMKilled?: boolean;
    readonly Error?: string;
    readonly StartedAt?: string;
    readonly FinishedAt?: string;
  };
}

/** A container of a listing in the model's words. */
export function summaryOf(listed: ListedContainer): ContainerSummary {
  // A legacy link gives a container further names, such as `/other/alias`: the own one has a single slash.
  const names = listed.Names ?? [];
  const own = names.find((name) => name.lastIndexOf('/') <= 0) ?? names[0] ?? '';
  return {
    id: listed.Id,
    name: own.replace(/^\//, ''),
    imageId: imageIdOf(listed.ImageID ?? ''),
    labels: listed.Labels ?? {},
    state: stateOf(listed.State ?? ''),
  };
}

/** An inspected container in the model's words; `isLocal`: the engine's files are this node's. */
export function detailOf(inspected: InspectedContainer, isLocal: boolean): ContainerDetail {
  const told = inspected.State ?? {};
  const state = stateOf(told.Status ?? '');
  const startedAtWallMs = wallMsOf(told.StartedAt);
  const finishedAtWallMs = wallMsOf(told.FinishedAt);
  // Podman's two stamps come from two processes: a pilot of a few milliseconds may end before it starts.
  const endedAtWallMs =
    finishedAtWallMs === null ? null : Math.max(finishedAtWallMs, startedAtWallMs ?? finishedAtWallMs);
  return {
    id: inspected.Id,
    name: (inspected.Name ?? '').replace(/^\//, ''),
    imageId: imageIdOf(inspected.Image ?? ''),
    labels: inspected.Config?.Labels ?? {},
    state,
    pid: told.Pid !== undefined && told.Pid > 0 ? told.Pid : null,
    startedAtWallMs,
    endedAtWallMs: state === 'ended' ? endedAtWallMs : null,
    exitCode: state === 'ended' ? (told.ExitCode ?? null) : null,
    outOfMemory: told.OOMKilled === true,
    startError: told.Error ?? '',
    logPath: isLocal && (inspected.LogPath ?? '') !== '' ? (inspected.LogPath ?? null) : null,
  };
}

/** States of Docker and of Podman, as the four that matter; one that nobody knows takes room, as running does. */
export function stateOf(state: string): ContainerSummary['state'] {
  switch (state.toLowerCase()) {
    case 'created':
    case 'configured':
    case 'initialized':
      return 'created';
    case 'paused':
      return 'paused';
    case 'exited':
    case 'dead':
    case 'removing':
    case 'stopped':
      return 'ended';
    default:
      return 'running';
  }
}

/** The id with its algorithm: Podman leaves `sha256:` out in places. */
export function imageIdOf(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

/** An RFC 3339 stamp as milliseconds with fractions; null for none and for Go's zero time (year 1). */
export function wallMsOf(stamp: string | undefined): number | null {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(stamp ?? '');
  if (parts === null || stamp?.startsWith('0001-')) {
    return null;
  }
  const wholeMs = Date.parse(`${parts[1]}${parts[3]}`);
  return Number.isNaN(wholeMs) ? null : wholeMs + Number(parts[2] ?? 0) * 1000;
}
