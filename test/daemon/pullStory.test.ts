import { expect, it } from 'vitest';
import { PullStory } from '../../src/daemon/pullStory.ts';
import type { ActionResult } from '../../src/model/action.ts';

const pull = { do: 'pull', reference: 'pilot:1', why: 'it was never pulled' } as const;
const done: ActionResult = {
  action: pull,
  ok: true,
  fact: { of: 'pull', imageId: 'sha256:a' },
  error: '',
  fault: null,
  tookMs: 1500,
};
const failed = (error: string): ActionResult => ({ ...done, ok: false, fact: null, fault: 'failed', error });
const refused = (port: number): ActionResult =>
  failed(`cannot pull image pilot:1: 127.0.0.1:${port}->127.0.0.1:9: connection refused`);

it('warns once of a registry that does not answer, and once when it does again', () => {
  const story = new PullStory();
  expect(story.isNews(pull)).toBe(true);
  expect(story.tell(pull, refused(40_000), true)).toEqual({
    level: 'warn',
    text: 'pilots run the local image pilot:1: it cannot be pulled (127.0.0.1:40000->127.0.0.1:9: connection refused), which is tried again with growing pauses',
  });
  expect(story.isNews(pull)).toBe(false);
  expect(story.tell(pull, refused(40_001), true).level).toBe('debug');
  expect(story.tell(pull, refused(40_002), true).level).toBe('debug');
  expect(story.tell(pull, done, true)).toEqual({
    level: 'info',
    text: 'pulled image pilot:1 in 1.5 s, after 3 failures',
  });
  expect(story.isNews(pull)).toBe(true);
  expect(story.tell(pull, done, true).text).toBe('pulled image pilot:1 in 1.5 s');
  expect(story.tell(pull, refused(1), true).level).toBe('warn');
});

it('warns again of another reason, of an image that is gone, and of another image', () => {
  const story = new PullStory();
  const other = { ...pull, reference: 'pilot:2' };
  expect(story.tell(pull, failed('no such host'), true).level).toBe('warn');
  expect(story.tell(pull, failed('denied'), true).level).toBe('warn');
  expect(story.tell(pull, failed('denied'), true).level).toBe('debug');
  expect(story.tell(pull, failed('denied'), false)).toEqual({
    level: 'warn',
    text: 'denied; tried again with growing pauses',
  });
  expect(story.isNews(other)).toBe(true);
  expect(story.tell(other, failed('denied'), false).level).toBe('warn');
});

it.each([
  [40, '40 ms'],
  [999.6, '1000 ms'],
  [1234, '1.2 s'],
  [59_940, '59.9 s'],
  [83_000, '83 s'],
  [240_000, '4 min'],
])('a pull of %d ms took %s', (tookMs, text) => {
  expect(new PullStory().tell(pull, { ...done, tookMs }, true).text).toBe(`pulled image pilot:1 in ${text}`);
});
