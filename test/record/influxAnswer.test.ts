import { describe, expect, it } from 'vitest';
import { judgeCreate, judgeWrite } from '../../src/record/influxAnswer.ts';

const said = (error: string) => JSON.stringify({ error });

describe('the answer to a write', () => {
  it.each([
    [204, '', { say: 'taken' }],
    [404, said('database not found: "x"'), { say: 'no-database' }],
    [404, '<html>nginx</html>', { say: 'later', why: 'it answers 404: <html>nginx</html>' }],
    [413, said('Request Entity Too Large'), { say: 'too-large' }],
    [400, said('unable to parse'), { say: 'refused', why: 'it answers 400: unable to parse' }],
    [400, said('partial write: type conflict dropped=3'), { say: 'partly', refused: 3 }],
    [
      400,
      said("partial write: unable to parse 'a'\nunable to parse 'b' dropped=0"),
      { say: 'partly', refused: 2 },
    ],
    [400, said('partial write: who knows'), { say: 'partly', refused: 1 }],
    [429, '', { say: 'later', why: 'it answers 429' }],
    [500, 'a\nb\u001b[2J', { say: 'later', why: 'it answers 500: a\\nb\\u001b[2J' }],
  ])('%i %s', (status, body, verdict) => expect(judgeWrite({ status, body })).toMatchObject(verdict));

  it('never repeats what the server says of the user', () => {
    for (const status of [401, 403]) {
      const verdict = judgeWrite({ status, body: said('"bob" not authorized') });
      expect(verdict.say).toBe('denied');
      expect(JSON.stringify(verdict)).not.toContain('bob');
    }
  });
});

/** As the documentation of each version has them (docs.influxdata.com: v2 and v3, "Troubleshoot issues writing data"). */
describe('the answer of InfluxDB 2.x and 3.x', () => {
  const v2 = (code: string, message: string) => JSON.stringify({ code, message });
  const v3 = (...lines: number[]) =>
    JSON.stringify({
      error: 'partial write of line protocol occurred',
      data: lines.map((line) => ({
        error_message: 'invalid column type for column temp',
        line_number: line,
        original_line: 'x',
      })),
    });

  it.each([
    ['2.x: a malformed line, of which nothing is stored', 400, v2('invalid', 'unable to parse x'), 'refused'],
    ['2.x: a bucket that is not there', 404, v2('not found', 'bucket "b" not found'), 'denied'],
    [
      '2.x: a batch that is too large',
      413,
      v2('request too large', 'points batch is too large'),
      'too-large',
    ],
    ['2.x: a token that is wrong', 401, v2('unauthorized', 'unauthorized access'), 'denied'],
    ['2.x: a token for something else', 403, v2('forbidden', 'insufficient permissions'), 'denied'],
    ['2.x: too many', 429, v2('too many requests', 'rate limit'), 'later'],
    ['2.x: a server that starts', 503, v2('unavailable', 'starting'), 'later'],
    [
      '3.x Serverless: some lines, and nobody says which are stored',
      400,
      '{"code":"invalid","line":2}',
      'refused',
    ],
    [
      '3.x: all lines, where none may be stored alone',
      400,
      '{"error":"parsing failed for write_lp"}',
      'refused',
    ],
    ['a proxy that does not take what is compressed', 415, '', 'refused'],
  ])('%s', (_, status, body, say) => expect(judgeWrite({ status, body }, 'token').say).toBe(say));

  it('tells how many of a batch were refused, and why', () => {
    const conflict = 'failure writing points to database: partial write: field type conflict dropped=2';
    expect(judgeWrite({ status: 422, body: v2('unprocessable entity', conflict) })).toMatchObject({
      say: 'partly',
      refused: 2,
      why: `it answers 422: ${conflict}`,
    });
    expect(judgeWrite({ status: 400, body: v3(2, 5, 9) })).toMatchObject({
      say: 'partly',
      refused: 3,
      why: 'it answers 400: partial write of line protocol occurred: invalid column type for column temp',
    });
    expect(judgeWrite({ status: 400, body: v3() })).toMatchObject({ say: 'partly', refused: 1 });
  });

  it('hands on how long the server wants to be left alone', () => {
    expect(judgeWrite({ status: 429, body: '', retryAfterMs: 7000 })).toMatchObject({ afterMs: 7000 });
    expect(judgeWrite({ status: 503, body: '' })).toMatchObject({ afterMs: null });
  });

  it('speaks of a token where one was shown', () => {
    expect(judgeWrite({ status: 401, body: '' }, 'token')).toMatchObject({
      why: expect.stringContaining('token') as string,
    });
    expect(judgeWrite({ status: 401, body: '' })).toMatchObject({
      why: expect.stringContaining('password') as string,
    });
  });
});

describe('the answer to CREATE DATABASE', () => {
  it.each([
    [200, '{"results":[{"statement_id":0}]}', null],
    [200, '{"results":[{"error":"invalid name"}]}', 'and cannot be created: it answers 200: invalid name'],
    [403, said('bob needs admin privilege'), 'and this user may not create it'],
    [500, '', 'and cannot be created: it answers 500'],
  ])('%i %s', (status, body, why) => expect(judgeCreate({ status, body })).toBe(why));
});
