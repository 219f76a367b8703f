import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PilotSpec } from '../../src/model/engine.ts';
import { until } from '../support/until.ts';
import type { Contract } from './engineContract.ts';

const mebibyte = 1024 * 1024;

/** What a recipe says, read back from within the pilot or from the kernel. */
export function contractOfRecipe({ signal, harness, engine, spec }: Contract): void {
  const run = async (wanted: PilotSpec): Promise<string> => {
    const id = await engine().create(wanted, signal);
    await engine().start(id, signal);
    return id;
  };
  const insideOf = async (wanted: PilotSpec) => harness().inside(await run(wanted));

  describe('a recipe', () => {
    it('gives variables, those of the pilot before those of the kind', async () => {
      const wanted = spec({ env: { COLOUR: 'red', SHAPE: 'a = b, "ü"\nand more' } });
      const { env } = await insideOf({ ...wanted, env: { COLOUR: 'blue', EMPTY: '' } });
      expect(env).toMatchObject({ COLOUR: 'blue', SHAPE: 'a = b, "ü"\nand more', EMPTY: '' });
    });

    it.each([
      ['', 'secret'],
      ['A=B', 'secret'],
      ['TWO WORDS', 'secret'],
      ['ZERO', 'secret\0'],
    ])('refuses the variable %j without a word of its value', async (name, value) => {
      const message = await engine()
        .create({ ...spec(), env: { [name]: value } }, signal)
        .then(
          () => 'it was made',
          (error: { fault: string; message: string }) => `${error.fault}: ${error.message}`,
        );
      expect(message).toMatch(/^rejected: cannot create container/);
      expect(message).toContain(name);
      expect(message).not.toContain('secret');
    });

    it('sizes /dev/shm', async () => {
      const sized = await insideOf(spec({ shmBytes: 8 * mebibyte }));
      expect(sized.folder('/dev/shm')).toEqual({ bytes: 8 * mebibyte, inMemory: true, writable: true });
      expect((await insideOf(spec())).folder('/dev/shm').bytes).toBeGreaterThan(60 * mebibyte);
    });

    it('mounts file systems in memory, with their options', async () => {
      const tmpfs = [
        { target: '/scratch', options: 'size=16m,mode=1777' },
        { target: '/more', options: 'size=4m' },
      ];
      const inside = await insideOf(spec({ tmpfs }));
      expect(inside.folder('/scratch')).toEqual({ bytes: 16 * mebibyte, inMemory: true, writable: true });
      expect(inside.folder('/more')).toMatchObject({ bytes: 4 * mebibyte, inMemory: true });
    });

    it('limits its processes', async () => {
      const { openFiles } = await insideOf(spec({ ulimits: [{ name: 'nofile', soft: 123, hard: 456 }] }));
      expect(openFiles).toEqual({ soft: 123, hard: 456 });
    });

    it('makes the root read-only, and what is mounted there not', async () => {
      const wanted = spec({ readOnly: true, tmpfs: [{ target: '/scratch', options: 'size=1m' }] });
      const inside = await insideOf(wanted);
      expect(inside.folder('/').writable).toBe(false);
      expect(inside.folder('/scratch').writable).toBe(true);
      expect((await insideOf(spec())).folder('/').writable).toBe(true);
    });

    it('gives labels, ours before those of the kind', async () => {
      const wanted = spec({ labels: { site: 'here', colour: 'red' } }, { colour: 'blue', crew: 'recipe' });
      const id = await engine().create(wanted, signal);
      const [listed] = await engine().list({ labels: ['crew=recipe'] }, signal);
      expect(listed?.id).toBe(id);
      expect(listed?.labels).toMatchObject({ site: 'here', colour: 'blue', 'plancton-test': 'contract' });
      expect((await engine().inspect(id, signal)).labels).toMatchObject({ site: 'here', colour: 'blue' });
    });

    it('names the signal that gives notice', async () => {
      const script = "trap 'exit 9' USR1; trap 'exit 8' TERM; echo ready; while :; do sleep 0.05; done";
      const id = await run(spec({ command: ['sh', '-c', script], stopSignal: 'SIGUSR1' }));
      await until('the pilot is ready', async () => (await harness().output(id)).includes('ready'));
      await engine().stop(id, 20_000, signal);
      expect((await engine().inspect(id, signal)).exitCode).toBe(9);
    });

    it('has an init program where the engine has one, unless it says otherwise', async () => {
      const isInit = async (init: boolean | null): Promise<boolean> => {
        const { firstProcess } = await insideOf(spec({ init }));
        return firstProcess !== 'sleep' && firstProcess.includes('init');
      };
      const { hasInit } = harness();
      expect([await isInit(null), await isInit(true), await isInit(false)]).toEqual([
        hasInit,
        hasInit,
        false,
      ]);
      const warned = harness().warnings.filter((text) => /init program/.test(text));
      expect(warned).toHaveLength(hasInit ? 0 : 1);
    });

    it('may be given folders of ours, as they are and read-only', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'plancton-told-'));
      try {
        writeFileSync(join(folder, 'word'), 'told');
        const binds = [
          { source: folder, target: '/told', mode: 'ro' },
          { source: folder, target: '/tell', mode: 'rw' },
        ];
        const inside = await insideOf({ ...spec(), binds });
        expect(inside.read('/told/word')).toBe('told');
        expect(inside.folder('/told').writable).toBe(false);
        expect(inside.folder('/tell').writable).toBe(true);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it.each([
      ['so many', { count: 1, ids: [] }],
      ['these', { count: 0, ids: ['0'] }],
    ])(
      'that wants GPUs, %s, is refused in plain words where there is no GPU runtime',
      async (_what, gpus) => {
        const wanted = spec({ gpus });
        const attempt = engine()
          .create(wanted, signal)
          .then((id) => engine().start(id, signal));
        await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'rejected' });
        await expect(attempt).rejects.toThrow(/^cannot (create|start) container .*no GPU runtime/);
        const left = await engine().list({ namePrefix: wanted.name }, signal);
        expect(left.filter(({ state }) => state !== 'created')).toEqual([]);
      },
    );
  });
}
