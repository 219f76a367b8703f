import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLastBytes } from '../../src/engine/lastBytes.ts';
import type { LogPart } from '../../src/engine/logFrames.ts';

/** Each byte with its stream. */
const marked = (parts: Iterable<LogPart>): string[] =>
  [...parts].flatMap(({ stream, bytes }) => [...bytes].map((byte) => `${stream} ${byte}`));

describe('the last bytes', () => {
  const part = fc.record({
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    bytes: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  });

  it('are those that were given last, with their streams, in their order', () => {
    fc.assert(
      fc.property(fc.array(part), fc.nat(40), (parts, most) => {
        const last = createLastBytes(most);
        parts.forEach((it) => last.add(it));
        const all = marked(parts);
        expect(marked(last.parts())).toEqual(all.slice(Math.max(0, all.length - most)));
      }),
    );
  });

  it('are right however often the ring has gone round', () => {
    const most = 300_000;
    const last = createLastBytes(most);
    const all: LogPart[] = [];
    for (let serial = 0; serial < 40; serial += 1) {
      const it: LogPart = {
        stream: serial % 3 === 0 ? 'stderr' : 'stdout',
        bytes: Buffer.alloc(16_001, serial),
      };
      all.push(it);
      last.add(it);
      if (serial % 13 !== 12) continue;
      const bytes = Buffer.concat(all.map((part) => part.bytes)).subarray(-most);
      expect(Buffer.concat([...last.parts()].map((part) => part.bytes)).equals(bytes)).toBe(true);
    }
  });

  it('come in few pieces, however many they were given in', () => {
    const last = createLastBytes(1000);
    for (let count = 0; count < 5000; count += 1) last.add({ stream: 'stdout', bytes: Buffer.from('y\n') });
    expect([...last.parts()].length).toBeLessThanOrEqual(2);
  });
});
