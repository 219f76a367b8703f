import { describe, expect, it } from 'vitest';
import { ulimitsOf } from '../../src/engine/nodeTraits.ts';

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             96365                96365                processes
Max open files            1024                 20000                files
`;
const confined = 'Name:\tnode\nCapBnd:\t000001fffeffffff\n';
const free = 'Name:\tnode\nCapBnd:\t000001ffffffffff\n';

describe('the limits that Podman is told', () => {
  it("are this node's hard ones where nobody may raise them", () => {
    expect(ulimitsOf({ limits, status: confined, pidMax: '32768\n' })).toEqual([
      { Name: 'nofile', Soft: 20_000, Hard: 20_000 },
      { Name: 'nproc', Soft: 32_768, Hard: 32_768 },
    ]);
  });

  it('are none where they may be raised, or nothing can be read', () => {
    expect(ulimitsOf({ limits, status: free, pidMax: '32768' })).toEqual([]);
    expect(ulimitsOf({ limits, status: '', pidMax: '' })).toEqual([]);
    expect(ulimitsOf({ limits: '', status: confined, pidMax: '' })).toEqual([]);
  });
});
