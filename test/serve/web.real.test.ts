import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeFacts } from '../../src/record/nodeFacts.ts';
import type { PilotRecord } from '../../src/model/history.ts';
import { createJournal } from '../../src/record/journal.ts';
import { createEvents } from '../../src/serve/events.ts';
import { namesOf } from '../../src/serve/hostCheck.ts';
import { createWeb, type Web } from '../../src/serve/web.ts';
import { serveWeb, type WebServer } from '../../src/serve/webServer.ts';
import { ask, plainConnection, untilItEnds } from '../support/http.ts';
import { wholeFacts } from '../support/nodeFacts.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

const hourMs = 3_600_000;

let folder: string;
let log: KeptLog;
let facts: NodeFacts | null;
let web: Web;
let logReaders: 'local' | 'all' | 'none';
let server: WebServer;
/** How much later it is for the page than it is. */
let laterMs: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-web-'));
  log = keepLog();
  logReaders = 'local';
  laterMs = 0;
  facts = wholeFacts({ atWallMs: Date.now() });
  web = createWeb({
    hostname: 'node7',
    facts: () => facts,
    answers: {
      '/ps': () => ({ pilots: ['<script>'] }),
      '/why': () => ({ now: '1 pilot' }),
      '/kinds': () => null,
      '/decisions': () => ({ decisions: [] }),
    },
    stateFolder: join(folder, 'state'),
    logFolder: join(folder, 'log'),
    log,
    clock: { wallMs: () => Date.now() + laterMs },
    logReaders: () => logReaders,
    pageFolder: resolve(import.meta.dirname, '../../dist/page'),
  });
  server = await web.listen({ host: '127.0.0.1', port: 0 }, []);
});
afterEach(() => {
  server.close();
  web.close();
  rmSync(folder, { recursive: true });
});

const get = async (path: string): Promise<unknown> => JSON.parse((await ask(server.address.port, path)).body);

function ended(serial: number, agoMs: number): PilotRecord {
  const endedAtWallMs = Date.now() - agoMs;
  return {
    name: `plancton-worker-${String(serial).padStart(6, '0')}`,
    id: String(serial).padStart(64, '0'),
    node: 'node7',
    kind: serial % 2 === 0 ? 'atlas' : null,
    imageId: 'sha256:0',
    imageDigest: null,
    startedAtWallMs: serial === 1 ? null : endedAtWallMs - 60_000,
    endedAtWallMs,
    outcome: 'failed',
    exitCode: 1,
    signal: null,
    outOfMemory: false,
    cpuMs: null,
    peakMemoryBytes: null,
    pausedMs: 0,
    reason: null,
    said: '</script>',
  };
}

describe('/metrics', () => {
  it('are there in either format', async () => {
    const { port } = server.address;
    const text = await ask(port, '/metrics');
    expect(text.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text.body).toContain('\nplancton_pilots_limit 6\n');
    const open = await ask(port, '/metrics', { headers: { accept: 'application/openmetrics-text' } });
    expect(open.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.body).toMatch(/\n# EOF\n$/);
  });

  it('say that nothing is known before the first tick, and when the daemon began the same each time', async () => {
    facts = null;
    expect((await ask(server.address.port, '/metrics')).status).toBe(503);
    facts = wholeFacts();
    const began = async (): Promise<string | undefined> =>
      /^process_start_time_seconds .*$/m.exec((await ask(server.address.port, '/metrics')).body)?.[0];
    expect(await began()).toBeDefined();
    expect(await began()).toBe(await began());
  });
});

describe('the page’s data', () => {
  it('are what the daemon knows of this moment', async () => {
    expect(await get('/api/now')).toEqual({ facts, pilots: { pilots: ['<script>'] } });
    expect(await get('/api/why')).toEqual({ now: '1 pilot' });
    expect(await get('/api/kinds')).toBeNull();
    expect(await get('/api/decisions')).toEqual({ decisions: [] });
    const { headers } = await ask(server.address.port, '/api/now');
    expect(headers['content-type']).toBe('application/json');
  });

  it('are the pilots that ended in so many hours, the newest first', async () => {
    expect(await get('/api/pilots')).toEqual({ ended: [], complete: true });
    const journal = createJournal({ folder: join(folder, 'log'), log });
    for (const [serial, agoMs] of [
      [1, 30 * hourMs],
      [2, 20 * hourMs],
      [3, hourMs / 2],
    ] as const)
      journal.append(ended(serial, agoMs));
    journal.close();
    laterMs = 5000;
    const told = (await get('/api/pilots?hours=23')) as {
      ended: Record<string, unknown>[];
      complete: boolean;
    };
    expect(told.complete).toBe(true);
    expect(told.ended.map(({ name, kind }) => [name, kind])).toEqual([
      ['plancton-worker-000003', null],
      ['plancton-worker-000002', 'atlas'],
    ]);
    expect(told.ended[0]).toMatchObject({ outcome: 'failed', cpuMs: null });
    expect(((await get('/api/pilots?hours=1')) as typeof told).ended).toHaveLength(1);
  });

  it('say why a pilot was ended whose work is lost for that', async () => {
    const journal = createJournal({ folder: join(folder, 'log'), log });
    const reason = { rule: 'memory', text: '200 MB available' } as const;
    journal.append({ ...ended(1, 3000), outcome: 'evicted', reason });
    journal.append({ ...ended(2, 2000), outcome: 'expired', reason });
    journal.close();
    const { ended: told } = (await get('/api/pilots')) as { ended: Record<string, unknown>[] };
    expect(told.map(({ outcome, why }) => [outcome, why])).toEqual([
      ['expired', null],
      ['evicted', '200 MB available'],
    ]);
  });

  it('do not go through a whole journal', async () => {
    const journal = createJournal({ folder: join(folder, 'log'), log });
    journal.append(ended(0, hourMs));
    for (let serial = 1; serial <= 2100; serial += 1) journal.append(ended(serial, 60_000));
    journal.close();
    const told = (await get('/api/pilots')) as { ended: { name: string }[]; complete: boolean };
    expect([told.complete, told.ended.length, told.ended[0]?.name]).toEqual([
      false,
      2000,
      'plancton-worker-002100',
    ]);
    const statusOf = async (serial: number): Promise<number> =>
      (await ask(server.address.port, `/api/pilot?name=${ended(serial, 0).name}`)).status;
    expect([await statusOf(2100), await statusOf(200), await statusOf(0)]).toEqual([200, 200, 404]);
  });

  it('are all that is kept of one pilot', async () => {
    const journal = createJournal({ folder: join(folder, 'log'), log });
    const record = ended(1, hourMs);
    journal.append(record);
    journal.close();
    expect(await get(`/api/pilot?name=${record.name}`)).toEqual(record);
    for (const path of ['/api/pilot', '/api/pilot?name=', '/api/pilot?name=../../etc/passwd'])
      expect((await ask(server.address.port, path)).status).toBe(404);
  });

  it('are told the same for a while, in whichever order they are asked for', async () => {
    const span = (hours: number): string => `/api/pilots?hours=${hours}`;
    const before = [await get(span(1)), await get(span(24))];
    const journal = createJournal({ folder: join(folder, 'log'), log });
    journal.append(ended(1, 0));
    journal.close();
    // The number of hours is taken for one of three, so that nobody has it read anew by asking for another.
    expect([await get(span(0.5)), await get(span(7))]).toEqual(before);
    laterMs = 5000;
    expect(await get(span(24))).not.toEqual(before[1]);
  });

  it('of one pilot are looked for as often as a person does', async () => {
    const all = await Promise.all(
      Array.from({ length: 12 }, async (_, index) =>
        ask(server.address.port, `/api/pilot?name=${index}`).then(({ status }) => status),
      ),
    );
    expect(all).toContain(503);
    expect(all.filter((status) => status === 404).length).toBeGreaterThanOrEqual(5);
  });

  it('are the last hours in steps', async () => {
    const told = (await get('/api/series?hours=1&steps=60')) as {
      stepSeconds: number;
      numbers: Record<string, unknown[]>;
    };
    expect(told.stepSeconds).toBe(60);
    expect(told.numbers['ownerCpus']).toHaveLength(60);
    const usual = (await get('/api/series?hours=x&steps=-1')) as typeof told;
    expect([usual.stepSeconds, usual.numbers['cpus']?.length]).toEqual([180, 480]);
    const most = (await get('/api/series?hours=1e9&steps=1e9')) as typeof told;
    expect([most.stepSeconds, most.numbers['cpus']?.length]).toEqual([60, 1440]);
  });

  it('are kept each 15 seconds in a file of its own', async () => {
    const path = join(folder, 'state/page/day.ring');
    await until('a record', () => statSync(path, { throwIfNoEntry: false }) !== undefined);
    const told = (await get('/api/series?hours=1&steps=240')) as {
      numbers: Record<string, (number | null)[]>;
    };
    expect(told.numbers['limit']?.filter((value) => value !== null)).toEqual([6]);
    expect(readFileSync(path)).toHaveLength(737_280);
  }, 40_000);

  it('that cannot be told are a gap, and no end of the daemon', async () => {
    const broken = createWeb({
      hostname: 'node7',
      facts: () => {
        throw new Error('broken');
      },
      answers: {},
      stateFolder: folder,
      logFolder: folder,
      log,
      clock: { wallMs: () => Date.now() },
      logReaders: () => logReaders,
    });
    const there = await broken.listen({ host: '127.0.0.1', port: 0 }, []);
    try {
      expect((await ask(there.address.port, '/metrics')).status).toBe(500);
      const socket = await plainConnection(there.address.port);
      socket.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const [chunk] = await new Promise<[Buffer]>((resolve) =>
        socket.once('data', (data) => resolve([data])),
      );
      expect(String(chunk)).toContain('data: null');
      socket.destroy();
    } finally {
      there.close();
      broken.close();
    }
    expect(log.lines.filter((line) => line.includes('broken')).length).toBeGreaterThan(0);
  });
});

describe('news', () => {
  const everyMs = 20;
  /** Timers of one length take turns: by then one that has been running before has had its own. */
  const turns = (count: number): Promise<void> =>
    new Promise((resolve) => {
      let left = count;
      const timer = setInterval(() => {
        left -= 1;
        if (left > 0) return;
        clearInterval(timer);
        resolve();
      }, everyMs);
    });
  let news: WebServer;
  let asked: number;
  let events: ReturnType<typeof createEvents>;
  beforeEach(async () => {
    asked = 0;
    events = createEvents({
      news: () => ({ number: (asked += 1), text: 'a\nb\n\nevent: evil' }),
      everyMs,
      mostListeners: 2,
    });
    const parts = { address: { host: '127.0.0.1', port: 0 }, names: () => namesOf('', []), log };
    news = await serveWeb({ ...parts, routes: { '/events': events.route } });
  });
  afterEach(() => {
    events.close();
    news.close();
  });

  async function listen(): Promise<{ said(): string; end(): void; ended: Promise<string> }> {
    const socket = await plainConnection(news.address.port);
    let said = '';
    socket.on('data', (chunk) => (said += String(chunk)));
    const over = untilItEnds(socket);
    socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until('an answer', () => said !== '');
    return { said: () => said, end: () => void socket.destroy(), ended: over };
  }

  it('come at once and go on, each an event of one line of JSON', async () => {
    const one = await listen();
    await until('three of them', () => (one.said().match(/^event: now$/gm) ?? []).length >= 3);
    expect(one.said()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(one.said()).toMatch(/content-type: text\/event-stream\r\n/);
    expect(one.said()).toMatch(/content-security-policy: default-src 'none'/);
    expect(one.said()).not.toMatch(/^event: evil/m);
    const data = [...one.said().matchAll(/^data: (.*)$/gm)].map(
      ([, json = '']) => JSON.parse(json) as { text: string },
    );
    expect(data[0]?.text).toBe('a\nb\n\nevent: evil');
    one.end();
  });

  it('are made for nobody when nobody listens', async () => {
    const one = await listen();
    one.end();
    await one.ended;
    const seen = await until('an end of asking', async () => {
      const before = asked;
      await turns(3);
      return asked === before ? asked : null;
    });
    expect(seen).toBeGreaterThan(0);
  });

  it('have so many listeners and no more', async () => {
    const both = [await listen(), await listen()];
    const { status, headers } = await ask(news.address.port, '/events');
    expect([status, headers['retry-after']]).toEqual([503, '60']);
    both[0]?.end();
    await both[0]?.ended;
    const third = await until('room', async () => {
      const one = await listen();
      if (one.said().includes(' 200 OK')) return one;
      one.end();
      return null;
    });
    third.end();
    both[1]?.end();
  });

  it('are not held for who asks for their head, and end with the server', async () => {
    expect((await ask(news.address.port, '/events', { method: 'HEAD' })).status).toBe(200);
    const one = await listen();
    events.close();
    await one.ended;
  });
});
