import { describe, expect, it } from 'vitest';
import { storyOf, type TriedEnd } from '../../src/cli/tryStory.ts';
import type { ContainerDetail } from '../../src/model/engine.ts';
import { kindOf } from '../support/kinds.ts';

const kind = kindOf({ name: 'grid', fizzleMs: 60_000, outcomes: { '75': 'no-work' }, ttlMs: 7_200_000 });
const detail: ContainerDetail = {
  id: 'c',
  name: 'plancton-try-1',
  imageId: 'i',
  labels: {},
  state: 'ended',
  pid: null,
  startedAtWallMs: 1000,
  endedAtWallMs: 91_000,
  exitCode: 0,
  outOfMemory: false,
  startError: '',
  logPath: null,
};
const tried = (changes: Partial<ContainerDetail>, more: Partial<TriedEnd> = {}): TriedEnd => ({
  detail: { ...detail, ...changes },
  said: null,
  endedBy: null,
  ...more,
});

describe('the end of a pilot that was tried', () => {
  it.each<[string, TriedEnd, string, RegExp]>([
    ['well', tried({}), 'finished', /its exit code is 0\.$/],
    ['by a signal', tried({ exitCode: 137 }), 'failed', /exit code 137 \(as after signal 9\)/],
    [
      'for want of memory',
      tried({ exitCode: 137, outOfMemory: true }),
      'failed',
      /more memory than its kind/,
    ],
    ['without work', tried({ exitCode: 75 }), 'no-work', /the kind would wait for about 60 s \(backoff\)/],
    ['at once', tried({ endedAtWallMs: 2000, exitCode: 1 }), 'failed', /the kind would wait/],
    [
      'with a word',
      tried({ exitCode: 1 }, { said: { code: 200, text: 'Success' } }),
      'finished',
      /It said: 200 Success/,
    ],
    [
      'with a word that leaves it open',
      tried({ endedAtWallMs: 2000 }, { said: { code: 100, text: 'Asked to go' } }),
      'no-work',
      /less than fizzle, 60 s, and what it said decides nothing\.$/m,
    ],
    [
      'after its time',
      tried({ exitCode: 143 }, { endedBy: 'ttl' }),
      'expired',
      /its time was over \(ttl 2\.0 h\)/,
    ],
    [
      'for its log',
      tried({ exitCode: 143 }, { endedBy: 'log' }),
      'evicted',
      /counts as evicted: it wrote too much to its log \(log_rate\)/,
    ],
  ])('%s is explained', (_how, end, outcome, text) => {
    const story = storyOf(kind, end);
    expect(story.outcome).toBe(outcome);
    expect(story.lines.join('\n')).toMatch(text);
  });

  it('by whoever tried it says nothing of it', () => {
    const { lines } = storyOf(kind, tried({}, { endedBy: 'us' }));
    expect(lines).toEqual([
      'It ran for 90 s and ended with exit code 0.',
      'It was stopped from here, which tells nothing of how it would have ended.',
    ]);
  });
});
