import type { ServerResponse } from 'node:http';
import { safeHeaders, type Stream, textReply } from './reply.ts';
import type { Route } from './reply.ts';

/** How news reach browsers: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface Events {
  readonly route: Route;
  /** Ends every stream. */
  close(): void;
}

/** What a stream of news is made of. */
export interface EventsParts {
  /** What is new, as JSON; asked for only while somebody listens. */
  readonly news: () => unknown;
  readonly everyMs?: number;
  readonly mostListeners?: number;
}

/** More than this waits for somebody who does not take it: he is let go, and may come again. */
const mostWaitingBytes = 262_144;
const comeAgainMs = 3000;

/**
 * One stream for each who listens, of an event `now` at once and then each two seconds. It is made once for all of them,
 * and not at all while there is nobody. One listener too many is told to come later.
 */
export function createEvents({ news, everyMs = 2000, mostListeners = 16 }: EventsParts): Events {
  const listeners = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | null = null;

  const leave = (listener: ServerResponse): void => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
  const tell = (): void => {
    const event = eventOf(news());
    for (const listener of listeners) {
      if (listener.writableLength > mostWaitingBytes) listener.destroy();
      else listener.write(event);
    }
  };
  const begin = (response: ServerResponse): void => {
    response.writeHead(200, { ...safeHeaders, 'content-type': 'text/event-stream' });
    // The server's own deadline is for those who say nothing; here it is us who speak.
    response.socket?.setTimeout(0);
    response.socket?.setNoDelay(true);
    response.once('close', () => leave(response));
    listeners.add(response);
    response.write(`retry: ${comeAgainMs}\n\n${eventOf(news())}`);
    timer ??= setInterval(tell, everyMs).unref();
  };
  const stream: Stream = { begin };
  return {
    route: () =>
      listeners.size < mostListeners
        ? stream
        : textReply(503, 'too many listen already', { 'retry-after': '60' }),
    close() {
      for (const listener of listeners) listener.destroy();
    },
  };
}

/** JSON has no line breaks of its own, which would end an event's data. */
function eventOf(news: unknown): string {
  return `event: now\ndata: ${JSON.stringify(news)}\n\n`;
}
