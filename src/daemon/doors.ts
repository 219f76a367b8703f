import { join } from 'node:path';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Places } from '../model/places.ts';
import { serveStatus } from '../serve/statusServer.ts';
import { answers } from './answers.ts';
import type { EngineSide } from './engineSide.ts';
import type { Learner } from './learner.ts';
import { PageKeeper } from './pageKeeper.ts';
import type { SettingsKeeper } from './settingsKeeper.ts';
import type { Teller } from './teller.ts';
import type { Tick } from './tick.ts';
import type { Troubles } from './troubles.ts';
import type { UseRates } from './useRates.ts';
import { version } from './version.ts';

/** What those who ask are told of. */
export interface DoorsParts {
  readonly places: Places;
  readonly hostname: string;
  readonly log: Log;
  readonly clock: Clock;
  /** `Clock.nowMs` of the daemon's beginning. */
  readonly startedMs: number;
  /** The last one; null before the first. */
  readonly tick: () => Tick | null;
  readonly keeper: SettingsKeeper;
  readonly engineSide: EngineSide;
  readonly teller: Teller;
  readonly troubles: Troubles;
  readonly learner: Learner;
  readonly rates: UseRates;
  readonly withPage: boolean;
}

/** Where the daemon is asked: its status socket, and page and metrics where the configuration wants them. */
export interface Doors {
  /** Page and metrics go where the settings now have them. */
  useSettings(): void;
  close(): void;
}

/** Opens them. Rejects when there can be no status socket; without a page a daemon does its work. */
export async function openDoors(parts: DoorsParts): Promise<Doors> {
  const { places, log, clock, keeper, teller, engineSide } = parts;
  const told = answers(parts.tick, parts.learner, parts.rates, () => ({
    words: teller.words.all,
    facts: () => teller.facts(),
    hostname: parts.hostname,
    clock,
    startedWallMs: clock.wallMs() - (clock.nowMs() - parts.startedMs),
    endpoint: engineSide.endpoint(),
    config: keeper.state(),
    parent: engineSide.parents.status(),
    folders: engineSide.care.bound(),
    influxdb: teller.sinks(),
    page: page.state(),
    last: teller.words.lastDone,
    troubles: parts.troubles,
  }));
  const page = new PageKeeper({
    hostname: parts.hostname,
    stateFolder: places.stateFolder,
    logFolder: places.logFolder,
    log,
    clock,
    answers: told,
    facts: () => teller.facts(),
    settings: () => keeper.settings(),
    fleet: {
      source: () => keeper.settings().fleet,
      program: join(import.meta.dirname, 'fleetReader.cjs'),
      version,
    },
  });
  const server = await serveStatus(join(places.runFolder, 'plancton.sock'), told, log);
  if (parts.withPage) await page.useSettings();
  return {
    useSettings: () => {
      if (parts.withPage) void page.useSettings();
    },
    close() {
      page.close();
      server.close();
    },
  };
}
