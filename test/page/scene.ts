import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DecisionsAnswer, WhyAnswer } from '../../src/daemon/answers.ts';
import type { KindsAnswer } from '../../src/daemon/kindsAnswer.ts';
import type { PilotAnswer } from '../../src/daemon/psAnswer.ts';
import type { KindStanding } from '../../src/decide/kindStandings.ts';
import type { PilotRecord } from '../../src/model/history.ts';
import type { Outcome } from '../../src/model/pilot.ts';
import { createJournal } from '../../src/record/journal.ts';
import type { NodeFacts } from '../../src/record/nodeFacts.ts';
import { openRing } from '../../src/record/ring.ts';
import type { RingRecord } from '../../src/record/ringRecord.ts';
import { createWeb } from '../../src/serve/web.ts';
import { keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

/** All that a page can be told of a node. What is changed in it is told from then on. */
export interface Scene {
  facts: NodeFacts | null;
  pilots: PilotAnswer[];
  kinds: KindsAnswer['kinds'];
  why: WhyAnswer | null;
  decisions: DecisionsAnswer['decisions'];
  logReaders: 'local' | 'all' | 'none';
}

/** A page that is served with a scene. */
export interface ServedPage {
  readonly scene: Scene;
  readonly url: string;
  readonly port: number;
  /** Keeps the end of a pilot, and its log where it wrote anything. */
  end(record: PilotRecord, log?: string): void;
  /** Keeps what the node was at a time. */
  keep(record: RingRecord): void;
  /** Lets go of its port; what is open is cut. */
  hangUp(): void;
  /** Has the port again. */
  comeBack(): Promise<void>;
  close(): void;
}

/** Serves the built page with a scene of which nothing is known yet. */
export async function servePage(): Promise<ServedPage> {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-page-'));
  const log = keepLog();
  const logFolder = join(folder, 'log');
  const scene: Scene = { facts: null, pilots: [], kinds: [], why: null, decisions: [], logReaders: 'local' };
  const at = (): string => new Date().toISOString();
  const isBlank = (): boolean => scene.facts === null;
  const web = createWeb({
    hostname: 'node7',
    facts: () => (scene.facts === null ? null : { ...scene.facts, atWallMs: Date.now() }),
    answers: {
      '/ps': () => (isBlank() ? null : { at: at(), pilots: scene.pilots }),
      '/why': () => scene.why,
      '/kinds': () => (isBlank() ? null : { at: at(), kinds: scene.kinds }),
      '/decisions': () => ({ decisions: scene.decisions }),
    },
    stateFolder: join(folder, 'state'),
    logFolder,
    log,
    clock: { wallMs: () => Date.now() },
    logReaders: () => scene.logReaders,
    pageFolder: resolve(import.meta.dirname, '../../dist/page'),
  });
  const ring = openRing({ folder: join(folder, 'state/page'), log });
  const journal = createJournal({ folder: logFolder, log });
  let server = await web.listen({ host: '127.0.0.1', port: 0 }, []);
  const { port } = server.address;
  return {
    scene,
    url: `http://127.0.0.1:${port}`,
    port,
    end(record, text) {
      journal.append(record);
      if (text === undefined) return;
      mkdirSync(join(logFolder, 'pilots'), { recursive: true });
      writeFileSync(join(logFolder, 'pilots', `${record.name}.log`), text);
    },
    keep: (record) => ring.add(record),
    hangUp: () => server.close(),
    async comeBack() {
      // A connection of another test may have it as its own end for a moment.
      server = await until('the port', () => web.listen({ host: '127.0.0.1', port }, []).catch(() => null));
    },
    close() {
      server.close();
      web.close();
      journal.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A pilot that runs. */
export function pilot(name: string, more: Partial<PilotAnswer> = {}): PilotAnswer {
  return {
    name,
    id: name.padEnd(64, '0'),
    kind: 'atlas',
    state: 'running',
    ageSeconds: 600,
    cpus: 0.97,
    cpuSeconds: 570,
    memoryBytes: 812e6,
    ttlLeftSeconds: 42_600,
    managed: true,
    toRenew: false,
    ...more,
  };
}

/** A pilot that ended so long ago after so long a life. */
export function ended(
  name: string,
  agoMs: number,
  livedMs: number,
  outcome: Outcome,
  more: Partial<PilotRecord> = {},
): PilotRecord {
  const endedAtWallMs = Date.now() - agoMs;
  return {
    name,
    id: name.padEnd(64, '0'),
    node: 'node7',
    kind: 'atlas',
    imageId: 'sha256:0',
    imageDigest: null,
    startedAtWallMs: endedAtWallMs - livedMs,
    endedAtWallMs,
    outcome,
    exitCode: outcome === 'finished' ? 0 : 1,
    signal: null,
    outOfMemory: false,
    cpuMs: livedMs * 0.9,
    peakMemoryBytes: 8e8,
    pausedMs: 0,
    reason:
      outcome === 'evicted'
        ? { rule: 'memory', text: '1.1 GB available, 1.3 GB are kept for the owner' }
        : null,
    said: '',
    ...more,
  };
}

/** How a kind fares. */
export function kind(name: string, more: Partial<KindStanding> = {}): KindStanding {
  return {
    name,
    running: 6,
    max: null,
    share: 1,
    wantedShare: 0.5,
    gotShare: 0.48,
    deficitSeconds: 120,
    state: 'ready',
    reason: '',
    fruitless: 0,
    nextStartInMs: null,
    toRenew: 0,
    ...more,
  };
}
