import { describe, expect, it } from 'vitest';
import { cpuTicksOf, readProcessUse, sizeOf } from '../../bench/processUse.ts';

describe('what a process takes', () => {
  it('is read from the fields behind a command that may hold anything', () => {
    const stat = '42 (a ) (b 1 2) S 1 42 42 0 -1 4194560 100 0 3 0 17 5 90 80 20 0 7 0 1000 0 0';
    expect(cpuTicksOf(stat)).toBe(22);
  });

  it('is refused where the file is none', () => {
    expect(() => cpuTicksOf('42 (node) S 1')).toThrow(RangeError);
  });

  it('counts kB as 1024 bytes, of the line asked for only', () => {
    expect(sizeOf('Pss_Anon:  9 kB\nPss:   12 kB\n', 'Pss')).toBe(12_288);
    expect(() => sizeOf('VmRSS: many\n', 'VmRSS')).toThrow('VmRSS');
  });

  it('is read of a process that runs', () => {
    const before = readProcessUse(process.pid);
    expect(before.residentBytes).toBeGreaterThan(before.anonymousBytes);
    expect(before.anonymousBytes).toBeGreaterThan(1e6);
    const until = before.cpuMs + 30;
    while (readProcessUse(process.pid).cpuMs < until);
    expect(readProcessUse(process.pid).cpuMs).toBeGreaterThanOrEqual(until);
  });
});
