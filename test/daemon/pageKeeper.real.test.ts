import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PageKeeper } from '../../src/daemon/pageKeeper.ts';
import type { ListenAddress } from '../../src/model/settings.ts';
import { freePort } from '../support/freePort.ts';
import { ask } from '../support/http.ts';
import { wholeFacts } from '../support/nodeFacts.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';
import { until } from '../support/until.ts';

let folder: string;
let log: KeptLog;
let listen: ListenAddress | null;
let listenNames: readonly string[];
let keeper: PageKeeper;
let holder: Server | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-page-'));
  log = keepLog();
  listenNames = [];
  holder = null;
  keeper = new PageKeeper({
    hostname: 'node7',
    facts: () => wholeFacts(),
    answers: {},
    stateFolder: folder,
    logFolder: folder,
    log,
    clock: { wallMs: () => Date.now() },
    settings: () => ({ listen, listenNames, listenLogs: 'local' }),
    retryMs: 50,
  });
});
afterEach(async () => {
  keeper.close();
  await letGo();
  rmSync(folder, { recursive: true });
});

async function take(port: number): Promise<void> {
  holder = createServer().listen(port, '127.0.0.1');
  await once(holder, 'listening');
}

async function letGo(): Promise<void> {
  if (holder === null) return;
  const closed = once(holder, 'close');
  holder.close();
  holder = null;
  await closed;
}

const statusAt = async (port: number, host = 'localhost'): Promise<number> =>
  ask(port, '/metrics', { headers: { host } }).then(
    ({ status }) => status,
    () => 0,
  );
const at = (port: number): ListenAddress => ({ host: '127.0.0.1', port });

describe('the page', () => {
  it('is where the configuration has it, moves with it, and is nowhere when it says so', async () => {
    const [first, second] = [await freePort(), await freePort()];
    listen = at(first);
    await keeper.useSettings();
    expect(keeper.state()).toEqual({ url: `http://127.0.0.1:${first}`, error: '' });
    expect(await statusAt(first)).toBe(200);
    listen = at(second);
    await keeper.useSettings();
    expect([await statusAt(first), await statusAt(second)]).toEqual([0, 200]);
    listen = null;
    await keeper.useSettings();
    expect(await statusAt(second)).toBe(0);
    expect(keeper.state()).toEqual({ url: null, error: '' });
    listen = at(first);
    await keeper.useSettings();
    expect(await statusAt(first)).toBe(200);
    expect(log.lines).toEqual(
      [first, second, first].map((port) => `INFO page and metrics are at http://127.0.0.1:${port}`),
    );
  });

  it('takes other names without a break', async () => {
    listen = at(0);
    await keeper.useSettings();
    const port = Number(/\d+$/.exec(keeper.state().url ?? '')?.[0]);
    expect([await statusAt(port, 'node7'), await statusAt(port, 'page.example.com')]).toEqual([200, 403]);
    listenNames = ['page.example.com'];
    await keeper.useSettings();
    expect(keeper.state().url).toMatch(new RegExp(`:${port}$`));
    expect(await statusAt(port, 'page.example.com')).toBe(200);
  });

  it('is had as soon as a port that was taken is free, and that it was not is told once', async () => {
    const port = await freePort();
    await take(port);
    listen = at(port);
    await keeper.useSettings();
    const error = `cannot listen at 127.0.0.1:${port}: another program has the port`;
    expect(keeper.state()).toEqual({ url: null, error });
    await keeper.useSettings();
    await letGo();
    await until('the page', () => keeper.state().url !== null);
    expect(await statusAt(port)).toBe(200);
    expect(keeper.state().error).toBe('');
    expect(log.lines).toEqual([
      `WARN ${error}; no page and no metrics until that changes (listen: names another address, or none)`,
      `INFO page and metrics are at http://127.0.0.1:${port}`,
    ]);
  });

  it('is not at an address that is not this node’s', async () => {
    listen = { host: '192.0.2.77', port: 7526 };
    await keeper.useSettings();
    expect(keeper.state().error).toBe('cannot listen at 192.0.2.77:7526: this node has no such address');
    listen = null;
    await keeper.useSettings();
    expect(keeper.state()).toEqual({ url: null, error: '' });
  });

  it('is at every address, version 6 included', async () => {
    listen = { host: '::', port: 0 };
    await keeper.useSettings();
    const port = Number(/^http:\/\/node7:(\d+)$/.exec(keeper.state().url ?? '')?.[1]);
    expect(await statusAt(port)).toBe(200);
    expect((await ask(port, '/metrics', { host: '::1' })).status).toBe(200);
  });

  it('ends while it begins, and with the daemon', async () => {
    const port = await freePort();
    listen = at(port);
    const begun = keeper.useSettings();
    keeper.close();
    await begun;
    expect(await statusAt(port)).toBe(0);
    await keeper.useSettings();
    expect(await statusAt(port)).toBe(0);
  });
});
