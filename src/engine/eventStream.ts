import { StringDecoder } from 'node:string_decoder';
import type { ContainerEvent } from '../model/engine.ts';

/** A line longer than this is no event of an engine. */
const lineLimit = 1_000_000;

/** What is used of one line of `GET /events`. */
interface EventLine {
  readonly Type?: string;
  readonly Action?: string;
  readonly status?: string;
  readonly id?: string;
  readonly time?: number;
  readonly timeNano?: number;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> | null };
}

/** Podman says `remove` where Docker says `destroy`, and `died` in places. */
const whatOf: Readonly<Record<string, ContainerEvent['what']>> = {
  create: 'create',
  start: 'start',
  die: 'die',
  died: 'die',
  destroy: 'remove',
  remove: 'remove',
  pause: 'pause',
  unpause: 'unpause',
  oom: 'oom',
  kill: 'kill',
};

/** Attributes that engines put beside the labels of the container. */
const notLabels = new Set([
  'name',
  'image',
  'exitCode',
  'containerExitCode',
  'podId',
  'execDuration',
  'signal',
]);

/**
 * Takes chunks of bytes and gives each complete line of JSON, parsed, whatever the borders of the chunks cut through.
 * Throws a SyntaxError on a line that is not JSON and a RangeError on one without end.
 */
export function createLineReader(onLine: (line: unknown) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > lineLimit) {
      throw new RangeError(`a line of more than ${lineLimit} characters`);
    }
    for (const line of lines) {
      if (line.trim() !== '') {
        onLine(JSON.parse(line));
      }
    }
  };
}

/** A line of the event stream in the model's words; null for events that do not matter here. */
export function eventOf(line: unknown): ContainerEvent | null {
  const event = (typeof line === 'object' && line !== null ? line : {}) as EventLine;
  const what = Object.hasOwn(whatOf, event.Action ?? '') ? whatOf[event.Action ?? ''] : undefined;
  const id = event.Actor?.ID ?? event.id ?? '';
  if (what === undefined || id === '' || (event.Type ?? 'container') !== 'container') {
    return null;
  }
  const attributes = event.Actor?.Attributes ?? {};
  const exitCode = attributes['exitCode'] ?? attributes['containerExitCode'];
  return {
    what,
    id,
    name: attributes['name'] ?? '',
    labels: Object.fromEntries(Object.entries(attributes).filter(([key]) => !notLabels.has(key))),
    exitCode: what === 'die' && exitCode !== undefined ? Number(exitCode) : null,
    atWallMs: eventTimeOf(line),
  };
}

/** When an event of any sort happened, Unix milliseconds; 0 where it does not tell. */
export function eventTimeOf(line: unknown): number {
  const { timeNano, time } = (typeof line === 'object' && line !== null ? line : {}) as EventLine;
  // JSON numbers lose the last digits of nanoseconds: below a microsecond, which nobody here looks at.
  return timeNano !== undefined ? timeNano / 1e6 : (time ?? 0) * 1000;
}
