import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { noRegistryAuth, type RegistryAuth } from '../../src/engine/registryAuth.ts';
import type { ContainerEvent, Engine } from '../../src/model/engine.ts';
import { Secret } from '../../src/model/secret.ts';
import {
  answerJson,
  handshake,
  type ScriptedEngine,
  type ScriptedRequest,
  startScriptedEngine,
} from '../support/scriptedEngine.ts';
import { until } from '../support/until.ts';

const signal = new AbortController().signal;
let scripted: ScriptedEngine | null = null;

/** An engine whose answers are scripted; `auth` gives it credentials. */
async function engineThat(
  answer: (request: ScriptedRequest, response: ServerResponse) => void,
  auth: RegistryAuth = noRegistryAuth,
): Promise<Engine> {
  scripted = await startScriptedEngine(answer);
  return createDockerEngine({ kind: 'unix', socketPath: scripted.socket, foundBy: 'the test' }, auth);
}

afterEach(async () => {
  await scripted?.stop();
  scripted = null;
});

describe('the wire', () => {
  it('speaks the version that was settled', async () => {
    const engine = await engineThat(({ path }, response) =>
      answerJson(
        response,
        200,
        path.endsWith('/json') ? [] : handshake[path === '/version' ? 'version' : 'info'],
      ),
    );
    await engine.connect(signal);
    await engine.list({}, signal);
    expect(scripted?.requests.map(({ path }) => path)).toEqual([
      '/version',
      '/v1.41/info',
      '/v1.41/containers/json',
    ]);
  });

  it('notices an answer that breaks off', async () => {
    const engine = await engineThat((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('[{"Id":', () => response.destroy());
    });
    await expect(engine.list({}, signal)).rejects.toMatchObject({ fault: 'unreachable' });
  });

  it('notices a connection that is closed without an answer', async () => {
    const engine = await engineThat((_request, response) => response.destroy());
    await expect(engine.list({}, signal)).rejects.toMatchObject({
      fault: 'unreachable',
      message: expect.stringContaining('it closed the connection') as string,
    });
  });

  it('lets go of the connection when it is given up', async () => {
    const engine = await engineThat(() => undefined);
    const controller = new AbortController();
    const call = engine.findImage('busybox', controller.signal);
    const request = await until('the request is there', () => scripted?.requests[0]);
    controller.abort();
    await expect(call).rejects.toMatchObject({ fault: 'aborted' });
    await expect(request.closed).resolves.toBeDefined();
  });

  it('says so when something else than an engine answers', async () => {
    const engine = await engineThat((_request, response) => response.end('<html>'));
    const attempt = engine.connect(signal);
    await expect(attempt).rejects.toMatchObject({ fault: 'failed' });
    await expect(attempt).rejects.toThrow('is no container engine');
  });

  it('takes a redirection for a refusal', async () => {
    const engine = await engineThat((_request, response) => {
      response.writeHead(301, { Location: '/x' });
      response.end();
    });
    await expect(engine.start('c', signal)).rejects.toMatchObject({ fault: 'rejected', statusCode: 301 });
  });

  it('reads no more of a refusal than anybody can want', async () => {
    const engine = await engineThat((_request, response) => {
      response.statusCode = 500;
      const more = (): void => {
        if (response.destroyed) return;
        if (response.write('no '.repeat(10_000))) setImmediate(more);
        else response.once('drain', more);
      };
      more();
    });
    const attempt = engine.inspect('c', signal);
    await expect(attempt).rejects.toMatchObject({ fault: 'failed', statusCode: 500 });
    await expect(scripted?.requests[0]?.closed).resolves.toBeDefined();
  });

  it('encodes what stands in a path', async () => {
    const engine = await engineThat((_request, response) => answerJson(response, 404, { message: 'no' }));
    await expect(engine.inspect('a/../b?c#d', signal)).rejects.toMatchObject({ fault: 'not-found' });
    expect(scripted?.requests[0]?.path).toBe('/containers/a%2F..%2Fb%3Fc%23d/json');
  });

  it('says where it looked when there is no socket', async () => {
    const endpoint = { kind: 'unix', socketPath: '/nowhere/engine.sock', foundBy: 'the test' } as const;
    const attempt = createDockerEngine(endpoint, noRegistryAuth).connect(signal);
    await expect(attempt).rejects.toMatchObject({
      fault: 'unreachable',
      message: 'cannot connect: no engine answers at unix:///nowhere/engine.sock: there is no such socket',
    });
  });
});

describe('a removal', () => {
  it('that somebody else has begun is over when the container has gone', async () => {
    let looks = 0;
    const engine = await engineThat(({ method }, response) => {
      looks += method === 'GET' ? 1 : 0;
      const isThere = method === 'GET' && looks < 3;
      answerJson(response, method === 'DELETE' ? 409 : isThere ? 200 : 404, { message: 'in progress' });
    });
    await engine.remove('c', signal);
    expect(looks).toBe(3);
  });

  it('asks for the end of the container and of its anonymous volumes', async () => {
    const engine = await engineThat((_request, response) => response.writeHead(204).end());
    await engine.remove('c', signal);
    const [request] = scripted?.requests ?? [];
    expect([request?.method, request?.path, request?.query.toString()]).toEqual([
      'DELETE',
      '/containers/c',
      'force=1&v=1',
    ]);
  });
});

describe('a refusal', () => {
  it('is told as it came when the state cannot be looked at', async () => {
    const engine = await engineThat((request, response) =>
      answerJson(response, request.method === 'POST' ? 409 : 500, { message: `no to ${request.method}` }),
    );
    await expect(engine.pause('c', signal)).rejects.toMatchObject({
      fault: 'conflict',
      message: 'cannot pause container c: the engine answered 409: no to POST',
    });
  });

  it('of a start for want of its program is no container that is missing', async () => {
    const engine = await engineThat((_request, response) =>
      answerJson(response, 404, { message: 'exec: "x": executable file not found in $PATH' }),
    );
    await expect(engine.start('c', signal)).rejects.toMatchObject({ fault: 'rejected' });
  });
});

describe('a pull', () => {
  const id = `sha256:${'a'.repeat(64)}`;

  it('sends the tag and the credentials, and tells the id', async () => {
    const auth: RegistryAuth = { headerFor: (key) => Promise.resolve(new Secret(`for ${key}`)) };
    const engine = await engineThat(({ method }, response) => {
      answerJson(response, 200, method === 'GET' ? { Id: id } : { status: 'Pulling' });
    }, auth);
    expect(await engine.pull('host:5000/a/b', signal)).toBe(id);
    const [request] = scripted?.requests ?? [];
    expect([...(request?.query ?? [])]).toEqual([
      ['fromImage', 'host:5000/a/b'],
      ['tag', 'latest'],
    ]);
    expect(request?.headers['x-registry-auth']).toBe('for host:5000');
  });

  it.each([
    ['manifest unknown', 'not-found'],
    ['unauthorized: authentication required', 'denied'],
    ['no space left on device', 'failed'],
  ])('fails when %j is told inside its stream', async (told, fault) => {
    const engine = await engineThat((_request, response) => {
      response.write('{"status":"Pulling"}\n{"errorDetail":{"mess');
      response.end(`age":"${told}"},"error":"${told}"}\n`);
    });
    const attempt = engine.pull('busybox:1', signal);
    await expect(attempt).rejects.toMatchObject({ fault });
    await expect(attempt).rejects.toThrow(`cannot pull image busybox:1: ${told}`);
  });

  it('fails when its stream breaks off', async () => {
    const engine = await engineThat((_request, response) => {
      response.write('{"status":"Pulling"}\n', () => response.destroy());
    });
    await expect(engine.pull('busybox:1', signal)).rejects.toMatchObject({ fault: 'unreachable' });
  });

  it('fails with what the credentials failed with, and asks the engine nothing', async () => {
    const auth: RegistryAuth = { headerFor: () => Promise.reject(new Error('helper x\nfailed')) };
    const engine = await engineThat((_request, response) => response.end(), auth);
    await expect(engine.pull('busybox', signal)).rejects.toMatchObject({
      fault: 'denied',
      message: 'cannot pull image busybox: helper x failed',
    });
    expect(scripted?.requests).toEqual([]);
  });

  it('refuses a name that is none', async () => {
    const engine = await engineThat((_request, response) => response.end());
    await expect(engine.pull('Busy Box', signal)).rejects.toMatchObject({ fault: 'rejected' });
  });
});

describe('following', () => {
  const line = (what: string): string =>
    `${JSON.stringify({ Type: 'container', Action: what, Actor: { ID: 'c', Attributes: { l: '1' } } })}\n`;
  const follow = (engine: Engine): { readonly seen: ContainerEvent[]; readonly end: Promise<void> } => {
    const seen: ContainerEvent[] = [];
    const end = engine.follow(
      'l=1',
      () => undefined,
      (event) => seen.push(event),
      signal,
    );
    return { seen, end };
  };

  it('ends in order when the engine ends the stream', async () => {
    const engine = await engineThat((_request, response) => response.end(line('start') + line('die')));
    const { seen, end } = follow(engine);
    await end;
    expect(seen.map(({ what }) => what)).toEqual(['start', 'die']);
  });

  it('fails when the stream breaks off', async () => {
    const engine = await engineThat((_request, response) => {
      response.write(line('start'), () => response.destroy());
    });
    const { seen, end } = follow(engine);
    await expect(end).rejects.toMatchObject({ name: 'EngineError', fault: 'unreachable' });
    expect(seen).toHaveLength(1);
  });

  it('fails when the engine refuses', async () => {
    const engine = await engineThat((_request, response) => answerJson(response, 500, { message: 'no' }));
    await expect(follow(engine).end).rejects.toMatchObject({ fault: 'failed' });
  });
});
