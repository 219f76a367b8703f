import { describe, expect, it } from 'vitest';
import type { ContainerEvent } from '../../src/model/engine.ts';
import { until } from '../support/until.ts';
import type { Contract } from './engineContract.ts';

/** Following events; the last test loses the engine. */
export function contractOfEvents({ signal, harness, engine, spec }: Contract): void {
  /** Follows a label until `stop` is called; resolves when the engine has accepted. */
  const following = async (label: string) => {
    const seen: ContainerEvent[] = [];
    const stop = new AbortController();
    let isReady = false;
    const onReady = (): void => {
      isReady = true;
    };
    const end = engine()
      .follow(label, onReady, (event) => seen.push(event), stop.signal)
      .then(
        () => 'ended in order',
        (error: { name: string; fault: string }) => `${error.name} ${error.fault}`,
      );
    await until('the subscription is accepted', () => isReady);
    return { seen, stop: () => stop.abort(), end };
  };

  describe('follow', () => {
    it('tells the life of a pilot in its order, and of no other', async () => {
      const { seen, stop, end } = await following('crew=followed');
      const beforeMs = Date.now();
      const wanted = spec({ command: ['sh', '-c', 'exit 5'] }, { crew: 'followed' });
      const other = await engine().create(spec({}, { crew: 'unseen' }), signal);
      const id = await engine().create(wanted, signal);
      await engine().start(id, signal);
      await until('the end is told', () => seen.some(({ what }) => what === 'die'));
      await engine().remove(id, signal);
      await engine().remove(other, signal);
      await until('the removal is told', () => seen.some(({ what }) => what === 'remove'));
      stop();
      expect(await end).toBe('ended in order');
      expect(seen.map(({ what }) => what)).toEqual(['create', 'start', 'die', 'remove']);
      expect(seen.map(({ exitCode }) => exitCode)).toEqual([null, null, 5, null]);
      for (const event of seen) {
        expect(event).toMatchObject({ id, name: wanted.name, labels: wanted.labels });
        expect(event.atWallMs).toBeGreaterThanOrEqual(beforeMs - 5);
        expect(event.atWallMs).toBeLessThanOrEqual(Date.now() + 5);
      }
    });

    it('tells a pause and its end, by a label without a value', async () => {
      const { seen, stop, end } = await following('crew-paused');
      const id = await engine().create(spec({}, { 'crew-paused': 'ünï ☂ €' }), signal);
      await engine().start(id, signal);
      await engine().pause(id, signal);
      await engine().unpause(id, signal);
      await until('the thaw is told', () => seen.some(({ what }) => what === 'unpause'));
      stop();
      await end;
      expect(seen.map(({ what }) => what)).toEqual(['create', 'start', 'pause', 'unpause']);
      expect(seen[0]?.labels['crew-paused']).toBe('ünï ☂ €');
    });

    it('remembers from the first event on, or cannot tell', async () => {
      const beforeMs = Date.now();
      const id = await engine().create(spec(), signal);
      const firstMs = await engine().firstEventMs(signal);
      await engine().remove(id, signal);
      expect(firstMs ?? beforeMs).toBeLessThanOrEqual(Math.max(Date.now(), beforeMs));
    });

    it('ends at once when its signal has fired', async () => {
      const nothing = (): void => undefined;
      const end = engine().follow('x', nothing, nothing, AbortSignal.abort());
      await expect(end).resolves.toBeUndefined();
    });

    it('ends, and calls find nobody, when the engine goes away', async () => {
      const { end } = await following('crew');
      await harness().loseEngine();
      expect(await end).toMatch(/^(ended in order|EngineError unreachable)$/);
      const attempt = engine().list({}, signal);
      await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'unreachable' });
      await expect(attempt).rejects.toThrow(engine().endpoint);
    });
  });
}
