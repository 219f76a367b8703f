import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineReader, eventOf } from '../../src/engine/eventStream.ts';

describe('lines of JSON', () => {
  it('come out whole wherever the chunks are cut', () => {
    const lines = [{ a: 'ünï ☂ 🐳' }, { b: [1, 2] }, { c: '' }];
    const bytes = Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\r\n')}\n\n`);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const borders = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const read: unknown[] = [];
        const reader = createLineReader((line) => read.push(line));
        borders.slice(1).forEach((border, index) => reader(bytes.subarray(borders[index], border)));
        expect(read).toEqual(lines);
      }),
    );
  });

  it('are refused when they are no JSON or have no end', () => {
    const reader = createLineReader(() => undefined);
    expect(() => reader(Buffer.from('<html>\n'))).toThrow(SyntaxError);
    expect(() => reader(Buffer.alloc(1_000_001, 'x'))).toThrow(RangeError);
  });
});

describe('an event', () => {
  const actor = { ID: 'c1', Attributes: { name: 'p', image: 'busybox', exitCode: '3', crew: 'a' } };

  it('is told in our words, its labels apart from the rest', () => {
    const line = { Type: 'container', Action: 'die', Actor: actor, timeNano: 1_700_000_000_123_456_000 };
    const event = eventOf(line);
    expect(event).toMatchObject({ what: 'die', id: 'c1', name: 'p', labels: { crew: 'a' }, exitCode: 3 });
    expect(event?.atWallMs).toBeCloseTo(1_700_000_000_123.456, 3);
  });

  it('of Podman means the same', () => {
    const Attributes = { name: 'p', containerExitCode: '9', podId: '' };
    const died = { Type: 'container', Action: 'died', Actor: { ID: 'c1', Attributes }, time: 17 };
    expect(eventOf(died)).toMatchObject({ what: 'die', exitCode: 9, labels: {}, atWallMs: 17_000 });
    expect(eventOf({ Type: 'container', Action: 'remove', Actor: actor })?.what).toBe('remove');
    expect(eventOf({ Type: 'container', Action: 'destroy', Actor: actor })?.what).toBe('remove');
    expect(eventOf({ Type: 'container', Action: 'kill', Actor: actor })).toMatchObject({
      what: 'kill',
      exitCode: null,
    });
  });

  it.each([
    [{ Type: 'image', Action: 'create', Actor: actor }],
    [{ Type: 'container', Action: 'exec_start: sh', Actor: actor }],
    [{ Type: 'container', Action: 'constructor', Actor: actor }],
    [{ Type: 'container', Action: 'start' }],
    ['text'],
    [null],
  ])('%j is none of ours', (line) => {
    expect(eventOf(line)).toBeNull();
  });
});
