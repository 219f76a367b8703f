import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import type { InfluxTarget } from '../../src/model/settings.ts';
import type { InfluxReply, InfluxRequest, Post } from '../../src/record/influxRequest.ts';
import { createRequest, printableTarget } from '../../src/record/influxRequest.ts';
import { InfluxSink } from '../../src/record/influxSink.ts';
import { createSinks } from '../../src/record/influxSinks.ts';
import { until } from '../support/until.ts';
import { numbered, rememberingLog, targetAt } from './influxParts.ts';

/** Timers that ring when the test says so. */
function handTimers() {
  const waiting = new Map<number, { callback: () => void; delayMs: number }>();
  let last = 0;
  return {
    set: (callback: () => void, delayMs: number) => {
      last += 1;
      waiting.set(last, { callback, delayMs });
      return last;
    },
    clear: (handle: unknown) => void waiting.delete(handle as number),
    delays: () => [...waiting.values()].map(({ delayMs }) => delayMs),
    ring: (delayMs: number) => {
      const found = [...waiting].find(([, timer]) => timer.delayMs === delayMs);
      if (found === undefined)
        throw new Error(`no timer of ${delayMs} ms among ${[...waiting.values()].length}`);
      waiting.delete(found[0]);
      found[1].callback();
    },
  };
}

const values = (request: InfluxRequest) =>
  [...request.body.matchAll(/value=(\d+)/g)].map((match) => Number(match[1]));
const status = (code: number, error?: string): InfluxReply => ({
  status: code,
  body: error === undefined ? '' : JSON.stringify({ error }),
});

function startSink(
  answer: (request: InfluxRequest) => InfluxReply | Promise<InfluxReply>,
  target = targetAt(1),
) {
  const { log, told } = rememberingLog();
  const timers = handTimers();
  const requests: InfluxRequest[] = [];
  const post: Post = async (_target, request, signal) => {
    requests.push(request);
    return Promise.race([
      answer(request),
      new Promise<never>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      ),
    ]);
  };
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, wallMs: () => 0 };
  const sink = new InfluxSink({ target, log, clock, timers, random: () => 0.5, post, lingerMs: 7 });
  const write = (...numbers: number[]) => sink.write(numbers.map(numbered));
  const settled = async () =>
    until('no request is out', () => timers.delays().every((delay) => delay !== 10_000));
  const passes = (ms: number) => {
    nowMs += ms;
  };
  return { sink, told, timers, requests, write, settled, passes, log, clock };
}

const never = () => new Promise<never>(() => {});

describe('a sink', () => {
  it('gathers what is written at about the same time into one request, and has no timer while idle', async () => {
    const { sink, timers, requests, write, settled } = startSink(() => status(204));
    expect(sink.state()).toMatchObject({ state: 'idle', target: 'http://127.0.0.1:1#plancton' });
    expect(timers.delays()).toEqual([]);
    write(1);
    write(2, 3);
    expect(timers.delays()).toEqual([7]);
    timers.ring(7);
    await settled();
    expect(requests.map(values)).toEqual([[1, 2, 3]]);
    expect(requests[0]?.path).toBe('/write?db=plancton&precision=u');
    expect(timers.delays()).toEqual([]);
    expect(sink.state()).toMatchObject({ state: 'ok', sentPoints: 3, waitingPoints: 0, droppedPoints: 0 });
  });

  it('has one request out at a time, and keeps the order', async () => {
    const gates: (() => void)[] = [];
    const sink = startSink(() => new Promise((resolve) => gates.push(() => resolve(status(204)))));
    sink.write(1);
    sink.timers.ring(7);
    await until('the first is out', () => gates.length === 1);
    sink.write(2, 3);
    expect(sink.timers.delays()).toEqual([10_000]);
    gates[0]?.();
    await until('the second is out', () => gates.length === 2);
    gates[1]?.();
    await sink.settled();
    expect(sink.requests.map(values)).toEqual([[1], [2, 3]]);
  });

  it('tries again after growing pauses, tells once that it fails and once that it is well', async () => {
    let up = false;
    const failing = startSink(() => status(up ? 204 : 503));
    failing.write(1);
    failing.timers.ring(7);
    for (const capMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      await until(`a pause of half of ${capMs} ms`, () => failing.timers.delays().includes(capMs / 2));
      failing.write(failing.requests.length + 1);
      failing.passes(capMs / 2);
      up = failing.requests.length === 8;
      failing.timers.ring(capMs / 2);
    }
    await failing.settled();
    expect(values(failing.requests.at(-1) as InfluxRequest)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(failing.told).toEqual([
      {
        level: 'warn',
        message: expect.stringContaining('takes no points: it answers 503') as string,
        facts: { waiting: 1 },
      },
      {
        level: 'info',
        message: 'InfluxDB http://127.0.0.1:1#plancton takes points again',
        facts: { afterSeconds: 92, sent: 9, dropped: 0, waiting: 0 },
      },
    ]);
    expect(failing.sink.state()).toMatchObject({ state: 'ok', error: '', sentPoints: 9 });
    expect(failing.timers.delays()).toEqual([]);
  });

  it('gives up on an answer after ten seconds, and keeps the points', async () => {
    const { sink, timers, write } = startSink(never);
    write(1);
    timers.ring(7);
    timers.ring(10_000);
    await until('it fails', () => sink.state().state === 'failing');
    expect(sink.state()).toMatchObject({ error: 'no answer within 10 s', waitingPoints: 1 });
    expect(timers.delays()).toEqual([500]);
  });

  it('finds the one point that the server cannot take, and sends all others in order', async () => {
    const stored: number[] = [];
    const poison = startSink((request) => {
      if (values(request).includes(5)) return status(400, 'unable to parse');
      stored.push(...values(request));
      return status(204);
    });
    poison.write(...Array.from({ length: 13 }, (_, value) => value));
    poison.timers.ring(7);
    await until('all is dealt with', () => poison.sink.state().waitingPoints === 0);
    expect(stored).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12]);
    expect(poison.sink.state()).toMatchObject({ state: 'ok', sentPoints: 12, droppedPoints: 1 });
    expect(poison.told.filter(({ message }) => message.includes('refuses points for good'))).toHaveLength(1);
  });

  it('does not hurry where every point is refused', async () => {
    const { sink, timers, write, requests, told } = startSink(() => status(400, 'no'));
    write(1, 2, 3, 4, 5);
    timers.ring(7);
    await until('it pauses', () => timers.delays().includes(4_000));
    expect(sink.state()).toMatchObject({ droppedPoints: 3, waitingPoints: 2 });
    expect(requests.length).toBeLessThan(10);
    expect(told).toHaveLength(1);
  });

  it('sends less at once where that was too much', async () => {
    const large = startSink((request) => status(values(request).length > 2 ? 413 : 204));
    large.write(1, 2, 3, 4, 5);
    large.timers.ring(7);
    await until('all is sent', () => large.sink.state().waitingPoints === 0);
    expect(large.sink.state()).toMatchObject({ sentPoints: 5, droppedPoints: 0 });
  });

  it('counts what a partial write dropped, and goes on', async () => {
    const { sink, timers, write, told, settled } = startSink(() => status(400, 'partial write: x dropped=2'));
    write(1, 2, 3);
    timers.ring(7);
    await settled();
    write(4, 5, 6);
    timers.ring(7);
    await settled();
    expect(sink.state()).toMatchObject({ state: 'ok', sentPoints: 2, droppedPoints: 4, waitingPoints: 0 });
    expect(told).toHaveLength(1);
  });

  it('makes the database only when told that it is missing, then writes', async () => {
    let made = false;
    const { requests, timers, write, settled } = startSink((request) => {
      if (request.path === '/query') made = true;
      return made ? status(200) : status(404, 'database not found: "plancton"');
    });
    write(1);
    timers.ring(7);
    await settled();
    await until('the second write', () => requests.length === 3);
    expect(requests.map(({ path }) => path.split('?')[0])).toEqual(['/write', '/query', '/write']);
    expect(requests[1]?.body).toBe('q=CREATE+DATABASE+%22plancton%22');
  });

  it.each([401, 403])('asks seldom where it is not welcome (%i), and names nobody', async (code) => {
    const target: InfluxTarget = targetAt(1, { username: 'bob', password: new Secret('hunter2') });
    const { sink, timers, write, told } = startSink(() => status(code, '"bob" hunter2'), target);
    write(1);
    timers.ring(7);
    await until('it fails', () => sink.state().state === 'failing');
    expect(timers.delays()).toEqual([30_000]);
    expect(JSON.stringify([sink.state(), told])).not.toMatch(/bob|hunter2/);
  });

  it.each([
    [5_000, 6_250],
    [0, 100],
    [86_400_000, 1_125_000],
  ])(
    'leaves a server alone that asks for %i ms, and half of that more at most',
    async (retryAfterMs, pauseMs) => {
      const { sink, timers, write } = startSink(() => ({ status: 429, body: '', retryAfterMs }));
      write(1);
      timers.ring(7);
      await until('it fails', () => sink.state().state === 'failing');
      expect(timers.delays()).toEqual([pauseMs]);
    },
  );

  it('puts the tags of its target on each point, and never in the place of our own', async () => {
    const target = targetAt(1, { tags: { site: 'north sea', hostname: 'not this' } });
    const { timers, write, requests, settled } = startSink(() => status(204), target);
    write(1);
    timers.ring(7);
    await settled();
    expect(requests[0]?.body).toBe(String.raw`m,hostname=n,site=north\ sea value=1 1700000000001000`);
  });

  it('does not repeat a token that the server lets slip', async () => {
    const target = targetAt(1, { token: new Secret('t0ken==') });
    const { sink, timers, write, told } = startSink(() => status(500, 'token t0ken== failed'), target);
    write(1);
    timers.ring(7);
    await until('it fails', () => sink.state().state === 'failing');
    expect(sink.state().error).toBe('it answers 500: token *** failed');
    expect(JSON.stringify([sink.state(), told])).not.toContain('t0ken');
  });

  it('does not repeat a secret that the server lets slip', async () => {
    const target = targetAt(1, { username: 'bob', password: new Secret('hunter2') });
    const { sink, timers, write } = startSink(() => status(500, 'bob:hunter2 failed'), target);
    write(1);
    timers.ring(7);
    await until('it fails', () => sink.state().state === 'failing');
    expect(sink.state().error).toBe('it answers 500: bob:*** failed');
  });
});

describe('what a server says', () => {
  it('stays readable where names and passwords are short', async () => {
    const target = targetAt(1, { username: 'w', password: new Secret('s') });
    const { sink, timers, write } = startSink(() => status(500, 'the password s of w is wrong'), target);
    write(1);
    timers.ring(7);
    await until('it fails', () => sink.state().state === 'failing');
    expect(sink.state().error).toBe('it answers 500: the password *** of w is wrong');
  });
});

describe('the end of a sink', () => {
  it('sends what waits, without lingering', async () => {
    const { sink, write, requests, timers } = startSink(() => status(204));
    write(1, 2);
    await sink.close(5_000);
    expect(requests.map(values)).toEqual([[1, 2]]);
    expect(timers.delays()).toEqual([]);
    write(3);
    expect(sink.state()).toMatchObject({ sentPoints: 2, waitingPoints: 0 });
  });

  it('tries once where it fails, tells what is lost, and leaves no timer', async () => {
    const { sink, write, requests, timers, told } = startSink(() => status(500));
    write(1, 2);
    await sink.close(5_000);
    expect(requests).toHaveLength(1);
    expect(timers.delays()).toEqual([]);
    expect(told.at(-1)?.facts).toEqual({ dropped: 2 });
    expect(sink.state()).toMatchObject({ waitingPoints: 0, droppedPoints: 2 });
  });

  it('does not wait longer than it may', async () => {
    const { sink, write, timers } = startSink(never);
    write(1);
    const closed = sink.close(300);
    timers.ring(300);
    await closed;
    expect(timers.delays()).toEqual([]);
    expect(sink.state()).toMatchObject({ droppedPoints: 1 });
  });
});

it('one target in trouble is no trouble of another', async () => {
  const { log, clock } = startSink(never);
  const written: string[] = [];
  const post: Post = (target) => {
    written.push(target.host);
    return target.host === 'bad' ? Promise.reject(new Error('gone')) : Promise.resolve(status(204));
  };
  const targets = [targetAt(1, { host: 'bad' }), targetAt(2, { host: 'good' })];
  const sinks = createSinks(targets, { log, clock, post, spoolFolder: null });
  sinks.write([numbered(1)]);
  await sinks.close(1_000);
  expect(sinks.states()).toMatchObject([
    { state: 'failing', error: 'gone', droppedPoints: 1 },
    { state: 'ok', sentPoints: 1 },
  ]);
  expect(written.sort()).toEqual(['bad', 'good']);
});

it('other targets leave what waits for one that is kept', async () => {
  const { log, clock } = startSink(never);
  const post: Post = () => Promise.reject(new Error('gone'));
  const [kept, gone, come] = [1, 2, 3].map((port) => targetAt(port));
  if (kept === undefined || gone === undefined || come === undefined) throw new Error('no targets');
  const sinks = createSinks([kept, gone], { log, clock, post, spoolFolder: null });
  sinks.write([numbered(1)]);
  sinks.useTargets([come, { ...kept }], 0);
  sinks.write([numbered(2)]);
  const states = sinks.states();
  expect(states.map(({ target }) => target)).toEqual([
    'http://127.0.0.1:3#plancton',
    'http://127.0.0.1:1#plancton',
  ]);
  expect(states.map(({ waitingPoints }) => waitingPoints)).toEqual([1, 2]);
  await sinks.close(0);
});

describe('a target', () => {
  it.each([
    [{ host: '::1' }, 'http://[::1]:1#plancton'],
    [{ host: '[::1]' }, 'http://[::1]:1#plancton'],
    [{ host: 'db', path: '/influx', protocol: 'https' as const }, 'https://db:1/influx#plancton'],
    [{ username: 'u', password: new Secret('p') }, 'http://127.0.0.1:1#plancton'],
  ])('is printed without its user: %o', (more, text) => {
    expect(printableTarget(targetAt(1, more))).toBe(text);
  });

  it('has its name quoted in the one statement that needs it', () => {
    const body = new URLSearchParams(createRequest(targetAt(1, { database: 'a"\\b\n; DROP' })).body);
    expect(body.get('q')).toBe('CREATE DATABASE "a\\"\\\\b\\n; DROP"');
  });
});
