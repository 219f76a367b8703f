import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/model/engine.ts';
import { kindOf } from '../support/kinds.ts';
import { until } from '../support/until.ts';
import { createFakeEngine } from './engine.ts';

const signal = new AbortController().signal;

async function withPilot() {
  const engine = createFakeEngine();
  engine.addImage('busybox');
  const spec = {
    name: 'p',
    hostname: 'h',
    kind: kindOf(),
    env: {},
    binds: [],
    labels: { crew: 'a' },
    cgroupParent: null,
  };
  const id = await engine.create(spec, signal);
  return { engine, spec, id };
}

describe('the faults of the fake engine', () => {
  it('fail the next call of a verb, which then does nothing, and no other', async () => {
    const { engine, id } = await withPilot();
    engine.failNext('start', new EngineError('failed', 'as told'));
    await expect(engine.start(id, signal)).rejects.toThrow('as told');
    expect((await engine.inspect(id, signal)).state).toBe('created');
    await engine.start(id, signal);
    expect((await engine.inspect(id, signal)).state).toBe('running');
  });

  it('lose the answer of a call that did its work', async () => {
    const { engine, spec } = await withPilot();
    engine.loseReplyAfter('create');
    await expect(engine.create({ ...spec, name: 'q' }, signal)).rejects.toMatchObject({
      fault: 'unreachable',
    });
    expect(await engine.list({ namePrefix: 'q' }, signal)).toHaveLength(1);
  });

  it('hang a call until it is released or given up', async () => {
    const { engine, id } = await withPilot();
    const release = engine.hang('start');
    const controller = new AbortController();
    const givenUp = engine.start(id, controller.signal);
    const released = engine.start(id, signal);
    controller.abort();
    await expect(givenUp).rejects.toMatchObject({ fault: 'aborted' });
    expect((await engine.inspect(id, signal)).state).toBe('created');
    release();
    await released;
    expect((await engine.inspect(id, signal)).state).toBe('running');
  });

  it('take the engine away and bring it back with its containers', async () => {
    const { engine, id } = await withPilot();
    const end = engine.follow(
      'crew',
      () => undefined,
      () => undefined,
      signal,
    );
    await until('it follows', () => engine.calls.includes('follow crew'));
    engine.goDown();
    await expect(end).rejects.toMatchObject({ fault: 'unreachable' });
    await expect(engine.connect(signal)).rejects.toMatchObject({ fault: 'unreachable' });
    engine.comeUp();
    expect((await engine.inspect(id, signal)).name).toBe('p');
  });

  it('end a pilot by itself, and subscriptions in good order', async () => {
    const { engine, id } = await withPilot();
    const codes: (number | null)[] = [];
    const end = engine.follow(
      'crew=a',
      () => undefined,
      (event) => codes.push(event.exitCode),
      signal,
    );
    await engine.start(id, signal);
    engine.end('p', 4);
    expect(await engine.inspect(id, signal)).toMatchObject({ state: 'ended', exitCode: 4 });
    await until('it is told', () => codes.includes(4));
    engine.endSubscriptions();
    await expect(end).resolves.toBeUndefined();
  });
});
