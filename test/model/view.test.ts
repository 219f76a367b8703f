import { expect, it } from 'vitest';
import { imageOf, unseenImage } from '../../src/model/view.ts';

it('an image that nobody has looked for is not known to be missing', () => {
  const seen = { ...unseenImage('pilot:1'), id: 'sha256:a', checked: true };
  expect(imageOf({ images: [seen] }, 'pilot:1')).toBe(seen);
  expect(imageOf({ images: [seen] }, 'pilot:2')).toMatchObject({
    reference: 'pilot:2',
    id: null,
    checked: false,
  });
});
