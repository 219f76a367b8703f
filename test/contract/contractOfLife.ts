import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { type Contract, heedful, heedless } from './engineContract.ts';

const unknownId = 'e'.repeat(64);

/** Starting, stopping, killing, pausing, removing. */
export function contractOfLife({ signal, harness, engine, spec, started }: Contract): void {
  const stateOf = async (id: string) => (await engine().inspect(id, signal)).state;
  const seenState = async (id: string) => (await harness().look(id))?.state;
  const untilReady = async (id: string) =>
    until('the pilot is ready', async () => (await harness().output(id)).includes('ready'));
  const untilEnded = async (id: string) =>
    until('the pilot has ended', async () => (await stateOf(id)) === 'ended');

  describe('start', () => {
    it('runs the pilot, and tells its process and when', async () => {
      const beforeMs = Date.now();
      const id = await started(['sleep', '600']);
      const detail = await engine().inspect(id, signal);
      expect(detail).toMatchObject({ state: 'running', exitCode: null, endedAtWallMs: null });
      expect(detail.pid).toBeGreaterThan(1);
      expect(detail.startedAtWallMs).toBeGreaterThanOrEqual(beforeMs - 5);
      expect(await seenState(id)).toBe('running');
    });

    it('does nothing to one that runs', async () => {
      const id = await started(['sleep', '600']);
      const { pid } = await engine().inspect(id, signal);
      await engine().start(id, signal);
      expect((await engine().inspect(id, signal)).pid).toBe(pid);
    });

    it('tells the end of a pilot that ends by itself', async () => {
      const id = await started(['sh', '-c', 'exit 3']);
      await untilEnded(id);
      const detail = await engine().inspect(id, signal);
      expect(detail).toMatchObject({ exitCode: 3, pid: null, outOfMemory: false });
      expect(detail.endedAtWallMs).toBeGreaterThanOrEqual(detail.startedAtWallMs ?? Number.NaN);
    });

    it('tells of a command that is not there, by itself or through the init program', async () => {
      const id = await engine().create(spec({ command: ['/no/such/program'] }), signal);
      const fault = await engine()
        .start(id, signal)
        .then(
          () => 'none',
          (error: { fault: string }) => error.fault,
        );
      expect(fault).toBe(harness().product === 'podman' ? 'failed' : 'none');
      await until('it is not running', async () => (await stateOf(id)) !== 'running');
      const { state, exitCode, pid } = await engine().inspect(id, signal);
      expect(pid).toBeNull();
      expect([state, exitCode]).toEqual(fault === 'none' ? ['ended', 127] : ['created', null]);
    });

    it('refuses a device that is not there, and the pilot has never run', async () => {
      const device = { source: '/dev/no-such-thing', target: '/dev/thing', permissions: 'r' };
      const wanted = spec({ devices: [device] });
      const attempt = engine()
        .create(wanted, signal)
        .then((id) => engine().start(id, signal));
      await expect(attempt).rejects.toMatchObject({ name: 'EngineError' });
      await expect(attempt).rejects.toThrow(/no-such-thing/);
      const left = await engine().list({ namePrefix: wanted.name }, signal);
      expect(left.map(({ state }) => state).filter((state) => state !== 'created')).toEqual([]);
    });

    it('refuses one that is not there', async () => {
      await expect(engine().start(unknownId, signal)).rejects.toMatchObject({ fault: 'not-found' });
    });
  });

  describe('stop', () => {
    it('gives notice, and waits for the end', async () => {
      const id = await started(heedful);
      await untilReady(id);
      await engine().stop(id, 20_000, signal);
      expect(await engine().inspect(id, signal)).toMatchObject({ state: 'ended', exitCode: 7 });
      expect(await seenState(id)).toBe('exited');
    });

    it('kills after the grace, not before', async () => {
      const id = await started(heedless);
      await untilReady(id);
      const askedAtWallMs = Date.now();
      await engine().stop(id, 1000, signal);
      const detail = await engine().inspect(id, signal);
      expect(detail).toMatchObject({ state: 'ended', exitCode: 137 });
      expect(detail.endedAtWallMs).toBeGreaterThanOrEqual(askedAtWallMs + 900);
    });

    it('thaws a paused pilot and gives it notice', async () => {
      const id = await started(heedful);
      await untilReady(id);
      await engine().pause(id, signal);
      await engine().stop(id, 20_000, signal);
      expect(await engine().inspect(id, signal)).toMatchObject({ state: 'ended', exitCode: 7 });
    });

    it('does nothing to one that has ended or never started', async () => {
      const id = await started(['sh', '-c', 'exit 0']);
      await untilEnded(id);
      await engine().stop(id, 1000, signal);
      const never = await engine().create(spec(), signal);
      await engine().stop(never, 1000, signal);
      expect([await stateOf(id), await stateOf(never)]).toEqual(['ended', 'created']);
    });

    it('refuses one that is not there', async () => {
      await expect(engine().stop(unknownId, 0, signal)).rejects.toMatchObject({ fault: 'not-found' });
    });
  });

  describe('kill', () => {
    it('ends a pilot at once, also a paused one', async () => {
      for (const pause of [false, true]) {
        const id = await started(heedless);
        await untilReady(id);
        await (pause ? engine().pause(id, signal) : undefined);
        await engine().kill(id, signal);
        await untilEnded(id);
        expect((await engine().inspect(id, signal)).exitCode).toBe(137);
        expect(await seenState(id)).toBe('exited');
      }
    });

    it('does nothing to one that has ended or never started', async () => {
      const id = await started(['sh', '-c', 'exit 0']);
      await untilEnded(id);
      await engine().kill(id, signal);
      const never = await engine().create(spec(), signal);
      await engine().kill(never, signal);
      expect([await stateOf(id), await stateOf(never)]).toEqual(['ended', 'created']);
    });

    it('refuses one that is not there', async () => {
      await expect(engine().kill(unknownId, signal)).rejects.toMatchObject({ fault: 'not-found' });
    });
  });

  describe('pause and unpause', () => {
    it('freeze and thaw the pilot, however often they are called', async () => {
      const id = await started(['sleep', '600']);
      for (const times of [1, 2]) {
        await engine().pause(id, signal);
        expect([times, await stateOf(id), await seenState(id)]).toEqual([times, 'paused', 'paused']);
        expect((await harness().enforced(id)).frozen).toBe(true);
      }
      for (const times of [1, 2]) {
        await engine().unpause(id, signal);
        expect([times, await stateOf(id), await seenState(id)]).toEqual([times, 'running', 'running']);
        expect((await harness().enforced(id)).frozen).toBe(false);
      }
    });

    it('refuse a pilot that has ended', async () => {
      const id = await started(['sh', '-c', 'exit 0']);
      await untilEnded(id);
      await expect(engine().pause(id, signal)).rejects.toMatchObject({ name: 'EngineError' });
      await expect(engine().unpause(id, signal)).rejects.toMatchObject({ name: 'EngineError' });
    });
  });

  describe('throttle', () => {
    const limitOf = async (id: string) => (await harness().enforced(id)).cpuQuotaUs;

    it('changes what a running pilot may use, and nothing else', async () => {
      const id = await started(['sleep', '600']);
      const before = await harness().enforced(id);
      for (const [cpus, quotaUs] of [
        [0.2, 20_000],
        [1.5, 150_000],
        [0.0001, 1000],
      ] as const) {
        await engine().throttle(id, cpus, signal);
        expect(await harness().enforced(id)).toEqual({ ...before, cpuQuotaUs: quotaUs });
      }
      expect(await stateOf(id)).toBe('running');
    });

    it('reaches a paused pilot, and leaves it paused', async () => {
      const id = await started(['sleep', '600']);
      await engine().pause(id, signal);
      await engine().throttle(id, 0.1, signal);
      expect([await limitOf(id), await stateOf(id)]).toEqual([10_000, 'paused']);
      await engine().unpause(id, signal);
      expect([await limitOf(id), await stateOf(id)]).toEqual([10_000, 'running']);
    });

    it('does nothing to one that has ended', async () => {
      const id = await started(['sh', '-c', 'exit 0']);
      await untilEnded(id);
      await engine().throttle(id, 0.1, signal);
      expect(await stateOf(id)).toBe('ended');
    });

    it('refuses one that is not there', async () => {
      const attempt = engine().throttle(unknownId, 1, signal);
      await expect(attempt).rejects.toMatchObject({ fault: 'not-found' });
    });
  });

  describe('remove', () => {
    it('takes a running pilot away with its anonymous volume', async () => {
      const before = await harness().volumes();
      const id = await engine().create(spec({ image: harness().volumeImage }), signal);
      await engine().start(id, signal);
      expect(await harness().volumes()).toHaveLength(before.length + 1);
      await engine().remove(id, signal);
      expect(await harness().look(id)).toBeNull();
      expect(await harness().volumes()).toEqual(before);
    });

    it('takes a paused, an ended and a never started pilot away', async () => {
      const paused = await started(['sleep', '600']);
      await engine().pause(paused, signal);
      const ended = await started(['sh', '-c', 'exit 0']);
      await untilEnded(ended);
      const never = await engine().create(spec(), signal);
      for (const id of [paused, ended, never]) {
        await engine().remove(id, signal);
        expect(await harness().look(id)).toBeNull();
      }
    });

    it('succeeds for one that has gone, and for two at once', async () => {
      const id = await started(['sleep', '600']);
      await Promise.all([engine().remove(id, signal), engine().remove(id, signal)]);
      expect(await harness().look(id)).toBeNull();
      await engine().remove(id, signal);
      await engine().remove(unknownId, signal);
    });
  });
}
