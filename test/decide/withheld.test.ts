import { describe, expect, it } from 'vitest';
import { withheldTexts } from '../../src/decide/withheld.ts';
import type { Action } from '../../src/model/action.ts';

const why = { rule: 'user', text: 'somebody is there' } as const;
const target = { id: 'i', name: 'n' };

describe('what a dry run would do', () => {
  it.each<[readonly Action[], string[]]>([
    [[], []],
    [
      [
        { do: 'start', kind: 'default', name: 'a', why: 'growth' },
        { do: 'start', kind: 'default', name: 'b', why: 'growth' },
      ],
      ['would start 2 pilots: growth'],
    ],
    [
      [
        { do: 'pause', ...target, why },
        { do: 'shrink', ...target, cpus: 0.5, why },
        { do: 'shrink', ...target, cpus: null, why },
      ],
      [
        'would pause 1 pilot: somebody is there',
        'would cut the CPUs of 1 pilot: somebody is there',
        'would give all CPUs back to 1 pilot: somebody is there',
      ],
    ],
    [
      [
        { do: 'stop', ...target, outcome: 'evicted', graceMs: 1, why },
        { do: 'stop', ...target, outcome: 'expired', graceMs: 1, why },
        { do: 'reap', ...target, outcome: 'finished' },
      ],
      [
        'would evict 1 pilot: somebody is there',
        'would end 1 pilot: somebody is there',
        'would remove 1 pilot',
      ],
    ],
    [
      [
        { do: 'pull', reference: 'r', why: 'it is not there' },
        { do: 'remove-image', imageId: 'i', reference: 'r' },
      ],
      ['would pull the image: it is not there', 'would remove a superseded image'],
    ],
  ])('is told by sort: %j', (actions, texts) => {
    expect(withheldTexts(actions)).toEqual(texts);
  });
});
