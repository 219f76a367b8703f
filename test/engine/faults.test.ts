import { describe, expect, it } from 'vitest';
import { answered, engineErrorOf, oneLine } from '../../src/engine/faults.ts';
import { EngineError } from '../../src/model/engine.ts';

const asked = { what: 'list containers', endpoint: 'unix:///run/d.sock' };

describe('an error of the engine', () => {
  it.each([
    ['ENOENT', 'unreachable', 'no engine answers at unix:///run/d.sock: there is no such socket'],
    ['ECONNREFUSED', 'unreachable', 'nothing listens there'],
    ['ECONNRESET', 'unreachable', 'it closed the connection'],
    ['EPIPE', 'unreachable', 'it closed the connection'],
    ['EHOSTUNREACH', 'unreachable', 'there is no way to that host'],
    ['EACCES', 'denied', 'or run as root'],
    ['EPERM', 'denied', 'may not open unix:///run/d.sock'],
  ])('of code %s is %s', (code, fault, words) => {
    const thrown = Object.assign(new Error(`connect ${code}`), { code });
    const error = engineErrorOf(thrown, asked);
    expect(error.fault).toBe(fault);
    expect(error.message).toMatch(/^cannot list containers: /);
    expect(error.message).toContain(words);
    expect(error.cause).toBe(thrown);
  });

  it('goes through as it is when it is one already, and is unreachable when nothing is known of it', () => {
    const own = new EngineError('conflict', 'x');
    expect(engineErrorOf(own, asked)).toBe(own);
    expect(engineErrorOf('strange', asked)).toMatchObject({ fault: 'unreachable' });
  });

  it.each([
    [301, 'rejected'],
    [400, 'rejected'],
    [401, 'denied'],
    [403, 'denied'],
    [404, 'not-found'],
    [409, 'conflict'],
    [422, 'rejected'],
    [500, 'failed'],
    [503, 'failed'],
  ])('of status %i is %s', (status, fault) => {
    expect(answered(status, 'why', asked)).toMatchObject({ fault, statusCode: status });
  });

  it('says one line, of a sane length', () => {
    const { message } = answered(500, `a\n\tb\u001b[31m\u0000${'x'.repeat(9000)}`, asked);
    expect(message).toMatch(/^cannot list containers: the engine answered 500: a b \[31m xxx/);
    expect(message.length).toBeLessThan(500);
    expect(oneLine('  a \r\n b ')).toBe('a b');
  });
});
