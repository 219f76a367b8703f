import { describe, expect, it } from 'vitest';
import {
  numberText,
  obstacle,
  orUnknown,
  outcomeWord,
  roundBytesText,
  sentence,
} from '../../src/page/words.ts';
import type { NodeFacts } from '../../src/page/told.ts';
import { wholeFacts } from '../support/nodeFacts.ts';

const counts = (running: number, paused = 0): Pick<NodeFacts, 'kinds'> => ({
  kinds: [
    {
      kind: 'a',
      pilots: { running, paused, ended: 0, prepared: 3, starting: 1 },
      fruitless: 0,
      backOffMs: 0,
    },
  ],
});
const slots = (limit: number): Pick<NodeFacts, 'slots'> => ({
  slots: { limit, taken: 0, unmanaged: 0, refusal: null },
});
const engine = { answering: false, product: null, version: null };

describe('a node in a sentence', () => {
  it.each([
    [{ ...counts(4), ...slots(6) }, '4 of 6 pilots run'],
    [{ ...counts(1), ...slots(6) }, '1 of 6 pilots runs'],
    [{ ...counts(1), ...slots(1) }, '1 of 1 pilot runs'],
    [{ ...counts(0), ...slots(6) }, '0 of 6 pilots run'],
    [{ ...counts(3, 2), ...slots(6) }, '5 of 6 pilots run, 2 of them paused for the owner'],
    [{ ...counts(0), ...slots(0) }, 'No pilot may run here: the limit is 0'],
    [{ ...counts(2), ...slots(6), status: 'draining' }, 'Draining: 2 pilots still run, none is started'],
    [{ ...counts(1), ...slots(6), status: 'draining' }, 'Draining: 1 pilot still runs, none is started'],
    [{ ...counts(0), ...slots(6), status: 'draining' }, 'Drained: no pilot runs, and none is started'],
    [{ ...counts(2), ...slots(6), engine }, 'The container engine does not answer; 2 pilots were last seen'],
    [{ ...counts(1), ...slots(6), engine }, 'The container engine does not answer; 1 pilot was last seen'],
    [{ ...counts(2), ...slots(6), dryRun: true }, 'Dry run: 2 of 6 pilots run'],
  ] as const)('%#: %j', (facts, text) => {
    expect(sentence(wholeFacts(facts))).toBe(text);
  });
});

it('numbers have the digits that matter', () => {
  expect([0, 0.004, 0.974, 9.996, 12.34, 123.4, 1234.5, NaN].map(numberText)).toEqual([
    '0',
    '0.00',
    '0.97',
    '10.00',
    '12.3',
    '123',
    '1235',
    '–',
  ]);
  expect([roundBytesText(40e9), roundBytesText(2.5e8), roundBytesText(0)]).toEqual([
    '40 GB',
    '250 MB',
    '0 MB',
  ]);
  expect([orUnknown(null, String), orUnknown(undefined, String), orUnknown(0, String)]).toEqual([
    'unknown',
    'unknown',
    '0',
  ]);
});

it('words of a later version are told as they are', () => {
  expect([outcomeWord('no-work'), outcomeWord('abducted')]).toEqual(['no work', 'abducted']);
  expect([obstacle(null), obstacle('limit'), obstacle('user'), obstacle('drain'), obstacle('image')]).toEqual(
    ['none', 'full', 'owner', 'off', 'trouble'],
  );
});
