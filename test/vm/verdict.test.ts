import { describe, expect, it } from 'vitest';
import { followReport } from '../../scripts/vm/verdict.ts';

describe('the report of a virtual machine', () => {
  it('tells how each check went', () => {
    const verdict = followReport(['one', 'two']);
    expect(verdict.take('ok one: 3 pilots: all run (1.2 s)\r')).toEqual({
      name: 'one',
      ok: true,
      text: '3 pilots: all run (1.2 s)',
    });
    expect(verdict.take('not ok two: 1 !== 2')).toEqual({ name: 'two', ok: false, text: '1 !== 2' });
    expect(verdict.missing()).toEqual([]);
    expect(verdict.outcomes().map(({ ok }) => ok)).toEqual([true, false]);
  });

  it('names the checks that it says nothing of', () => {
    const verdict = followReport(['one', 'two', 'three']);
    verdict.take('ok two: fine');
    verdict.take('Kernel panic - not syncing: ok one: fine');
    expect(verdict.missing()).toEqual(['one', 'three']);
    expect(verdict.rest).toEqual(['Kernel panic - not syncing: ok one: fine']);
  });

  it('keeps a failure, whatever is said of the same check before or after', () => {
    for (const lines of [
      ['ok one: fine', 'not ok one: late'],
      ['not ok one: late', 'ok one: fine'],
    ]) {
      const verdict = followReport(['one']);
      for (const line of lines) verdict.take(line);
      expect(verdict.outcomes()).toEqual([{ name: 'one', ok: false, text: 'late' }]);
    }
  });

  it('takes a check that nobody expects for a failure', () => {
    const verdict = followReport(['one']);
    expect(verdict.take('ok other: fine')).toMatchObject({ ok: false });
    expect(verdict.outcomes()).toHaveLength(1);
  });
});
