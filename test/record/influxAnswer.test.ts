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
  ])('%i %s', (status, body, verdict) => expect(judgeWrite(status, body)).toMatchObject(verdict));

  it('never repeats what the server says of the user', () => {
    for (const status of [401, 403]) {
      const verdict = judgeWrite(status, said('"bob" not authorized'));
      expect(verdict.say).toBe('denied');
      expect(JSON.stringify(verdict)).not.toContain('bob');
    }
  });
});

describe('the answer to CREATE DATABASE', () => {
  it.each([
    [200, '{"results":[{"statement_id":0}]}', null],
    [200, '{"results":[{"error":"invalid name"}]}', 'and cannot be created: it answers 200: invalid name'],
    [403, said('bob needs admin privilege'), 'and this user may not create it'],
    [500, '', 'and cannot be created: it answers 500'],
  ])('%i %s', (status, body, why) => expect(judgeCreate(status, body)).toBe(why));
});
