import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CountingProxy, kindOf, startProxy } from '../../bench/proxy.ts';

let folder: string;
let engine: Server;
let proxy: CountingProxy;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-proxy-'));
  engine = createServer((asked, answer) => {
    if (asked.url === '/stream') {
      answer.flushHeaders();
      asked.on('data', (text: Buffer) => answer.write(text));
      asked.on('end', () => answer.end());
    } else {
      answer.writeHead(404, { 'X-Says': 'engine' }).end('no such thing');
    }
  });
  await new Promise<void>((resolve) => engine.listen(join(folder, 'engine'), resolve));
  proxy = await startProxy(join(folder, 'proxy'), join(folder, 'engine'));
});

afterEach(async () => {
  await proxy.close();
  engine.closeAllConnections();
  await new Promise((resolve) => engine.close(resolve));
  rmSync(folder, { recursive: true });
});

function ask(path: string): Promise<{ status: number; says: unknown; text: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath: join(folder, 'proxy'), path, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, says: answer.headers['x-says'], text }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('the counting proxy', () => {
  it('hands on the answer and counts the request', async () => {
    expect(await ask('/nothing?a=1')).toEqual({ status: 404, says: 'engine', text: 'no such thing' });
    await ask('/nothing?a=2');
    expect([...proxy.counts()]).toEqual([['GET /nothing', 2]]);
    expect(proxy.total()).toBe(2);
  });

  it('lets a stream through as it comes, headers first, and counts it once', async () => {
    const heard: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const asked = request(
        { socketPath: join(folder, 'proxy'), method: 'POST', path: '/stream', agent: false },
        (answer) => {
          // Each word is sent only when what came before it was heard: a proxy that gathers would hang here.
          asked.write('one');
          answer.setEncoding('utf8').on('data', (text: string) => {
            heard.push(text);
            if (text === 'one') asked.write('two');
            else asked.end();
          });
          answer.on('end', resolve);
        },
      );
      asked.on('error', reject);
      asked.flushHeaders();
    });
    expect(heard).toEqual(['one', 'two']);
    expect(proxy.total()).toBe(1);
  });

  it('breaks the connection when the engine is away', async () => {
    engine.closeAllConnections();
    await new Promise((resolve) => engine.close(resolve));
    await expect(ask('/nothing')).rejects.toThrow('socket hang up');
  });

  it('tells requests apart by what they ask, not by whom they ask about', () => {
    const id = 'ab'.repeat(32);
    expect(kindOf('GET', `/v1.41/containers/${id}/json?size=1`)).toBe('GET /containers/{id}/json');
    expect(kindOf('GET', '/v1.41/images/host%3A5000%2Fname/json')).toBe('GET /images/{name}/json');
    expect(kindOf('GET', '/version')).toBe('GET /version');
  });
});
