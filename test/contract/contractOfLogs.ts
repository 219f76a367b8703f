import { describe, expect, it } from 'vitest';
import type { LogOptions } from '../../src/model/engine.ts';
import { until } from '../support/until.ts';
import type { Contract } from './engineContract.ts';

const all: LogOptions = { follow: false, tailBytes: null };
const heedful = "trap 'echo late; exit 0' TERM; echo early; echo ready; while :; do sleep 0.05; done";

/** Reading what a pilot has written. */
export function contractOfLogs({ signal, harness, engine, spec, started }: Contract): void {
  /** Reads a log until it is told to stop, or is over; gives both streams' text as it comes. */
  const reading = (id: string, options: LogOptions) => {
    const told = { stdout: '', stderr: '' };
    const stop = new AbortController();
    let isOver = false;
    const end = engine()
      .logs(
        id,
        options,
        (stream, bytes) => {
          told[stream] += Buffer.from(bytes).toString();
        },
        stop.signal,
      )
      .finally(() => {
        isOver = true;
      });
    return { told, end, isOver: () => isOver, stop: () => stop.abort() };
  };
  const read = async (id: string, options: LogOptions = all) => {
    const { told, end } = reading(id, options);
    await end;
    return told;
  };
  const untilEnded = (id: string) =>
    until('the pilot has ended', async () => (await engine().inspect(id, signal)).state === 'ended');
  const ended = async (script: string): Promise<string> => {
    const id = await started(['sh', '-c', script]);
    await untilEnded(id);
    return id;
  };
  const untilSaid = (id: string, word: string) =>
    until(`the pilot says ${word}`, async () => (await harness().output(id)).includes(word));

  describe('logs', () => {
    it('tells both streams of a pilot that has ended, apart', async () => {
      const id = await ended('echo one; echo two >&2; echo three; exit 0');
      expect(await read(id)).toEqual({ stdout: 'one\nthree\n', stderr: 'two\n' });
      expect(await read(id, { ...all, follow: true })).toEqual({ stdout: 'one\nthree\n', stderr: 'two\n' });
    });

    it('tells what a running pilot has written so far, and does not wait for more', async () => {
      const id = await started(['sh', '-c', heedful]);
      await untilSaid(id, 'ready');
      expect(await read(id)).toEqual({ stdout: 'early\nready\n', stderr: '' });
    });

    it('tells nothing of one that has written nothing, or never ran', async () => {
      const silent = await ended('exit 0');
      const never = await engine().create(spec(), signal);
      expect([await read(silent), await read(never)]).toEqual([
        { stdout: '', stderr: '' },
        { stdout: '', stderr: '' },
      ]);
    });

    it('follows a pilot to its end', async () => {
      const id = await started(['sh', '-c', heedful]);
      const { told, end, isOver } = reading(id, { ...all, follow: true });
      await until('the first words are told', () => told.stdout.includes('ready'));
      expect(isOver()).toBe(false);
      await engine().stop(id, 20_000, signal);
      await end;
      expect(told).toEqual({ stdout: 'early\nready\nlate\n', stderr: '' });
    });

    it('follows until its signal aborts, which is no error', async () => {
      const id = await started(['sh', '-c', heedful]);
      for (const tailBytes of [null, 1000]) {
        const { told, end, stop } = reading(id, { follow: true, tailBytes });
        await until('the first words are told', () => told.stdout.includes('ready'));
        stop();
        await expect(end).resolves.toBeUndefined();
      }
    });

    it.each([
      [9, 'nd\nthird\n'],
      [1000, 'first\nsecond\nthird\n'],
      [0, ''],
    ])('tells the last %i bytes', async (tailBytes, stdout) => {
      const id = await ended('echo first; echo second; echo third; exit 0');
      expect(await read(id, { follow: false, tailBytes })).toEqual({ stdout, stderr: '' });
    });

    it('tells the last bytes of a running pilot, and all that follows', async () => {
      const id = await started(['sh', '-c', heedful]);
      await untilSaid(id, 'ready');
      const { told, end } = reading(id, { follow: true, tailBytes: 7 });
      await until('the last words are told', () => told.stdout.includes('ready'));
      await engine().stop(id, 20_000, signal);
      await end;
      expect(told.stdout).toBe('\nready\nlate\n');
    });

    it('tells what was written since a time', async () => {
      const id = await started(['sh', '-c', heedful]);
      await untilSaid(id, 'ready');
      const sinceWallMs = Date.now() + 1;
      await until('that time has come', () => Date.now() > sinceWallMs);
      await engine().stop(id, 20_000, signal);
      expect((await read(id, { ...all, sinceWallMs })).stdout).toBe('late\n');
      expect((await read(id, { ...all, sinceWallMs: 0 })).stdout).toBe('early\nready\nlate\n');
    });

    it('waits for whoever is told, and goes no further when that fails', async () => {
      const id = await ended('echo first; echo second; exit 0');
      const told: string[] = [];
      const attempt = engine().logs(
        id,
        all,
        async (_stream, bytes) => {
          await Promise.resolve();
          told.push(Buffer.from(bytes).toString());
          throw new Error('no room left');
        },
        signal,
      );
      await expect(attempt).rejects.toThrow(/^no room left$/);
      expect(told).toHaveLength(1);
    });

    it('is given up when its signal has fired', async () => {
      const id = await ended('echo first; exit 0');
      const attempt = engine().logs(id, all, () => undefined, AbortSignal.abort());
      await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'aborted' });
    });

    it('takes what a terminal shows for one stream', async () => {
      const id = await harness().makeOdd('terminal', ['sh', '-c', 'echo one; echo two >&2; exit 0']);
      await untilEnded(id);
      const { stdout, stderr } = await read(id);
      expect([stdout.replaceAll('\r', ''), stderr]).toEqual(['one\ntwo\n', '']);
    });

    it('refuses where the log cannot be read', async () => {
      const id = await harness().makeOdd('unreadable', ['sh', '-c', 'echo one; exit 0']);
      await untilEnded(id);
      const attempt = engine().logs(id, all, () => undefined, signal);
      await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'rejected' });
      await expect(attempt).rejects.toThrow(/^cannot read the log of container .*log(ging)? driver/);
    });

    it('refuses one that is not there', async () => {
      const attempt = engine().logs('f'.repeat(64), all, () => undefined, signal);
      await expect(attempt).rejects.toMatchObject({ fault: 'not-found' });
    });

    it('lie in a file of this node', async () => {
      const id = await ended('echo one; exit 0');
      expect((await engine().inspect(id, signal)).logPath).toMatch(new RegExp(`^/.*${id}`));
    });
  });
}
