import type { IncomingMessage } from 'node:http';
import type { ContainerEvent, Engine } from '../model/engine.ts';
import { answerDeadlineMs } from './deadline.ts';
import { createLineReader, eventOf } from './eventStream.ts';
import { engineErrorOf } from './faults.ts';
import type { Session } from './session.ts';

/** The subscription to container events; see `Engine.follow`. */
export function createFollow(session: Session): Engine['follow'] {
  return async (label, onReady, onEvent, signal) => {
    const what = `follow events of containers with label ${label}`;
    // Podman's filter knows no label without a value, so that each event is looked at here too.
    const isFilterable = label.includes('=') || session.info()?.product !== 'podman';
    const filters = JSON.stringify({ type: ['container'], ...(isFilterable ? { label: [label] } : {}) });
    const request = { method: 'GET', path: '/events', query: { filters } } as const;
    // The deadline is for the answer's headers only; the stream itself lives as long as `signal` lets it.
    const life = new AbortController();
    const end = (): void => life.abort();
    signal.addEventListener('abort', end, { once: true });
    try {
      const stream = await session.ask(what, answerDeadlineMs, signal, (wire, deadline, asked) => {
        deadline.signal.addEventListener('abort', end, { once: true });
        return wire.open(request, asked, life.signal);
      });
      onReady();
      await readEvents(stream, (event) => hasLabel(event, label) && onEvent(event));
    } catch (thrown) {
      if (!signal.aborted) {
        throw engineErrorOf(thrown, { what, endpoint: session.endpoint });
      }
    } finally {
      signal.removeEventListener('abort', end);
      // A stream that nobody reads any more must not stay open.
      end();
    }
  };
}

function hasLabel(event: ContainerEvent, label: string): boolean {
  const [key = '', ...value] = label.split('=');
  const found = event.labels[key];
  return found !== undefined && (value.length === 0 || found === value.join('='));
}

async function readEvents(stream: IncomingMessage, onEvent: (event: ContainerEvent) => void): Promise<void> {
  const read = createLineReader((line) => {
    const event = eventOf(line);
    if (event !== null) {
      onEvent(event);
    }
  });
  for await (const chunk of stream) {
    read(chunk as Buffer);
  }
}
