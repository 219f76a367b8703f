import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';
import { keys } from '../../src/config/schema.ts';

describe('nearest', () => {
  const names = Object.keys(keys);

  it.each([
    ['max_tll', 'max_ttl'],
    ['maxttl', 'max_ttl'],
    ['docker_img', 'docker_image'],
    ['bind', 'binds'],
    ['dockerimage', 'docker_image'],
    ['grace_klil', 'grace_kill'],
    ['Main-Sleep', 'main_sleep'],
  ])('%s is near %s', (word, expected) => {
    expect(nearest(word, names)).toBe(expected);
  });

  it.each(['rigidity', 'x', '', 'parrot_wrapper_path', 'z'.repeat(10_000)])('%s is near nothing', (word) => {
    expect(nearest(word, names)).toBeNull();
  });
});
