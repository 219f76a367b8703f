import { gunzipSync } from 'node:zlib';
import { readFileSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namesOf } from '../../src/serve/hostCheck.ts';
import { pageRoutes } from '../../src/serve/pageFiles.ts';
import { serveWeb, type WebServer } from '../../src/serve/webServer.ts';
import { ask } from '../support/http.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';

const built = resolve(import.meta.dirname, '../../dist/page');
const paths = ['/', '/page.js', '/page.css', '/icon.svg'];
const packed = { 'accept-encoding': 'gzip, deflate, br' };

let server: WebServer;
let log: KeptLog;
async function serve(folder: string): Promise<void> {
  const parts = { address: { host: '127.0.0.1', port: 0 }, names: () => namesOf('node7', []), log };
  server = await serveWeb({ ...parts, routes: pageRoutes(folder) });
}
beforeEach(async () => {
  log = keepLog();
  await serve(built);
});
afterEach(() => server.close());

describe('the files of the page', () => {
  it('are less than 100 kB together as browsers get them', async () => {
    let bytes = 0;
    for (const path of paths) {
      const { status, headers } = await ask(server.address.port, path, { headers: packed });
      expect([status, headers['content-encoding'], headers.vary]).toEqual([200, 'gzip', 'accept-encoding']);
      bytes += Number(headers['content-length']);
    }
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThan(100_000);
  });

  it('are the same for who takes nothing compressed', async () => {
    for (const [path, file, type] of [
      ['/', 'index.html', 'text/html; charset=utf-8'],
      ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
      ['/page.css', 'page.css', 'text/css; charset=utf-8'],
      ['/icon.svg', 'icon.svg', 'image/svg+xml'],
    ] as const) {
      const plain = readFileSync(join(built, file), 'utf8');
      expect(gunzipSync(readFileSync(join(built, `${file}.gz`))).toString()).toBe(plain);
      for (const encoding of ['', 'identity', 'gzip;q=0, br', 'x-gzip']) {
        const { headers, body } = await ask(server.address.port, path, {
          headers: { 'accept-encoding': encoding },
        });
        expect([headers['content-type'], headers['content-encoding'], body]).toEqual([
          type,
          undefined,
          plain,
        ]);
      }
    }
  });

  it('are sent once to who keeps them, and asked for again', async () => {
    const { headers } = await ask(server.address.port, '/page.js', { headers: packed });
    expect(headers['cache-control']).toBe('no-cache');
    const etag = headers.etag ?? '';
    const plain = (await ask(server.address.port, '/page.js')).headers.etag;
    expect(plain).not.toBe(etag);
    const again = async (known: string): Promise<unknown[]> => {
      const answer = await ask(server.address.port, '/page.js', {
        headers: { ...packed, 'if-none-match': known },
      });
      return [answer.status, answer.body === '', answer.headers.etag];
    };
    expect(await again(etag)).toEqual([304, true, etag]);
    expect(await again(`"other", W/${etag}`)).toEqual([304, true, etag]);
    expect(await again('"other"')).toEqual([200, false, etag]);
  });

  it('have the same policy as all else, and are for who asks this node', async () => {
    for (const path of paths) {
      const { headers } = await ask(server.address.port, path, { headers: packed });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect((await ask(server.address.port, path, { headers: { host: 'evil.example.com' } })).status).toBe(
        403,
      );
      expect((await ask(server.address.port, path, { method: 'POST' })).status).toBe(405);
      const head = await ask(server.address.port, path, { method: 'HEAD', headers: packed });
      expect([head.status, head.headers['content-encoding'], head.body]).toEqual([200, 'gzip', '']);
    }
    for (const path of ['/page.js.gz', '/index.html', '/../web.cjs', '/page.js/', '/%2e%2e/web.cjs'])
      expect((await ask(server.address.port, path)).status).toBe(404);
  });

  it('need nothing from elsewhere', () => {
    for (const file of ['index.html', 'page.js', 'page.css']) {
      const text = readFileSync(join(built, file), 'utf8');
      expect(text.match(/(?:https?:)?\/\/[a-z0-9][\w.-]*\.[a-z]{2,}/gi) ?? []).toEqual([]);
    }
  });

  it('that are missing are told of', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'plancton-files-'));
    server.close();
    await serve(empty);
    expect((await ask(server.address.port, '/')).status).toBe(500);
    expect(log.lines).toEqual([
      `WARN cannot answer /: ${join(empty, 'index.html')} is not there: install Plancton again`,
    ]);
    rmSync(empty, { recursive: true });
  });
});
