import { describe, expect, it } from 'vitest';
import { whyText } from '../../src/cli/why.ts';

const answer = {
  at: '2030-01-01T00:00:00.000Z',
  now: '2 pilots of at most 4',
  more: ['cpu: the owner uses 2 CPUs of 4'],
  fewer: [],
  ladder: [],
  account: 'nothing is accounted yet',
  forecast: { sentence: 'on Mondays the owner usually takes 3 of 4 CPUs from 09:00', week: ['Monday ▁'] },
};

describe('why, for a person', () => {
  it('is a few paragraphs; one that has nothing to say is left out', () => {
    expect(whyText(answer)).toEqual([
      '2 pilots of at most 4',
      '',
      'One more:',
      '  cpu: the owner uses 2 CPUs of 4',
      '',
      'Relief:',
      '  the owner is not disturbed',
      '',
      'Account:',
      '  nothing is accounted yet',
      '  on Mondays the owner usually takes 3 of 4 CPUs from 09:00',
    ]);
  });

  it('tells what is being given back, and no forecast where nothing is learned', () => {
    const text = whyText({ ...answer, ladder: ['user: he is here'], forecast: null });
    expect(text).toContain('  user: he is here');
    expect(text.join()).not.toContain('Mondays');
  });
});
