import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namesOf } from '../../src/serve/hostCheck.ts';
import { jsonReply, type Route, textReply } from '../../src/serve/reply.ts';
import { serveWeb, type WebLimits, type WebServer } from '../../src/serve/webServer.ts';
import { ask, plainConnection, untilItEnds } from '../support/http.ts';
import { type KeptLog, keepLog } from '../support/quietLog.ts';

const limits: WebLimits = {
  connections: 8,
  connectionsEach: 8,
  requestMs: 300,
  answerMs: 400,
  headerBytes: 8192,
};
let counted = 0;
const large = 'x'.repeat(64_000_000);
const routes: Readonly<Record<string, Route>> = {
  '/': () => textReply(200, 'here'),
  '/query': ({ query, accept }) => jsonReply({ query: query.get('q'), accept }),
  '/counted': () => {
    counted += 1;
    return textReply(200, 'counted');
  },
  '/large': () => ({ type: 'text/plain', body: large }),
  '/broken': () => {
    throw new Error('out of\norder');
  },
  '/late': async () => Promise.reject(new Error('not now')),
};

let server: WebServer;
let port: number;
let log: KeptLog;
beforeEach(async () => {
  log = keepLog();
  server = await serveWeb({
    address: { host: '127.0.0.1', port: 0 },
    names: () => namesOf('node7.example.org', ['page.example.com']),
    routes,
    log,
    limits,
  });
  port = server.address.port;
});
afterEach(() => server.close());

describe('the web server', () => {
  it('answers GET of what it knows, and says what browsers may do with it', async () => {
    const { status, headers, body } = await ask(port, '/');
    expect({ status, body }).toEqual({ status: 200, body: 'here\n' });
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '5',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|http/);
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('answers HEAD with the same and no body', async () => {
    const { headers, body } = await ask(port, '/', { method: 'HEAD' });
    expect([headers['content-length'], body]).toEqual(['5', '']);
  });

  it('gives a route its query and what is accepted', async () => {
    const { body } = await ask(port, '/query?q=a%20b&q=c', { headers: { accept: 'text/plain' } });
    expect(JSON.parse(body)).toEqual({ query: 'a b', accept: 'text/plain' });
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'refuses %s',
    async (method) => {
      for (const path of ['/', '/nowhere']) {
        const { status, headers } = await ask(port, path, { method });
        expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD' });
      }
    },
  );

  it.each([
    '/nowhere',
    '//',
    '/../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/etc/passwd',
    '/./',
    '/%00',
    '/\\..\\x',
    '/constructor',
    '/__proto__',
    '/toString',
    'http://evil.example/',
    'http://127.0.0.1/',
  ])('has nothing at %s', async (path) => {
    const { status, body, headers } = await ask(port, path);
    expect({ status, body }).toEqual({ status: 404, body: 'there is nothing of this name\n' });
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('refuses who asks for another host, and says what to do', async () => {
    const { status, body, headers } = await ask(port, '/', { headers: { host: `evil.example:${port}` } });
    expect(status).toBe(403);
    expect(body).toMatch(/listen_names/);
    expect(headers.connection).toBe('close');
    for (const host of ['node7', 'node7.example.org', 'page.example.com', 'localhost', `127.0.0.1:${port}`])
      expect((await ask(port, '/', { headers: { host } })).status).toBe(200);
  });

  it.each([
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['no host, in the way of 1.0', 'GET / HTTP/1.0\r\n\r\n', 403],
    ['an empty host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 403],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n\r\n', 403],
    ['a body', 'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello', 400],
    [
      'a body without an end',
      'GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel',
      400,
    ],
    ['huge headers', `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a huge path', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    [
      'two lengths',
      'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 7\r\n\r\n',
      400,
    ],
  ])('refuses %s, and ends the connection', async (_, said, status) => {
    const socket = await plainConnection(port);
    socket.write(said, 'latin1');
    expect(await untilItEnds(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('makes no tunnel and no other protocol of a connection', async () => {
    const socket = await plainConnection(port);
    socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(await untilItEnds(socket)).not.toMatch(/ 200 /);
    const upgrade = { connection: 'upgrade', upgrade: 'websocket', host: 'localhost' };
    expect((await ask(port, '/', { headers: upgrade })).status).toBe(200);
  });

  it('lets go of who connects and says nothing, or not enough', async () => {
    const silent = await plainConnection(port);
    const slow = await plainConnection(port);
    slow.write('GET / HTTP/1.1\r\nHost: local');
    await Promise.all([untilItEnds(silent), untilItEnds(slow)]);
    expect((await ask(port, '/')).status).toBe(200);
  }, 30_000);

  it('lets go of who does not take what he asked for', async () => {
    const socket = await plainConnection(port);
    let read = 0;
    socket.on('data', (chunk) => {
      read += chunk.length;
      // A little at a time, so that all of it would take half a minute.
      socket.pause();
      setTimeout(() => socket.resume(), 20);
    });
    socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'close');
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(large.length);
    expect((await ask(port, '/')).status).toBe(200);
  });

  it('has so many connections and no more, and room again when one ends', async () => {
    const held = await Promise.all(Array.from({ length: limits.connections }, () => plainConnection(port)));
    const further = connect(port, '127.0.0.1').on('error', () => undefined);
    expect(await untilItEnds(further)).toBe('');
    const gone = held.map((socket) => once(socket, 'close'));
    for (const socket of held) socket.destroy();
    await Promise.all(gone);
    await expect
      .poll(async () =>
        ask(port, '/').then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200);
  });

  it('has so many connections from one address', async () => {
    const address = { host: '127.0.0.1', port: 0 };
    const names = (): ReadonlySet<string> => namesOf('', []);
    const strict = await serveWeb({ address, names, routes, log, limits: { ...limits, connectionsEach: 2 } });
    const there = strict.address.port;
    const held = await Promise.all([plainConnection(there), plainConnection(there)]);
    const further = connect(there, '127.0.0.1').on('error', () => undefined);
    expect(await untilItEnds(further)).toBe('');
    const elsewhere = connect({ port: there, host: '127.0.0.1', localAddress: '127.0.0.2' });
    elsewhere.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await untilItEnds(elsewhere)).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of held) socket.destroy();
    strict.close();
  });

  it('makes one answer at a time for a connection, and ends one that asks on meanwhile', async () => {
    const socket = await plainConnection(port);
    const one = 'GET /counted HTTP/1.1\r\nHost: localhost\r\n\r\n';
    counted = 0;
    socket.write(one.repeat(1000));
    await untilItEnds(socket);
    expect(counted).toBeLessThanOrEqual(1);
    const patient = await plainConnection(port);
    for (let asked = 1; asked <= 3; asked++) {
      patient.write(one);
      const [answer] = (await once(patient, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 [^]*counted\n$/);
    }
    patient.destroy();
  });

  it('tells nothing to a page from elsewhere, and lets people come from one', async () => {
    const from = (site: string, mode: string): Record<string, string> => ({
      'sec-fetch-site': site,
      'sec-fetch-mode': mode,
    });
    expect((await ask(port, '/', { headers: from('cross-site', 'no-cors') })).status).toBe(403);
    expect((await ask(port, '/', { headers: from('cross-site', 'navigate') })).status).toBe(200);
    expect((await ask(port, '/', { headers: from('same-origin', 'cors') })).status).toBe(200);
  });

  it('tells an answer that cannot be made once, and to nobody else', async () => {
    for (const path of ['/broken', '/broken', '/late', '/late']) {
      const { status, body } = await ask(port, path);
      expect({ status, body }).toEqual({ status: 500, body: 'this cannot be told just now\n' });
    }
    expect(log.lines).toHaveLength(2);
    expect(log.lines[0]).toBe(String.raw`WARN cannot answer /broken: out of\norder`);
  });

  it('lets go of its port at once, whoever is connected', async () => {
    const socket = await plainConnection(port);
    const ended = once(socket, 'close');
    server.close();
    await ended;
    await expect(ask(port, '/')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('that cannot listen is refused', async () => {
    const again = { address: { host: '127.0.0.1', port }, names: () => namesOf('', []), routes, log };
    await expect(serveWeb(again)).rejects.toThrow(/EADDRINUSE/);
  });
});
