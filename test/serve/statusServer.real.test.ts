import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askStatus } from '../../src/cli/statusClient.ts';
import type { Places } from '../../src/model/places.ts';
import type { Status } from '../../src/model/status.ts';
import { longestSocketPath, serveStatus, socketPathFault } from '../../src/serve/statusServer.ts';
import { keepLog } from '../support/quietLog.ts';

const status = { version: '1', pid: 7, hostname: 'ü\u2028' } as Status;

let folder: string;
let path: string;
let close: () => void;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-status-'));
  path = join(folder, 'plancton.sock');
  close = () => undefined;
});
afterEach(() => {
  close();
  rmSync(folder, { recursive: true });
});

async function serve(give: () => Status = () => status): Promise<void> {
  const served = await serveStatus(path, { '/status': give }, keepLog());
  close = () => served.close();
}
async function ask(method: string, url: string): Promise<{ code: number | undefined; body: string }> {
  const asked = request({ socketPath: path, method, path: url, agent: false });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
  return { code: answer.statusCode, body: await text(answer) };
}
const places = (): Places => ({
  configFile: '',
  logFolder: '',
  runFolder: folder,
  pidFile: '',
  stateFolder: '',
});

describe('the status socket', () => {
  it('is for us alone and tells the status, as it is when asked', async () => {
    let asked = 0;
    await serve(() => ({ ...status, pid: ++asked }));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await ask('GET', '/status')).body)).toEqual({ ...status, pid: 1 });
    expect(await askStatus(places())).toEqual({ ...status, pid: 2 });
  });

  it.each([
    ['POST', '/status'],
    ['GET', '/'],
    ['GET', '/status/../x'],
    ['DELETE', '/status'],
  ])('tells nothing else: %s %s', async (method, url) => {
    await serve();
    expect((await ask(method, url)).code).toBe(404);
  });

  it('takes the place of one that a dead daemon left, and goes with the daemon', async () => {
    writeFileSync(path, 'left');
    await serve();
    expect((await askStatus(places()))?.pid).toBe(7);
    close();
    expect(existsSync(path)).toBe(false);
    expect(await askStatus(places())).toBeNull();
  });

  it('outlives who asks and goes, and who talks nonsense', async () => {
    await serve();
    const rude = createConnection(path);
    rude.on('error', () => undefined);
    rude.resume();
    await once(rude, 'connect');
    rude.write('nonsense\r\n\r\n');
    await once(rude, 'close');
    const gone = createConnection(path);
    await once(gone, 'connect');
    gone.destroy();
    expect((await askStatus(places()))?.pid).toBe(7);
  });

  it('that cannot be is refused', async () => {
    path = join(folder, 'nowhere/plancton.sock');
    await expect(serve()).rejects.toThrow(/nowhere/);
    path = join(folder, 'a-folder.sock');
    mkdirSync(path);
    await expect(serve()).rejects.toThrow(/a-folder\.sock/);
    expect(readdirSync(folder)).toEqual(['a-folder.sock']);
    path = join(folder, 'x'.repeat(longestSocketPath));
    await expect(serve()).rejects.toThrow(/at most 107: choose a shorter folder/);
  });

  it('has a path of at most 107 bytes, however many characters that are', () => {
    expect(socketPathFault(`/${'x'.repeat(106)}`)).toBeNull();
    expect(socketPathFault(`/${'x'.repeat(107)}`)).toContain('has 108 bytes');
    expect(socketPathFault(`/${'ü'.repeat(54)}`)).toContain('has 109 bytes');
  });
});
