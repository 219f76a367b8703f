import { join } from 'node:path';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { ListenAddress, Settings } from '../model/settings.ts';
import type { NodeFacts } from '../record/nodeFacts.ts';
import { errorLine } from '../record/oneLine.ts';
import { openRing } from '../record/ring.ts';
import { keepRing } from '../record/ringKeeper.ts';
import { apiRoutes, nowAnswer } from './api.ts';
import { createEvents } from './events.ts';
import { type FleetParts, fleetRoute, noFleet } from './fleetRoute.ts';
import { namesOf } from './hostCheck.ts';
import { metricFormatFor, metricsText, metricTypes } from './metricsText.ts';
import { nodeMetrics } from './nodeMetrics.ts';
import { pageRoutes } from './pageFiles.ts';
import { type Route, textReply } from './reply.ts';
import { serveWeb, type WebServer } from './webServer.ts';

declare const PLANCTON_VERSION: string | undefined;

/** The version of this bundle: the disk may have another one by the time at which it is loaded. */
export const webVersion: string = typeof PLANCTON_VERSION === 'string' ? PLANCTON_VERSION : 'unbuilt';

/** What page and metrics are made of. */
export interface WebParts {
  readonly hostname: string;
  /** Null before the first tick. */
  readonly facts: () => NodeFacts | null;
  /** What the status socket answers, by its paths there. */
  readonly answers: Readonly<Record<string, () => unknown>>;
  readonly stateFolder: string;
  readonly logFolder: string;
  readonly log: Log;
  readonly clock: Pick<Clock, 'wallMs'>;
  /** Who may read what pilots wrote. */
  readonly logReaders: () => Settings['listenLogs'];
  /** Where the page's files are; beside this bundle where it is not said. */
  readonly pageFolder?: string;
  /** Where what is known of all nodes is read; without it nothing is told of them. */
  readonly fleet?: FleetParts;
}

/** Page and metrics. */
export interface Web {
  /** Begins to listen there; only one at a time. Rejects when it cannot. */
  listen(address: ListenAddress, names: readonly string[]): Promise<WebServer>;
  /** Other names are taken from now on. */
  useNames(names: readonly string[]): void;
  /** Ends what goes on beside a server: the record of the last 24 hours, and the streams. */
  close(): void;
}

/**
 * Makes page and metrics, and begins to keep the last 24 hours. A bundle of its own: nothing of it is loaded where
 * `listen` is `none`.
 */
export function createWeb(parts: WebParts): Web {
  const { hostname, facts, answers, log } = parts;
  const wallMs = (): number => parts.clock.wallMs();
  const ring = openRing({ folder: join(parts.stateFolder, 'page'), log });
  const stopRing = keepRing({ ring, facts: orNull(facts, 'what the node is doing', log), wallMs });
  const events = createEvents({ news: orNull(() => nowAnswer(facts, answers), 'news of the page', log) });
  const fleet = fleetRoute(parts.fleet ?? noFleet);
  const routes: Readonly<Record<string, Route>> = {
    ...pageRoutes(parts.pageFolder ?? join(import.meta.dirname, 'page')),
    ...apiRoutes({ ...parts, ring, wallMs }),
    '/api/events': events.route,
    '/api/fleet': fleet.route,
    '/metrics': metricsRoute(facts, wallMs),
  };
  let names = namesOf(hostname, []);
  const useNames = (further: readonly string[]): void => {
    names = namesOf(hostname, further);
  };
  return {
    useNames,
    listen(address, further) {
      useNames(further);
      return serveWeb({ address, names: () => names, routes, log });
    },
    close() {
      stopRing();
      events.close();
      fleet.close();
    },
  };
}

/** What a timer asks for must not end the daemon: where it cannot be told it is null, and that is told once. */
function orNull<T>(ask: () => T, what: string, log: Log): () => T | null {
  let isFailing = false;
  return () => {
    try {
      const told = ask();
      isFailing = false;
      return told;
    } catch (error) {
      if (!isFailing) log.warn(`cannot tell ${what}: ${errorLine(error)}`);
      isFailing = true;
      return null;
    }
  };
}

function metricsRoute(facts: WebParts['facts'], wallMs: () => number): Route {
  const startedWallMs = wallMs() - process.uptime() * 1000;
  return ({ accept }) => {
    const now = facts();
    if (now === null) return textReply(503, 'nothing was looked at yet', { 'retry-after': '1' });
    const format = metricFormatFor(accept);
    return { type: metricTypes[format], body: metricsText(nodeMetrics(now, startedWallMs), format) };
  };
}
