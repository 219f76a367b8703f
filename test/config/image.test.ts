import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/config/load.ts';
import { parseReference } from '../../src/model/reference.ts';

/** What is wrong with a name of an image by itself; empty for nothing. */
function faultOf(image: string): string {
  const result = parseSettings(`docker_image: ${JSON.stringify(image)}`);
  return result.ok ? '' : result.problems.map(({ message }) => message).join();
}

function isTakenApart(image: string): boolean {
  try {
    parseReference(image);
    return true;
  } catch {
    return false;
  }
}

describe('the name of an image', () => {
  it.each([
    ['-foo/bar', /found "-foo\/bar"$/],
    ['foo-/bar', /found "foo-\/bar"$/],
    ['a..b/foo', /found "a\.\.b\/foo"$/],
    ['host:99999/foo', /: 65535 is the highest port$/],
    [`foo@sha256:${'a'.repeat(32)}`, /: a digest is sha256: and 64 digits of 0-9 and a-f$/],
    ['a'.repeat(64), /: 64 hexadecimal digits are an id, and no name$/],
    ['busyBox', /: a repository is written in small letters$/],
  ])('%s is refused', (image, why) => {
    expect(faultOf(image)).toMatch(why);
  });

  const piece = fc.constantFrom(
    'a',
    'b-c',
    'A',
    '-',
    '.',
    '..',
    '/',
    ':',
    '@',
    '_',
    '5000',
    '99999',
    '[::1]',
  );
  const long = fc.constantFrom('sha256:', 'f'.repeat(32), 'f'.repeat(64), 'localhost', 'x.org');

  it('is taken where the engine’s side can take it apart, and nowhere else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, long), { minLength: 1, maxLength: 7 }).map((parts) => parts.join('')),
        (image) => {
          expect(faultOf(image) === '').toBe(isTakenApart(image));
        },
      ),
    );
  });
});
