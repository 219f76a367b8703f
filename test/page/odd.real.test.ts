import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FleetAnswer, FleetNode } from '../../src/model/fleet.ts';
import { faultsForReaders } from './readers.ts';
import { type Look, look, type Seen, startBrowser } from './browser.ts';
import { factsOfDay } from './scenery.ts';
import { ended, kind, pilot, type ServedPage, servePage } from './scene.ts';

const patience = { timeout: 60_000 };
const hostile = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(2)</script>',
  '</script><script>alert(3)</script>',
  "javascript:alert('4')",
  '\u202Eevil\u2066',
  '${alert(5)}{{alert(6)}}',
  'w'.repeat(300),
];
const [evil = ''] = hostile;

let browser: Browser;
let served: ServedPage;
let seen: Seen;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  served = await servePage();
});
afterEach(async () => {
  served.close();
  await seen.close();
});

async function open(path = '/', how: Look = {}): Promise<Seen> {
  seen = await look(browser, how);
  await seen.page.goto(`${served.url}${path}`);
  return seen;
}

describe('a page', () => {
  it('waits for a daemon that has just begun, and shows what comes without being loaded again', async () => {
    const { page, picture } = await open();
    const sentence = page.locator('#sentence');
    await expect.poll(() => sentence.textContent(), patience).toContain('has just begun');
    await page.getByText('Nothing is known of this time yet.').first().waitFor();
    await picture('page-empty');
    served.scene.facts = factsOfDay();
    await expect.poll(() => sentence.textContent(), patience).toContain('14 of 14 pilots run');
    expect(await page.locator('#running').textContent()).toContain('No pilot is there now.');
    served.scene.pilots = [pilot('plancton-worker-aaaaaa')];
    await page.locator('#running').getByText('plancton-worker-aaaaaa').waitFor();
    served.scene.pilots = [];
    await expect.poll(() => page.locator('#running tbody tr').count(), patience).toBe(0);
  });

  it('says since when it is not connected, keeps what it shows, and comes back by itself', async () => {
    served.scene.facts = factsOfDay();
    const { page, picture } = await open();
    await page.locator('#link[data-state=live]').waitFor();
    served.hangUp();
    const notice = page.getByRole('alert');
    await expect
      .poll(() => notice.textContent(), patience)
      .toMatch(/^Not connected since \d\d:\d\d:\d\d: what is shown is of then/);
    expect(await page.locator('#sentence').textContent()).toContain('14 of 14 pilots run');
    await picture('page-lost');
    await served.comeBack();
    await page.locator('#link[data-state=live]').waitFor();
    expect(await notice.isHidden()).toBe(true);
  });

  it('asks for nothing before somebody looks, and lets go when nobody does any more', async () => {
    served.scene.facts = factsOfDay();
    seen = await look(browser);
    const { page } = seen;
    // A browser without a screen calls no page hidden: it is told so.
    await page.addInitScript(() => {
      let isHidden = true;
      Object.defineProperty(document, 'hidden', { get: () => isHidden });
      addEventListener('test-turn', () => {
        isHidden = !isHidden;
        document.dispatchEvent(new Event('visibilitychange'));
      });
    });
    const turn = () => page.evaluate(() => dispatchEvent(new Event('test-turn')));
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url().slice(served.url.length)));
    const ended: string[] = [];
    page.on('requestfailed', (request) => ended.push(new URL(request.url()).pathname));
    await page.goto(`${served.url}/#fleet`);
    await page.locator('#link[data-state=connecting]').waitFor();
    // What it had asked for would be seen before this.
    await page.evaluate(() => fetch('page.css?last'));
    expect(asked).toContain('/page.css?last');
    expect(asked.filter((path) => path.startsWith('/api/'))).toEqual([]);
    await turn();
    await page.locator('#link[data-state=live]').waitFor();
    await expect.poll(() => asked, patience).toContain('/api/fleet');
    await turn();
    await expect.poll(() => ended, patience).toContain('/api/events');
  });

  it('has room for 200 pilots and 30 kinds', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `kind-${index}`);
    const pilots = { running: 198, paused: 2, ended: 0, prepared: 0, starting: 0 };
    served.scene.facts = {
      ...factsOfDay(),
      kinds: [{ kind: 'all', pilots, fruitless: 0, backOffMs: 0 }],
      slots: { limit: 256, taken: 200, unmanaged: 2, refusal: 'cpu' },
    };
    served.scene.kinds = names.map((name) => kind(name, { wantedShare: 1 / 30, gotShare: 0.03, running: 6 }));
    served.scene.pilots = Array.from({ length: 200 }, (_, index) =>
      pilot(`plancton-worker-${String(index).padStart(6, '0')}`, {
        kind: names[index % 30] ?? null,
        ageSeconds: 60 + index * 97,
      }),
    );
    for (let serial = 0; serial < 400; serial += 1)
      served.end(
        ended(
          `plancton-worker-e${serial}`,
          (400 - serial) * 50_000,
          3_000_000,
          serial % 9 === 0 ? 'failed' : 'finished',
        ),
      );
    const { page, picture } = await open('/', { width: 1440 });
    await page.locator('#ended tbody tr').first().waitFor();
    const rows = page.locator('#running tbody tr');
    await expect.poll(() => rows.count(), patience).toBe(50);
    await page.getByText('Show more: 150 are not shown').click();
    expect(await rows.count()).toBe(100);
    await page.locator('#kinds').getByText('kind-29').waitFor();
    expect(await page.locator('#sentence').textContent()).toBe(
      '200 of 256 pilots run, 2 of them paused for the owner',
    );
    await picture('page-many');
  });

  it('shows what somebody hostile has named as the text that it is', async () => {
    const { scene } = served;
    const facts = factsOfDay();
    scene.facts = {
      ...facts,
      hostname: evil,
      version: evil,
      engine: { answering: true, product: evil, version: evil },
    };
    scene.pilots = hostile.map((text, index) =>
      pilot(text, { id: String(index), kind: text, trouble: text }),
    );
    scene.kinds = hostile.map((text) => kind(text, { reason: text }));
    scene.why = {
      at: '',
      now: evil,
      more: hostile,
      fewer: hostile,
      ladder: hostile,
      account: evil,
      forecast: null,
    };
    scene.decisions = hostile.map((text) => ({ at: new Date().toISOString(), text }));
    for (const [index, text] of hostile.entries())
      served.end(
        ended(`p${index}${text}`, 60_000, 600_000, 'evicted', {
          kind: text,
          said: text,
          reason: { rule: 'memory', text },
        }),
      );
    const { page, picture } = await open();
    await page.locator('#ended tbody tr').first().waitFor();
    await page.locator('#kinds tbody tr').first().waitFor();
    expect(await page.locator('#hostname').textContent()).toBe(evil);
    for (const where of ['#why', '#decisions', '#kinds', '#running', '#ended']) {
      const told = (await page.locator(where).textContent()) ?? '';
      expect(hostile.filter((text) => !told.includes(text))).toEqual([]);
    }
    expect(await page.locator('main img, main script, main iframe').count()).toBe(0);
    await page.locator('#ended tbody button', { hasText: 'onerror' }).click();
    await page.locator('#pilot').getByText(`${evil} (memory)`).waitFor();
    expect(await page.locator('#pilot-title').textContent()).toBe(`p0${evil}`);
    await picture('page-hostile');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
  });

  it('leads to what a pilot wrote, which is text and nothing else', async () => {
    served.scene.facts = factsOfDay();
    served.end(ended('plancton-worker-logged', 60_000, 600_000, 'finished'), `${hostile.join('\n')}\n`);
    const { page } = await open();
    await page.locator('#ended').getByText('plancton-worker-logged').click();
    const [log] = await Promise.all([page.waitForEvent('popup'), page.getByText('What it wrote').click()]);
    const complaints: string[] = [];
    log.on('dialog', (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    await log.waitForLoadState();
    expect(await log.locator('body').textContent()).toContain('"><script>alert(2)</script>');
    expect(await log.locator('script, img').count()).toBe(0);
    expect([await log.evaluate(() => document.contentType), complaints]).toEqual(['text/plain', []]);
  });

  it('can be had below another path, as a proxy has it', async () => {
    served.scene.facts = factsOfDay();
    const proxy = createServer((request, response) => {
      const path = (request.url ?? '').replace(/^\/nodes\/7\//, '/');
      const asked = path === request.url ? '/nowhere' : path;
      const onward = get(
        { port: served.port, path: asked, headers: request.headers, agent: false },
        (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
        },
      );
      for (const side of [onward, response]) side.on('error', () => undefined);
      response.on('close', () => onward.destroy());
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    seen = await look(browser);
    await seen.page.goto(`http://127.0.0.1:${port}/nodes/7/`);
    await seen.page.locator('#link[data-state=live]').waitFor();
    await expect.poll(() => seen.page.locator('#sentence').textContent(), patience).toContain('14 of 14');
    proxy.close();
    proxy.closeAllConnections();
  });
});

describe('the fleet', () => {
  const node = (name: string, more: Partial<FleetNode> = {}): FleetNode => ({
    node: name,
    state: 'alive',
    lastSeenMs: Date.now() - 12_000,
    version: '1.2.3',
    cpus: 16,
    ownerCpus: 2,
    pilotsCpus: 12.5,
    running: 13,
    limit: 14,
    runningByKind: { atlas: 9, cms: 4 },
    today: { pilotsCpuHours: 120.5, ownerCpuHours: 22, started: 40, endedByOutcome: { finished: 30 } },
    ...more,
  });

  async function openFleet(answer: FleetAnswer): Promise<Seen> {
    seen = await look(browser);
    await seen.page.route('**/api/fleet', (route) => route.fulfill({ json: answer }));
    await seen.page.goto(`${served.url}/#fleet`);
    await seen.page.locator('#fleet-nodes tbody tr').first().waitFor();
    return seen;
  }

  it('is told of as the daemon tells that it knows none', async () => {
    seen = await look(browser);
    const body = 'no database of the fleet is configured: write fleet: …';
    await seen.page.route('**/api/fleet', (route) =>
      route.fulfill({ status: 404, contentType: 'text/plain', body }),
    );
    await seen.page.goto(`${served.url}/#fleet`);
    await seen.page.getByText('This node knows of no fleet').waitFor();
    expect(await seen.page.locator('#fleet-source').textContent()).toBe(body);
    expect(await seen.page.locator('#fleet-body').isHidden()).toBe(true);
    await seen.page.getByText('This node', { exact: true }).click();
    expect(await seen.page.locator('#node-view').isVisible()).toBe(true);
  });

  it('is asked for again as soon as the daemon wants it, where the database takes a while', async () => {
    seen = await look(browser);
    const { page } = seen;
    let asked = 0;
    await page.route('**/api/fleet', async (route) => {
      asked += 1;
      const answer: FleetAnswer = {
        askedMs: Date.now(),
        source: 'InfluxDB',
        nodes: [node('n1')],
        course: [],
      };
      await (asked === 1
        ? route.fulfill({ status: 503, headers: { 'retry-after': '5' }, body: 'the database is being asked' })
        : route.fulfill({ json: answer }));
    });
    // The page's clock goes on as it is told to, and else stands still.
    const beganMs = Date.now();
    await page.clock.install({ time: beganMs });
    await page.clock.pauseAt(beganMs + 1000);
    await page.goto(`${served.url}/#fleet`);
    await page.getByText('The database is being asked').waitFor();
    await page.clock.runFor(4900);
    expect(asked).toBe(1);
    await page.clock.runFor(200);
    await page.getByText('1 of 1 nodes report').waitFor();
    expect(asked).toBe(2);
  });

  it('is shown as a whole and node by node, sorted and filtered', async () => {
    const hourMs = 3_600_000;
    const nodes = [
      node('node1'),
      node('node2', { state: 'draining', running: 3 }),
      node('node3', { state: 'silent', lastSeenMs: Date.now() - 2 * hourMs, running: 5, version: null }),
      node(evil, { runningByKind: { [evil]: 2 } }),
    ];
    const course = Array.from({ length: 48 }, (_, step) => ({
      fromMs: Date.now() - (48 - step) * (hourMs / 2),
      nodes: step < 4 ? null : 4,
      running: step < 4 ? null : 30 + (step % 7),
      pilotsCpus: step < 4 ? null : 28 + (step % 7),
      ownerCpus: step < 4 ? null : 6,
      cpus: step < 4 ? null : 64,
    }));
    const { page, picture } = await openFleet({
      askedMs: Date.now(),
      source: 'InfluxDB at influx.example.org',
      nodes,
      course,
    });
    expect(await page.locator('#fleet-sentence').textContent()).toBe(
      '3 of 4 nodes report, 1 drains, 1 is silent',
    );
    expect(await page.locator('#fleet-source').textContent()).toContain('InfluxDB at influx.example.org');
    expect(await page.locator('#fleet-numbers').textContent()).toContain('482');
    expect(await page.locator('#fleet-charts .summary').first().textContent()).toMatch(
      /^On average owners 6, /,
    );
    await picture('page-fleet');
    expect(await faultsForReaders(page)).toEqual([]);
    const names = page.locator('#fleet-nodes tbody th');
    await page.getByLabel('State').selectOption('silent');
    expect(await names.allTextContents()).toEqual(['node3']);
    await page.getByLabel('State').selectOption('');
    await page.getByLabel('Name').fill('NODE');
    expect(await names.allTextContents()).toEqual(['node1', 'node2', 'node3']);
    await page.getByRole('button', { name: 'Pilots', exact: true }).click();
    expect(await names.allTextContents()).toEqual(['node1', 'node3', 'node2']);
    await page.getByLabel('Name').fill('nowhere');
    expect(await page.locator('#fleet-nodes').textContent()).toContain('No node is like this.');
  });
});
