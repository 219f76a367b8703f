import { describe, expect, it } from 'vitest';
import type { Contract } from './engineContract.ts';

/** Connecting, creating, listing, inspecting. */
export function contractOfCreation({ signal, harness, engine, spec }: Contract): void {
  describe('connect', () => {
    it('tells who answers', async () => {
      const info = await engine().connect(signal);
      expect(info).toMatchObject({ product: harness().product, apiVersion: '1.41', local: true });
      expect(info.cpuCount).toBeGreaterThan(0);
      expect(info.memoryBytes).toBeGreaterThan(0);
      expect(info.version).toMatch(/^\d/);
      expect(info.dataFolder).toMatch(/^\//);
    });

    it('is given up when its signal has fired', async () => {
      await expect(engine().connect(AbortSignal.abort())).rejects.toMatchObject({
        name: 'EngineError',
        fault: 'aborted',
      });
    });
  });

  describe('create', () => {
    it('makes a container without starting it', async () => {
      const wanted = spec({ command: ['sleep', '5'], user: '12:34' }, { colour: 'blue' });
      const id = await engine().create(wanted, signal);
      expect(await harness().look(id)).toMatchObject({
        name: wanted.name,
        hostname: wanted.hostname,
        user: '12:34',
        command: ['sleep', '5'],
        state: expect.stringMatching(/^(created|configured)$/) as string,
        labels: { 'plancton-test': 'contract', colour: 'blue' },
      });
    });

    it('gives it its limits, binds, devices and capabilities', async () => {
      const wanted = spec({
        cpus: 0.25,
        memoryBytes: 48 * 1024 * 1024,
        swapBytes: 16 * 1024 * 1024,
        binds: [{ source: '/proc/sys', target: '/host', mode: 'ro' }],
        devices: [{ source: '/dev/zero', target: '/dev/nought', permissions: 'r' }],
        capabilitiesAdded: ['SYS_NICE'],
        capabilitiesDropped: ['MKNOD'],
      });
      const seen = await harness().look(await engine().create(wanted, signal));
      expect(seen).toMatchObject({
        cpuQuotaUs: 25_000,
        cpuPeriodUs: 100_000,
        memoryBytes: 48 * 1024 * 1024,
        memoryAndSwapBytes: 64 * 1024 * 1024,
        privileged: false,
      });
      expect(seen?.binds[0]).toMatch(/^\/proc\/sys:\/host:(?:.*,)?ro/);
      expect(seen?.devices).toEqual(['/dev/zero:/dev/nought']);
      expect(seen?.capabilitiesAdded).toContain('SYS_NICE');
      expect(seen?.capabilitiesDropped).toContain('MKNOD');
    });

    it('holds a running pilot to its limits in the kernel', async () => {
      const id = await engine().create(spec({ pidsLimit: 77 }), signal);
      await engine().start(id, signal);
      expect(await harness().enforced(id)).toEqual({
        memoryBytes: 64 * 1024 * 1024,
        cpuQuotaUs: 50_000,
        pidsLimit: 77,
        oomScoreAdj: 1000,
        frozen: false,
      });
    });

    it('bounds its log', async () => {
      const seen = await harness().look(await engine().create(spec(), signal));
      expect(seen?.mostLogBytes).toBeGreaterThan(0);
      expect(seen?.mostLogBytes).toBeLessThanOrEqual(20_000_000);
    });

    it('puts it below its parent cgroup', async () => {
      const id = await engine().create({ ...spec(), cgroupParent: '/plancton-contract' }, signal);
      expect((await harness().look(id))?.cgroupParent).toBe('/plancton-contract');
    });

    it('refuses an image that is not there', async () => {
      const wanted = spec({ image: 'no/such-image:1' });
      const attempt = engine().create(wanted, signal);
      await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'not-found' });
      await expect(attempt).rejects.toThrow(/such-image/);
      expect(await engine().list({ namePrefix: wanted.name }, signal)).toEqual([]);
    });

    it('refuses a name that is taken', async () => {
      const wanted = spec();
      await engine().create(wanted, signal);
      const attempt = engine().create(wanted, signal);
      await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'conflict' });
      await expect(attempt).rejects.toThrow(wanted.name);
    });
  });

  describe('list', () => {
    it('finds by label, by value, and by both of two', async () => {
      const first = await engine().create(spec({}, { crew: 'a', deck: '1' }), signal);
      const second = await engine().create(spec({}, { crew: 'b', deck: '1' }), signal);
      const idsWith = async (...labels: string[]): Promise<string[]> =>
        (await engine().list({ labels }, signal)).map(({ id }) => id).sort();
      expect(await idsWith('crew')).toEqual([first, second].sort());
      expect(await idsWith('crew=b')).toEqual([second]);
      expect(await idsWith('crew=a', 'deck=1')).toEqual([first]);
      expect(await idsWith('crew=a', 'deck=2')).toEqual([]);
    });

    it('finds by the beginning of a name, taken literally', async () => {
      const named = { ...spec(), name: 'prefix.one' };
      const other = { ...spec(), name: 'prefixXtwo' };
      const inner = { ...spec(), name: 'a-prefix.one' };
      const id = await engine().create(named, signal);
      await engine().create(other, signal);
      await engine().create(inner, signal);
      const found = await engine().list({ namePrefix: 'prefix.' }, signal);
      expect(found.map((container) => container.id)).toEqual([id]);
    });

    it('tells name, image, labels and state', async () => {
      const wanted = spec({}, { crew: 'told' });
      const id = await engine().create(wanted, signal);
      await engine().start(id, signal);
      const imageId = await engine().findImage(harness().image, signal);
      const [told] = await engine().list({ labels: ['crew=told'] }, signal);
      expect(told).toMatchObject({ id, name: wanted.name, imageId, state: 'running' });
      expect(told?.labels).toMatchObject({ crew: 'told', 'plancton-test': 'contract' });
    });
  });

  describe('inspect', () => {
    it('tells of a container that has not started', async () => {
      const wanted = spec();
      const id = await engine().create(wanted, signal);
      expect(await engine().inspect(id, signal)).toMatchObject({
        id,
        name: wanted.name,
        state: 'created',
        pid: null,
        startedAtWallMs: null,
        endedAtWallMs: null,
        exitCode: null,
        startError: '',
      });
    });

    it('refuses a container that is not there', async () => {
      const attempt = engine().inspect('f'.repeat(64), signal);
      await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'not-found' });
    });

    it('takes no name for a path to something else', async () => {
      for (const id of ['../images/json?x=#', `../volumes/prune?x=`]) {
        await expect(engine().inspect(id, signal)).rejects.toMatchObject({ name: 'EngineError' });
        await expect(engine().start(id, signal)).rejects.toMatchObject({ name: 'EngineError' });
      }
    });
  });
}
