import { once } from 'node:events';
import { get } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Daemon, startDaemon, waitForPilots } from './daemon.ts';
import { median, percentile } from './numbers.ts';
import { readProcessUse } from './processUse.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { pause } from './waits.ts';

/** What a browser asks for as it opens the page. */
const pagePaths = [
  '/',
  '/page.css',
  '/page.js',
  '/api/series',
  '/api/pilots',
  '/api/why',
  '/api/decisions',
  '/api/kinds',
];
const few = 2;
const many = 200;
const manyPatienceMs = 600_000;
const scrapes = 50;
const warmUpMs = 30_000;
const windowMs = 60_000;
const scrapeEveryMs = 15_000;

/** What `/metrics` and the page cost: the time of a scrape with many pilots, and the daemon's memory while both are used. */
export async function measureMetrics(scene: Scene, minutes: number): Promise<readonly Row[]> {
  return [...(await measureMemory(scene, minutes)), await measureScrapes(scene)];
}

async function measureMemory(scene: Scene, minutes: number): Promise<readonly Row[]> {
  const daemon = await startDaemon(scene, {
    docker_cmd: '/bin/sleep 100000',
    max_docks: few,
    cpus_per_dock: 0.5,
    max_dock_mem: '64MiB',
    listen: 0,
  });
  await waitForPilots(scene, daemon, few);
  const url = await pageOf(daemon);
  scene.say(
    `metrics: warming up for ${warmUpMs / 1000} s, then ${2 * minutes} windows of ${windowMs / 1000} s`,
  );
  await scrapeFor(scene, url, warmUpMs);
  const scraped = await memoryOver(scene, daemon, url, minutes);
  const listening = get(`${url}/api/events`, { agent: false }, (answer) => answer.resume());
  scene.defer(() => void listening.destroy());
  for (const path of pagePaths) await fetchText(`${url}${path}`);
  const watched = await memoryOver(scene, daemon, url, minutes);
  listening.destroy();
  await daemon.stop();
  const common = { unit: ' MB', decimals: 1, unmeasured: null, beside: '', original: 'has neither' };
  return [
    {
      ...common,
      what: `daemon memory with page and metrics on, ${few} steady pilots, scraped each ${scrapeEveryMs / 1000} s, resident`,
      bar: { atMost: 55 },
      samples: scraped,
    },
    { ...common, what: 'the same with a browser that listens', bar: { atMost: 60 }, samples: watched },
  ];
}

async function memoryOver(scene: Scene, daemon: Daemon, url: string, minutes: number): Promise<number[]> {
  const samples: number[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const before = readProcessUse(daemon.pid);
    await scrapeFor(scene, url, windowMs);
    const { residentBytes, cpuMs } = readProcessUse(daemon.pid);
    const share = ((cpuMs - before.cpuMs) / windowMs) * 100;
    scene.say(`metrics: ${(residentBytes / 1e6).toFixed(1)} MB resident, ${share.toFixed(3)} % of a core`);
    samples.push(residentBytes / 1e6);
  }
  return samples;
}

async function measureScrapes(scene: Scene): Promise<Row> {
  const daemon = await startDaemon(scene, {
    // Elsewhere, to the daemon, so that they need not fit beside what this node does.
    engine: { url: await engineElsewhere(scene) },
    docker_cmd: '/bin/sleep 100000',
    max_docks: many,
    docks_per_loop: many,
    cpus_per_dock: 0.01,
    max_dock_mem: '8MiB',
    listen: 0,
  });
  scene.say(`metrics: waiting for ${many} pilots`);
  await waitForPilots(scene, daemon, many, manyPatienceMs);
  const url = await pageOf(daemon);
  const tookMs: number[] = [];
  let bytes = 0;
  for (let scrape = 0; scrape < scrapes; scrape += 1) {
    await pause(200, scene.signal);
    const beginMs = performance.now();
    bytes = (await fetchText(`${url}/metrics`)).length;
    tookMs.push(performance.now() - beginMs);
  }
  await daemon.stop();
  scene.say(`metrics: ${median(tookMs).toFixed(2)} ms for ${bytes} bytes`);
  return {
    what: `/metrics with ${many} pilots, from asking to the last byte`,
    bar: { atMost: 5 },
    unit: ' ms',
    decimals: 2,
    samples: tookMs,
    unmeasured: null,
    beside: `99 of 100 take at most ${percentile(tookMs, 0.99).toFixed(2)} ms; ${bytes} bytes, a connection each`,
    original: 'has none',
  };
}

/** A TCP address of the scene's engine. */
async function engineElsewhere(scene: Scene): Promise<string> {
  const door = createServer((client) => {
    const engine = connect(scene.socket);
    client.pipe(engine).pipe(client);
    for (const side of [client, engine]) side.on('error', () => void [client.destroy(), engine.destroy()]);
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  scene.defer(() => void door.close());
  return `tcp://127.0.0.1:${(door.address() as AddressInfo).port}`;
}

async function pageOf(daemon: Daemon): Promise<string> {
  const { url, error } = (await daemon.status()).page;
  if (url === null) throw new Error(`there is no page: ${error}`);
  return url;
}

async function scrapeFor(scene: Scene, url: string, forMs: number): Promise<void> {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    await fetchText(`${url}/metrics`);
    await pause(Math.min(scrapeEveryMs, Math.max(0, endMs - performance.now())), scene.signal);
  }
}

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, timeout: 10_000 }, (answer) => {
      if (answer.statusCode === 200) text(answer).then(resolve, reject);
      else reject(new Error(`${url} answered ${answer.statusCode}`));
    }).on('error', reject);
  });
}
