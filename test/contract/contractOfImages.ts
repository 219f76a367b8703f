import { describe, expect, it } from 'vitest';
import type { Contract } from './engineContract.ts';

/** Finding, pulling and removing images. */
export function contractOfImages({ signal, harness, engine, spec }: Contract): void {
  describe('findImage', () => {
    it('tells the id of an image, with its tag or without', async () => {
      const id = await engine().findImage(harness().image, signal);
      expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(await engine().findImage(harness().image.replace(/:latest$/, ''), signal)).toBe(id);
    });

    it('gives null for an image that is not there', async () => {
      expect(await engine().findImage('no/such-image:1', signal)).toBeNull();
    });
  });

  describe('pull', () => {
    it('fetches an image, of which a container can then be made', async () => {
      const { pullable } = harness();
      expect(await engine().findImage(pullable, signal)).toBeNull();
      const imageId = await engine().pull(pullable, signal);
      expect(await engine().findImage(pullable, signal)).toBe(imageId);
      const id = await engine().create(spec({ image: pullable }), signal);
      expect((await engine().inspect(id, signal)).imageId).toBe(imageId);
    });

    it('refuses an image that the registry does not have', async () => {
      const attempt = engine().pull(harness().unpullable, signal);
      await expect(attempt).rejects.toMatchObject({ name: 'EngineError', fault: 'not-found' });
      await expect(attempt).rejects.toThrow(harness().unpullable);
    });
  });

  describe('imageDigest', () => {
    it('is what the registry calls the image', async () => {
      const id = await engine().pull(harness().pullable, signal);
      expect(await engine().imageDigest(id, signal)).toBe(await harness().digestOfPullable());
    });

    it('is null for an image that is not there', async () => {
      expect(await engine().imageDigest(`sha256:${'d'.repeat(64)}`, signal)).toBeNull();
    });
  });

  describe('removeImage', () => {
    it('removes an image that nothing uses or names', async () => {
      const id = await harness().supersede();
      expect(await harness().imageIds()).toContain(id);
      expect(await engine().removeImage(id, null, signal)).toBe(true);
      expect(await harness().imageIds()).not.toContain(id);
    });

    it('leaves an image that has a name', async () => {
      // No container is made of this one: its name alone has to keep it.
      const { volumeImage } = harness();
      const id = await engine().findImage(volumeImage, signal);
      expect(await engine().removeImage(id ?? '', null, signal)).toBe(false);
      expect(await engine().findImage(volumeImage, signal)).toBe(id);
    });

    it('leaves an image that a container uses', async () => {
      const id = await harness().supersede();
      const pilot = await engine().create(spec({ image: id }), signal);
      expect(await engine().removeImage(id, null, signal)).toBe(false);
      expect(await harness().imageIds()).toContain(id);
      await engine().remove(pilot, signal);
      expect(await engine().removeImage(id, null, signal)).toBe(true);
    });

    it('succeeds for one that has gone', async () => {
      expect(await engine().removeImage(`sha256:${'d'.repeat(64)}`, null, signal)).toBe(true);
    });
  });
}
