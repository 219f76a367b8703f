import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoTime } from '../../src/model/isoTime.ts';

it('is what Node writes', () => {
  const instant = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(9999, 11, 31) });
  fc.assert(
    fc.property(instant, (wallMs) => {
      expect(isoTime(wallMs)).toBe(new Date(wallMs).toISOString());
    }),
  );
});
