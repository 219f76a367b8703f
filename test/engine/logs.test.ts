import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { noRegistryAuth } from '../../src/engine/registryAuth.ts';
import type { Engine, LogOptions } from '../../src/model/engine.ts';
import {
  answerJson,
  handshake,
  type ScriptedEngine,
  type ScriptedRequest,
  startScriptedEngine,
} from '../support/scriptedEngine.ts';
import { until } from '../support/until.ts';

const signal = new AbortController().signal;
const all: LogOptions = { follow: false, tailBytes: null };
let scripted: ScriptedEngine | null = null;

function frame(text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(1, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** An engine with one container that runs, whose log is answered as a test tells it. */
async function engineWith(
  answerLog: (response: ServerResponse, request: ScriptedRequest) => void,
  version: object = handshake.version,
): Promise<Engine> {
  scripted = await startScriptedEngine((request, response) => {
    const { path } = request;
    if (path.endsWith('/logs')) answerLog(response, request);
    else if (path === '/version') answerJson(response, 200, version);
    else if (path.endsWith('/info')) answerJson(response, 200, handshake.info);
    else answerJson(response, 200, { Id: 'c', State: { Status: 'running', Pid: 5 } });
  });
  return createDockerEngine(
    { kind: 'unix', socketPath: scripted.socket, foundBy: 'the test' },
    noRegistryAuth,
  );
}

const logRequests = () => (scripted?.requests ?? []).filter(({ path }) => path.endsWith('/logs'));

/** Reads a log; `text` grows as it is told. */
function reading(engine: Engine, options: LogOptions, stop: AbortSignal = signal) {
  const told = { text: '' };
  const end = engine.logs(
    'c',
    options,
    (_stream, bytes) => {
      told.text += Buffer.from(bytes).toString();
    },
    stop,
  );
  return { told, end };
}

afterEach(async () => {
  await scripted?.stop();
  scripted = null;
});

describe('reading a log', () => {
  it('asks for both streams, and not for lines', async () => {
    const engine = await engineWith((response) => response.end(frame('x')));
    const { told, end } = reading(engine, { ...all, sinceWallMs: 1_700_000_000_042.9 });
    await end;
    expect(told.text).toBe('x');
    expect(Object.fromEntries(logRequests()[0]?.query ?? [])).toEqual({
      stdout: '1',
      stderr: '1',
      follow: '0',
      since: '1700000000.042000000',
    });
  });

  it('tells Podman the time in words', async () => {
    const podman = { ...handshake.version, Components: [{ Name: 'Podman Engine' }] };
    const engine = await engineWith((response) => response.end(), podman);
    await engine.connect(signal);
    await reading(engine, { ...all, sinceWallMs: 1_700_000_000_042 }).end;
    expect(logRequests()[0]?.query.get('since')).toBe('2023-11-14T22:13:20.042Z');
  });

  it('fails when the log breaks off, and what was told stays told', async () => {
    const engine = await engineWith((response) => {
      response.write(frame('begun'), () => response.destroy());
    });
    const { told, end } = reading(engine, all);
    await expect(end).rejects.toMatchObject({ name: 'EngineError', fault: 'unreachable' });
    expect(told.text).toBe('begun');
  });

  it('fails when it ends within a frame', async () => {
    const engine = await engineWith((response) => response.end(frame('cut').subarray(0, 9)));
    await expect(reading(engine, all).end).rejects.toMatchObject({
      fault: 'failed',
      message: expect.stringMatching(/^cannot read the log of container c: the log broke off/) as string,
    });
  });

  it.each([
    [501, 'configured logging driver does not support reading'],
    [500, "this container is using the 'none' log driver, cannot read logs"],
  ])('is refused where the driver keeps none: %i', async (status, message) => {
    const engine = await engineWith((response) => answerJson(response, status, { message }));
    const attempt = reading(engine, all).end;
    await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'rejected' });
    await expect(attempt).rejects.toThrow(message);
  });

  it.each([
    [false, null, 'aborted'],
    [false, 100, 'aborted'],
    [true, null, 'in order'],
    [true, 100, 'in order'],
  ])(
    'lets go of the connection when it is given up: following %j, last bytes %j',
    async (follow, tailBytes, how) => {
      const engine = await engineWith((response) => void response.write(frame('begun')));
      const stop = new AbortController();
      const end = reading(engine, { follow, tailBytes }, stop.signal).end.then(
        () => 'in order',
        (error: { fault: string }) => error.fault,
      );
      const request = await until('the log is asked for', () => logRequests()[0]);
      stop.abort();
      expect(await end).toBe(how);
      await expect(request.closed).resolves.toBeDefined();
    },
  );

  it('lets go of the connection when whoever is told fails', async () => {
    const engine = await engineWith((response, { query }) => {
      response.write(frame('begun'));
      if (query.get('follow') === '0') response.end();
    });
    for (const tailBytes of [null, 100]) {
      const fail = (): void => {
        throw new Error('no room left');
      };
      const attempt = engine.logs('c', { follow: true, tailBytes }, fail, signal);
      await expect(attempt).rejects.toThrow(/^no room left$/);
      await expect(logRequests().at(-1)?.closed).resolves.toBeDefined();
    }
  });

  it('reads no more than whoever is told takes', async () => {
    const chunk = frame('x'.repeat(64 * 1024));
    let sent = 0;
    const engine = await engineWith((response) => {
      const send = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += 1;
        sent += 1;
        response.once('drain', send);
      };
      send();
    });
    const stop = new AbortController();
    let taken = 0;
    const end = engine.logs(
      'c',
      { follow: true, tailBytes: null },
      async () => {
        taken += 1;
        await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
      },
      stop.signal,
    );
    await until('the first piece is told', () => taken === 1);
    // What lies between: buffers of the socket and of both ends of HTTP.
    let before = 0;
    let still = 0;
    await until('no more is sent', () => {
      still = before === sent ? still + 1 : 0;
      before = sent;
      return still === 10;
    });
    expect(sent * chunk.length).toBeLessThan(8_000_000);
    expect(taken).toBe(1);
    stop.abort();
    await end;
  });
});

describe('following the last bytes of a log', () => {
  it('tells them once it is where it was, and then all that follows', async () => {
    let later: ServerResponse | undefined;
    const engine = await engineWith((response, { query }) => {
      response.write(frame('one two three '));
      if (query.get('follow') === '0') response.end();
      else later = response;
    });
    const { told, end } = reading(engine, { follow: true, tailBytes: 6 });
    await until('the end is told', () => told.text === 'three ');
    later?.end(frame('four'));
    await end;
    expect(told.text).toBe('three four');
    expect(logRequests().map(({ query }) => query.get('follow'))).toEqual(['0', '1']);
  });

  it('waits for no more than a moment where the log has become shorter meanwhile', async () => {
    let later: ServerResponse | undefined;
    const engine = await engineWith((response, { query }) => {
      if (query.get('follow') === '0') {
        response.end(frame('much that is gone when it is read again'));
      } else {
        response.write(frame('new'));
        later = response;
      }
    });
    const { told, end } = reading(engine, { follow: true, tailBytes: 6 });
    await until('what there is is told', () => told.text === 'new');
    later?.end(frame('er'));
    await end;
    expect(told.text).toBe('newer');
  });
});
